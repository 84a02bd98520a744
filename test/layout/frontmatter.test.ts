import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readHead } from '../../src/layout/frontmatter.js'
import { plainValues } from '../../src/layout/frontmatter-plain.js'

const read = (text: string) => readHead(Buffer.from(text))
const head = (yaml: string) => `---\n${yaml}\n---\nBody.\n`

describe('what a head says', () => {
  test.each<[string, string, object]>([
    ['plain keys', 'name: plan\ndescription: Does it — well', { name: 'plan', description: 'Does it — well' }],
    ['quotes', 'a: "x: y"\nb: \'# z\'', { a: 'x: y', b: '# z' }],
    [
      'numbers as they were written',
      'version: 1.0\nother: 0x1F\nyes: true',
      { version: '1.0', other: '0x1F', yes: 'true' },
    ],
    ['nothing', 'a:\nb: null\nc: ~\nd: x', { d: 'x' }],
    ['a list', 'allowed-tools: [Read, Write]', { 'allowed-tools': ['Read', 'Write'] }],
    ['a long list', 'allowed-tools:\n  - Read\n  - Bash(git:*)', { 'allowed-tools': ['Read', 'Bash(git:*)'] }],
    [
      'keys below a key',
      'metadata:\n  version: "2.0"\n  tags: [a, b]\nname: x',
      { metadata: { version: '2.0', tags: ['a', 'b'] }, name: 'x' },
    ],
    ['deep keys', 'metadata:\n  a:\n    b:\n      - c: 1', { metadata: { a: { b: [{ c: '1' }] } } }],
    ['folded text', 'description: >\n  one\n  two', { description: 'one two\n' }],
    ['a comment', '# hello\nname: x # y', { name: 'x' }],
    ['no keys', '', {}],
  ])('%s', async (_what, yaml, values) => {
    expect(await read(head(yaml))).toEqual({ values })
  })

  test.each([
    ['CRLF', '---\r\nname: plan\r\nmetadata:\r\n  a: b\r\n---\r\nBody'],
    ['a BOM', '\ufeff---\nname: plan\nmetadata:\n  a: b\n---\n'],
    ['blanks after the fences', '---  \nname: plan\nmetadata:\n  a: b\n--- \n'],
    ['no end of line at the end', '---\nname: plan\nmetadata:\n  a: b\n---'],
    ['rules in the body', '---\nname: plan\nmetadata:\n  a: b\n---\n\nText\n---\nmore\n---\n'],
  ])('%s is fine (hostile M01)', async (_what, text) => {
    expect(await read(text)).toEqual({ values: { name: 'plan', metadata: { a: 'b' } } })
  })
})

