import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Command } from '../../src/model/command.js'
import { type ErrorCode, errors, HaalError } from '../../src/model/errors.js'
import { type Manner, reporter } from '../../src/ui/reporter.js'

const quietly: Manner = {
  json: false,
  quiet: false,
  verbose: false,
  colours: { out: false, err: false },
  width: Number.POSITIVE_INFINITY,
  annotate: false,
  here: '/home/ann/work/',
  secrets: new Set(),
  nonce: 'n0nce',
}

/** A reporter and what it has said. */
async function spoken(manner: Partial<Manner> = {}) {
  const said = { out: '', err: '' }
  const into = (which: 'out' | 'err') => (text: string) => {
    said[which] += text
  }
  const streams = { out: into('out'), err: into('err') }
  return { said, ui: await reporter(streams, { ...quietly, ...manner }) }
}

const listing: Pick<Command<{ names: string[] }>, 'name' | 'show'> = {
  name: 'list',
  show: ({ names }, paint) => names.map((name) => `${paint.good('+')} ${paint.dim(name)}`),
}

const hostile = '\u001b[2J\u001b]0;x\u0007\u009b31m\u202e\n::error::forged ##[error]y'

describe('everything printed is escaped once, in one place', () => {
  test('[S10] T01: a hostile description is shown written out', async () => {
    const { ui, said } = await spoken()
    ui.answer(listing, { names: [hostile] }, {})
    expect(said.out).toBe('+ \\x1b[2J\\x1b]0;x\\x07\\x9b31m\\u{202e}\\n::error::forged #\\#[error]y\n')
  })

  test('[S10] a line that starts as a CI command is defused, also behind a colour', async () => {
    const { ui, said } = await spoken({ colours: { out: true, err: true } })
    ui.answer({ name: 'x', show: (_, paint) => ['::error::x', paint.good('::add-mask::y')] }, {}, {})
    expect(said.out).toBe('\\::error::x\n\u001b[32m\\::add-mask::y\u001b[39m\n')
  })

  test('[S10] whatever a registry says, the terminal gets no control byte but haal’s own colours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }),
        fc.boolean(),
        async (names, colours) => {
          const { ui, said } = await spoken({ colours: { out: colours, err: colours } })
          ui.answer(listing, { names }, {})
          ui.emit({ type: 'warning', note: { code: 'W_X', message: names.join() } })
          ui.failed('list', new HaalError('E_BUG', names.join(), { hint: names[0] }), 1)
          const own = /\u001b\[(1|2|22|31|32|33|39)m/g
          expect((said.out + said.err).replace(own, '')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
          expect(said.out.split('\n')).toHaveLength(names.length + 1)
        },
      ),
    )
  })

  test('[S10] text cannot colour itself by guessing at marks', async () => {
    const { ui, said } = await spoken({ colours: { out: true, err: true } })
    ui.answer({ name: 'x', show: () => ['\u0001x<good>a\u0001x<>'] }, {}, {})
    expect(said.out).toBe('\\x01x<good>a\\x01x<>\n')
  })

  test('[S10] T05: --json is one valid document with the very same strings, on one line', async () => {
    const { ui, said } = await spoken({ json: true })
    ui.answer(listing, { names: [hostile] }, {})
    expect(JSON.parse(said.out)).toEqual({ schemaVersion: 1, command: 'list', ok: true, result: { names: [hostile] } })
    expect(said.out).toMatch(/^[^\u0000-\u001f\u007f-\u009f]*\n$/)
    expect(said.err).toBe('')
  })
})

describe('nothing but the answer goes to stdout', () => {
  test('[U2] warnings go to stderr, each once, however often they are said', async () => {
    const { ui, said } = await spoken()
    const note = { code: 'W_OLD', message: 'the cache is old' }
    ui.emit({ type: 'warning', note })
    ui.emit({ type: 'warning', note })
    ui.answer(listing, { names: ['a'], warnings: [note] } as { names: string[] }, {})
    expect(said).toEqual({ out: '+ a\n', err: 'warning: the cache is old [W_OLD]\n' })
  })

  test('[U2] what happens inside is said with --verbose alone', async () => {
    const [plain, verbose] = [await spoken(), await spoken({ verbose: true })]
    for (const { ui } of [plain, verbose]) ui.emit({ type: 'debug', message: 'git fetch' })
    expect([plain.said.err, verbose.said.err]).toEqual(['', 'git fetch\n'])
  })

  test('[U2] --quiet keeps an answer that was asked for, and leaves out what a change has to say', async () => {
    const { ui, said } = await spoken({ quiet: true })
    const outcome = { generation: 3, changes: [], warnings: [{ code: 'W_X', message: 'x' }] }
    ui.answer({ name: 'install', show: () => ['1 change'], changes: true }, outcome, {})
    expect(said).toEqual({ out: '', err: '' })
    ui.answer(listing, { names: ['a'] }, {})
    expect(said.out).toBe('+ a\n')
  })

  test('[U2] --json says failures on stdout too, and warnings inside the document', async () => {
    const { ui, said } = await spoken({ json: true })
    ui.emit({ type: 'warning', note: { code: 'W_OLD', message: 'old' } })
    ui.failed('install', new HaalError('E_POLICY_REGISTRY', 'no', { hint: 'ask', details: { size: 3n } }), 5)
    expect(JSON.parse(said.out)).toEqual({
      schemaVersion: 1,
      command: 'install',
      ok: false,
      error: { code: 'E_POLICY_REGISTRY', exit: 5, message: 'no', hint: 'ask', details: { size: '3' } },
      warnings: [{ code: 'W_OLD', message: 'old' }],
    })
    expect(said.err).toBe('')
  })

  test('[U2] a warning that the result carries is not said twice in a document', async () => {
    const { ui, said } = await spoken({ json: true })
    const note = { code: 'W_OLD', message: 'old' }
    ui.emit({ type: 'warning', note })
    ui.answer(listing, { names: [], warnings: [note] } as { names: string[] }, {})
    expect(JSON.parse(said.out)).toEqual({
      schemaVersion: 1,
      command: 'list',
      ok: true,
      result: { names: [], warnings: [note] },
    })
  })
})

