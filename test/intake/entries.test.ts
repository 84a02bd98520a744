import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkEntries } from '../../src/intake/entries.js'
import type { TreeEntry } from '../../src/model/tree.js'

const file = (path: string, more: Partial<TreeEntry> = {}): TreeEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  size: 1,
  ...more,
})
const check = (...entries: TreeEntry[]) => checkEntries(entries, 'skill/a')
const files = (...paths: string[]) => check(...paths.map((path) => file(path)))

function expectCode(attempt: () => unknown, code: string) {
  expect(attempt).toThrow(expect.objectContaining({ code }))
}

describe('entries of an artifact', () => {
  test('[O9] are answered in order, with the executable bit of their owner', () => {
    expect(check(file('b', { mode: 0o711 }), file('a/x', { mode: 0o666 }), file('a/y', { mode: 0o655 }))).toEqual([
      { path: 'a/x', mode: 0o644, size: 1 },
      { path: 'a/y', mode: 0o644, size: 1 },
      { path: 'b', mode: 0o755, size: 1 },
    ])
  })

  for (const type of ['link', 'folder', 'other'] as const)
    test(`[S1] a ${type} refuses the artifact: hostile A13, A14, A16`, () =>
      expectCode(() => check(file('SKILL.md'), file('x', { type })), 'E_ENTRY_TYPE'))

  for (const mode of [0o4755, 0o2755, 0o6777])
    test(`[S1] mode ${mode.toString(8)} refuses it: hostile A18`, () =>
      expectCode(() => check(file('run', { mode })), 'E_ENTRY_MODE'))

  test('[S1] a sticky bit, no bits at all and everything for everybody become 0644 or 0755: hostile A18', () => {
    const modes = [0o1644, 0, 0o777].map((mode, i) => file(`f${i}`, { mode }))
    expect(check(...modes).map(({ mode }) => mode)).toEqual([0o644, 0o644, 0o755])
  })
})

test('[S1] [U3] a refusal says what is wrong with which path, and hides nothing that is in it', () => {
  expect(() => check(file('x', { type: 'other' }))).toThrow(
    'skill/a: x is a device, pipe, submodule or other special thing, and haal takes plain files only',
  )
  expect(() => files('a\u202eb')).toThrow('skill/a: "a\u202eb" ')
  expect(() => files('<b> x')).toThrow('skill/a: "<b> x" ')
  expect(() => files('x <b>')).toThrow('skill/a: "x <b>" ')
  expect(() => files('a', 'A')).toThrow(
    expect.objectContaining({
      message: 'skill/a: A and a are one name on some platforms',
      details: { paths: ['A', 'a'] },
    }),
  )
})

