import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { HaalError } from '../../src/model/errors.js'
import type { Choice, Question } from '../../src/model/events.js'
import type { Plan } from '../../src/model/plan.js'
import { painter } from '../../src/ui/paint.js'
import { askPerson } from '../../src/ui/questions.js'

const { finish } = await painter({ colours: false, width: 80, secrets: ['canary-token'], nonce: 'n' })

/** Asks at a terminal where these keys are pressed, each after the picture before it was drawn. */
async function asked(question: Question, keys: readonly string[], signal = new AbortController().signal) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const said: string[] = []
  let screen = ''
  output.on('data', (bytes: Buffer) => {
    screen += bytes.toString()
  })
  const answer = askPerson(question, {
    input,
    output,
    signal,
    finish,
    say: (lines) => said.push(...lines),
    planLines: () => ['- skill/a'],
  })
  for (const key of keys) {
    await new Promise((done) => setImmediate(done))
    input.write(key)
  }
  return { answer: await answer, said, screen: () => screen }
}

const confirm: Question = { kind: 'confirm', plan: {} as Plan, message: 'go on?' }
const approve: Question = {
  kind: 'approve',
  artifact: 'hook/x',
  surface: ['hooks.json: PreToolUse'],
  message: 'let it?',
}

describe('a question at a terminal', () => {
  test.each<[string, Question, string[], boolean]>([
    ['yes to a plan', confirm, ['y', '\r'], true],
    ['no to a plan', confirm, ['n', '\r'], false],
    ['enter takes a plan', confirm, ['\r'], true],
    ['enter refuses what is about safety', approve, ['\r'], false],
    ['yes to what is about safety', approve, ['y', '\r'], true],
  ])('[U2] %s', async (_what, question, keys, answer) => {
    expect((await asked(question, keys)).answer).toBe(answer)
  })

  test('[U2] shows what it is about first', async () => {
    expect((await asked(confirm, ['\r'])).said).toEqual(['- skill/a'])
    expect((await asked(approve, ['\r'])).said).toEqual(['hook/x brings what can run:', '  hooks.json: PreToolUse'])
  })

  test('[U3 U2] left with Ctrl-C ends the command with E_INTERRUPTED', async () => {
    await expect(asked(confirm, ['\u0003'])).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
  })

  test('[U3 U2] ended by a signal says which', async () => {
    const stop = new AbortController()
    const answer = asked(confirm, [], stop.signal)
    setImmediate(() => stop.abort(new HaalError('E_INTERRUPTED', 'stopped by SIGTERM')))
    await expect(answer).rejects.toMatchObject({ code: 'E_INTERRUPTED', message: 'stopped by SIGTERM' })
  })
})

const choices: Choice[] = [
  { value: 'skill/review', label: 'review', group: 'skill', description: 'reviews code' },
  { value: 'skill/lint', label: 'lint', group: 'skill' },
  { value: 'tool/denied', label: 'denied', group: 'tool', disabled: 'policy denies it' },
  { value: 'tool/search', label: 'search', group: 'tool', description: 'looks things up \u001b[2J canary-token' },
  { value: 'tool/well-known', label: 'well-known', group: 'tool' },
  { value: 'tool/far_off', label: 'far_off', group: 'tool' },
]
const choose: Question = { kind: 'choose', message: 'what?', choices }
const down = '\u001b[B'

describe('several of many are chosen', () => {
  test.each<[string, string[], string[]]>([
    ['with space and enter', [' ', down, ' ', '\r'], ['skill/review', 'skill/lint']],
    ['by a search', ['s', 'e', 'a', ' ', '\r'], ['tool/search']],
    ['by words of the description', ['c', 'o', 'd', 'e', ' ', '\r'], ['skill/review']],
    ['after a search was taken back', ['x', '\u007f', ' ', '\r'], ['skill/review']],
    ['after Ctrl-U erased a search', [...'nothing', '\u0015', ' ', '\r'], ['skill/review']],
    ['after Ctrl-W erased a search', [...'nothing', '\u0017', ' ', '\r'], ['skill/review']],
    ['by two words, without the space that marks', [...'thingsup', ' ', '\r'], ['tool/search']],
    [
      'by a name, without or with its hyphen',
      [...'wellknown', ' ', '\u0015', ...'far-off', ' ', '\r'],
      ['tool/well-known', 'tool/far_off'],
    ],
    ['and unmarked again', [' ', ' ', '\r'], []],
    ['but never one that policy forbids', [down, down, ' ', '\r'], []],
    ['or nothing', ['\r'], []],
  ])('[U2] %s', async (_how, keys, answer) => {
    expect((await asked(choose, keys)).answer).toEqual(answer)
  })

  test('[S10 U2] what registries say is escaped and free of secrets', async () => {
    const { screen } = await asked(choose, ['s', 'e', 'a', '\r'])
    expect(screen()).toContain('\\x1b[2J ***')
    expect(screen()).not.toContain('canary')
  })
})