describe('what is no head is told, and never an error', () => {
  test.each([
    ['no head', '# Title\n', /does not start with ---/],
    ['an empty file', '', /does not start with ---/],
    ['a head after a blank line', '\n---\nname: x\n---\n', /does not start with ---/],
    ['a head without an end', '---\nname: x\n', /without an end/],
    ['two documents', '---\nname: a\n---\nname: b\n---\n', /two documents/],
    ['two documents with a fence each', '---\nname: a\n---\n---\nname: b\n---\n', /two documents/],
    ['two documents by an end mark', '---\nname: a\n...\nb: c\n---\n', /two documents/],
    ['text that is not YAML', head('author: @x'), /not YAML/],
    ['an open bracket', head('a: [b'), /not YAML/],
    ['a tab for a blank', head('a:\n\tb: c'), /not YAML/],
    ['a list', head('- a\n- b'), /no list of keys/],
    ['text alone', head('just words'), /no list of keys/],
    ['a key twice', head('a: 1\na: 2'), /key "a" twice/],
    ['a key twice, deeper', head('m:\n  a: 1\n  a: 2'), /key "a" twice/],
    ['a key that is a list', head('? [a]\n: b'), /no word/],
    ['a directive', head('%YAML 1.1\na: b'), /not YAML/],
  ])('%s (hostile M01)', async (_what, text, problem) => {
    expect(await read(text)).toMatchObject({ values: {}, problem: expect.stringMatching(problem) })
  })

  test.each(['js', 'javascript', 'coffee', 'toml', 'json', ' js', '-'])(
    '[S11] a fence that names a language is not run: ---%s (hostile M04)',
    async (language) => {
      const text = `---${language}\nglobalThis.ran = true; module.exports = { name: 'x' }\n---\n`
      expect(await read(text)).toMatchObject({ values: {}, problem: expect.stringContaining('only plain ---') })
      expect('ran' in globalThis).toBe(false)
    },
  )

  test.each([
    'a: !!js/function "function () { globalThis.ran = true }"',
    'a: !!js/regexp /x/',
    'a: !!js/undefined ""',
    'a: !!python/object/apply:os.system ["touch x"]',
    'a: !!binary aGVsbG8=',
    'a: !local x',
    'a: [!<tag:example.org,2000:x> y]',
  ])('[S11] a tag builds nothing: %s (hostile M05)', async (yaml) => {
    expect(await read(head(yaml))).toMatchObject({ values: {}, problem: expect.any(String) })
    expect('ran' in globalThis).toBe(false)
  })

  test('billion laughs are not expanded (hostile M07)', async () => {
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)
    const { values, problem } = await read(head(['l0: &l0 lol', ...levels].join('\n')))
    expect([values, problem]).toEqual([{}, 'has a head that uses an alias'])
  })

  test.each<[string, string, string | undefined]>([
    [
      '16 KiB of keys',
      Array.from({ length: 2500 }, (_, i) => `k${i}: ""`)
        .join('\n')
        .slice(0, 15_990),
      undefined,
    ],
    ['16 KiB of brackets', `a: ${'['.repeat(16_000)}`, 'deeper'],
    ['16 KiB of dashes', '- '.repeat(8_000), 'deeper'],
    ['16 KiB of keys in braces', `a: ${'{a: '.repeat(3000)}1${'}'.repeat(3000)}`, 'deeper'],
    ['levels without end', Array.from({ length: 170 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'deeper'],
  ])('%s end (hostile M07)', async (_what, yaml, why) => {
    const { problem } = await read(head(yaml))
    expect(problem ?? '').toContain(why ?? '')
    expect(problem === undefined).toBe(why === undefined)
  })

  test('a head longer than 16 KiB is not read (hostile M07)', async () => {
    expect(await read(head(`a: ${'x'.repeat(17_000)}`))).toMatchObject({
      problem: expect.stringContaining('longer than 16384 bytes'),
    })
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString'])(
    '[S5] [R10] the key %s is never set',
    async (key) => {
      for (const yaml of [`${key}: x`, `m:\n  ${key}:\n    polluted: true`, `{ "${key}": { "polluted": true } }`])
        expect(await read(head(yaml))).toMatchObject({ values: {}, problem: expect.stringContaining(key) })
      expect('polluted' in {}).toBe(false)
    },
  )

  test('bytes that are no UTF-8 are no reason to fail', async () => {
    expect(await readHead(Buffer.from([0x2d, 0x2d, 0x2d, 0x0a, 0xff, 0xfe, 0x0a, 0x2d, 0x2d, 0x2d]))).toMatchObject({
      values: {},
    })
  })
})

describe('the short way', () => {
  /** The same head, with a comment that sends it the long way. */
  const long = async (yaml: string) => readHead(Buffer.from(head(`# by the library\n${yaml}`)))

  const scalar = fc.oneof(
    fc.constantFrom(
      'plan',
      '1.0',
      '01',
      'true',
      'null',
      '~',
      'a: b',
      'a #b',
      '"q"',
      "'q'",
      "it's",
      '[a, b]',
      '[a,b]',
      '[ a ]',
      '[null]',
      '[1]',
      'a:',
      '-',
      '- a',
      '&a',
      '*a',
      '@a',
      '%',
      '{a}',
      '|',
      '>',
      'x  ',
      '.inf',
      '=',
      '<<',
      'é',
      'Ünï',
      '"a\\n"',
      "''",
      '""',
      'a\u00a0',
      '\u00a0a',
      '2020-01-01',
      '!x',
      '? a',
      'a, b',
      'a]',
      '日本',
    ),
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  )
  const key = fc.constantFrom('name', 'description', 'version', 'metadata', 'a-b', 'null', 'true', 'x_1', 'constructor')
  const line = fc
    .tuple(fc.constantFrom('', '', '', '  ', '    ', ' '), key, fc.constantFrom(': ', ':', ':  ', ' : '), scalar)
    .map((parts) => parts.join(''))

  test('answers what the library answers, or leaves it to the library', async () => {
    let short = 0
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        const yaml = lines.join('\n')
        const values = plainValues(yaml)
        if (values === undefined || yaml.split('\n').some((each) => each.startsWith('---'))) return
        short += 1
        expect(await long(yaml)).toEqual({ values })
      }),
      { numRuns: 4000 },
    )
    expect(short).toBeGreaterThan(100)
  })
})

test('whatever bytes there are, a head is values or a problem', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ maxLength: 200 }).map((text) => Buffer.from(head(text))),
      ),
      async (bytes) => {
        const found = await readHead(bytes)
        expect(found.problem === undefined || Object.keys(found.values).length === 0).toBe(true)
      },
    ),
  )
})