describe('[S1] a name refuses the artifact', () => {
  const rows: [path: string, code: string][] = [
    ['../evil', 'E_PATH_ESCAPE'],
    ['p\\..\\..\\evil', 'E_PATH_ESCAPE'],
    ['/tmp/evil', 'E_PATH_ABSOLUTE'],
    ['C:evil', 'E_PATH_ABSOLUTE'],
    ['.git/hooks/post-checkout', 'E_PATH_FORBIDDEN'],
    ['sub/.GIT/config', 'E_PATH_FORBIDDEN'],
    ['git~1/x', 'E_PATH_FORBIDDEN'],
    ['.g\u200cit/x', 'E_PATH_FORBIDDEN'],
    ['x\u009b31m', 'E_PATH_FORBIDDEN'],
    ['x\u0085y', 'E_PATH_FORBIDDEN'],
    ['x\u2028y', 'E_PATH_FORBIDDEN'],
    ['.git /x', 'E_PATH_FORBIDDEN'],
    ['.git::$INDEX_ALLOCATION/x', 'E_PATH_FORBIDDEN'],
    ['a\\b', 'E_PATH_FORBIDDEN'],
    ['CON', 'E_PATH_FORBIDDEN'],
    ['nul.txt', 'E_PATH_FORBIDDEN'],
    ['COM¹', 'E_PATH_FORBIDDEN'],
    ['a.', 'E_PATH_FORBIDDEN'],
    ['a /b', 'E_PATH_FORBIDDEN'],
    ['a\u0007', 'E_PATH_FORBIDDEN'],
    ['a\ufffd', 'E_PATH_FORBIDDEN'],
    ['a\ud800', 'E_PATH_FORBIDDEN'],
    ['run\u{e0041}.sh', 'E_PATH_FORBIDDEN'],
    ['gpj.\u202exe', 'E_PATH_FORBIDDEN'],
    ['.', 'E_PATH_FORBIDDEN'],
    ['', 'E_PATH_FORBIDDEN'],
    [`${'é'.repeat(51)}`, 'E_LIMIT_PATH'],
    ['x/'.repeat(32).concat('y'), 'E_LIMIT_DEPTH'],
    [`${'long-name/'.repeat(20)}y`, 'E_LIMIT_PATH'],
  ]
  for (const [path, code] of rows) test(JSON.stringify(path), () => expectCode(() => files('SKILL.md', path), code))

  test('[S2] and says which limit', () => {
    expect(() => files('x/'.repeat(32).concat('y'))).toThrow(/deeper than 32/)
    expect(() => files(`${'long-name/'.repeat(20)}y`)).toThrow(/longer than 200 bytes/)
  })

  test('that is unusual, but safe, passes', () => {
    const paths = [
      '.mcp.json',
      '.claude-plugin/plugin.json',
      'ünï/日本.md',
      '❤️.md',
      'a b.md',
      '...x',
      'git',
      '.gitignore',
      '%2e%2e/x',
    ]
    expect(files(...paths)).toHaveLength(paths.length)
  })
})

describe('[S1] twins refuse the artifact: hostile A05', () => {
  const rows: [one: string, other: string][] = [
    ['SKILL.md', 'skill.md'],
    ['Scripts/x', 'scripts/y'],
    ['a/Scripts/x', 'a/scripts/deep/y'],
    ['ä.md', 'a\u0308.md'],
    ['ﬁle', 'file'],
    ['ΣΑΣ', 'σας'],
    ['Straße', 'STRASSE'],
    ['K.md', 'k.md'],
    ['a', 'a/b'],
    ['A', 'a/b'],
    ['long name.text', 'LONGNA~1.TEX'],
    ['a/reference.md', 'a/REFERE~1.MD'],
    ['scripts and more/x', 'script~1/y'],
  ]
  for (const [one, other] of rows)
    test(`${one} and ${other}, in any order`, () => {
      expectCode(() => files(one, other), 'E_PATH_COLLISION')
      expectCode(() => files(other, 'between', one), 'E_PATH_COLLISION')
    })

  test('a short name of Windows without its long one is none', () =>
    expect(files('REFERE~1.MD', 'a/reference.md', 'refer.md', 'note~1')).toHaveLength(4))

  test('[U3] twins that look the same are spelt out', () =>
    expect(() => files('\u00e9.md', 'e\u0301.md')).toThrow('"e\\u{301}.md" and "\\u{e9}.md" are one name'))

  test('[U3] a character that cannot be seen is named', () =>
    expect(() => files('.g\u200cit')).toThrow('has a character that cannot be seen (U+200C)'))

  test('one path twice is told as such', () => expectCode(() => files('a', 'b', 'a'), 'E_ARCHIVE_DUPLICATE'))

  test('files that share a folder are none', () => expect(files('a/b/x', 'a/b/y', 'a/z', 'ab')).toHaveLength(4))
})

test('[S1] the order of a listing decides nothing', () => {
  const name = fc.constantFrom('a', 'A', 'b', 'ä', 'a\u0308', '.git', 'con', 'c/d', 'C/e', 'x', 'y/z')
  const outcome = (paths: string[]) => {
    try {
      return files(...paths).map(({ path }) => path)
    } catch (e) {
      return (e as { code: string }).code
    }
  }
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.nat(), (paths, turn) => {
      const turned = paths.map((_, i) => paths[(i + turn) % paths.length] as string)
      expect(outcome(turned)).toEqual(outcome(paths))
    }),
  )
})