describe('a failure says what was wrong, the next step and its code', () => {
  test('[U3] in this order, on stderr', async () => {
    const { ui, said } = await spoken()
    const error = new HaalError('E_FROZEN', 'haal.json and haal.lock differ', {
      hint: 'run: haal install',
      details: { lines: ['+ skill/a', '- skill/b'] },
    })
    ui.failed('install', error, 9)
    expect(said.out).toBe('')
    expect(said.err).toBe(
      'error: haal.json and haal.lock differ\n  + skill/a\n  - skill/b\n  hint: run: haal install\n  code: E_FROZEN\n',
    )
  })

  test('[U3] with --verbose the stack and what caused it', async () => {
    const { ui, said } = await spoken({ verbose: true })
    ui.failed('list', new HaalError('E_BUG', 'x', { cause: new TypeError('inner') }), 1)
    expect(said.err).toContain('at ')
    expect(said.err).toContain('caused by TypeError: inner')
  })

  test.each(Object.keys(errors) as ErrorCode[])('[U3] %s can be told from every other by a program', async (code) => {
    const { ui, said } = await spoken({ json: true })
    const error = new HaalError(code, 'message', { hint: 'hint' })
    ui.failed('install', error, error.exit)
    expect(JSON.parse(said.out).error).toEqual({
      code,
      exit: errors[code][0],
      message: 'message',
      hint: 'hint',
      details: {},
    })
  })

  test.each<[ErrorCode, string]>([
    ['E_CONFIG', 'haal doctor'],
    ['E_CONFIG_PARSE', 'haal doctor'],
    ['E_LOCK_PARSE', 'delete it and run: haal install'],
    ['E_INTEGRITY', '--refresh'],
    ['E_POLICY_LOAD', 'ask who keeps it'],
    ['E_POLICY_SCHEMA', 'ask who keeps it'],
    ['E_ARCHIVE_TRUNCATED', 'for its author to mend'],
    ['E_ENTRY_TYPE', 'for its author to mend'],
  ])('[U3] %s has a next step where whoever fails knows none', (code, hint) => {
    expect(new HaalError(code, 'message').hint).toContain(hint)
    expect(new HaalError(code, 'message', { hint: 'better' }).hint).toBe('better')
  })

  test('[U3] GitHub Actions gets an annotation that the message cannot break out of', async () => {
    const { ui, said } = await spoken({ annotate: true })
    ui.failed('install', new HaalError('E_NOT_FOUND', 'no skill "a\n::set-env name=x::y" 100%', { hint: 'look' }), 3)
    const lines = said.err.trimEnd().split('\n')
    expect(lines.filter((line) => line.startsWith('::'))).toEqual([
      '::error title=haal E_NOT_FOUND::no skill "a%0A::set-env name=x::y" 100%25%0Alook',
    ])
  })
})

describe('K06: a secret is in no output', () => {
  const secret = 'canary-0123456789'

  test.each<[string, Partial<Manner>]>([
    ['text', { verbose: true }],
    ['text with colours', { verbose: true, colours: { out: true, err: true } }],
    ['a document', { json: true, verbose: true }],
    ['an annotation', { annotate: true }],
  ])('%s', async (_form, manner) => {
    const { ui, said } = await spoken({ ...manner, secrets: new Set([secret]) })
    const cause = new Error(`fatal: https://u:${secret}@host`)
    ui.emit({ type: 'debug', message: `Authorization: Bearer ${secret}` })
    ui.emit({ type: 'warning', note: { code: 'W_X', message: secret } })
    ui.failed('install', new HaalError('E_ACCESS', secret, { hint: secret, details: { [secret]: secret }, cause }), 7)
    ui.answer(listing, { names: [secret] }, {})
    expect(said.out + said.err).not.toContain('canary')
    expect(said.out + said.err).toContain('***')
  })

  test('also one that became known after the start', async () => {
    const secrets = new Set<string>()
    const { ui, said } = await spoken({ secrets })
    secrets.add(secret)
    ui.answer(listing, { names: [secret] }, {})
    expect(said.out).toBe('+ ***\n')
  })
})
