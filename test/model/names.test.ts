import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isGits, isKebab, nameProblem, pathProblem, segmentProblem } from '../../src/model/names.js'

const odd = [
  '',
  '.',
  '..',
  'con',
  'CON.txt',
  'nul',
  'com1',
  'lpt9.md',
  '.git',
  '.GIT',
  'git~1',
  'a.',
  'a ',
  'a:b',
  'C:',
  'a\\b',
  'a\u200bb',
]
const plain = ['skills', 'SKILL.md', '.claude', 'a-b_c', 'console', 'git', '.github', 'x.tar.gz', '1']
const segment = fc.oneof(fc.constantFrom(...odd), fc.constantFrom(...plain), fc.string({ maxLength: 6 }))
const anyPath = fc.array(segment, { minLength: 1, maxLength: 40 }).map((segments) => segments.join('/'))

/** The rule said once more, without any short cut. */
function mayBe(path: string): boolean {
  const segments = path.split('/')
  return (
    !/^[/\\]|^[A-Za-z]:/.test(path) &&
    Buffer.byteLength(path) <= 200 &&
    segments.length <= 32 &&
    !path.split(/[/\\]/).includes('..') &&
    segments.every((name) => segmentProblem(name) === undefined)
  )
}

test('[S1] a path is safe exactly where each of its segments is, it is short, and it stays below its folder', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      expect(pathProblem(path) === undefined).toBe(mayBe(path))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ...['con', 'PRN', 'Aux', 'nul', 'com0', 'COM9', 'com¹', 'lpt1', 'lpt³', 'CONIN$', 'conout$'],
  ...['nul.txt', 'aux.md', 'com1.tar.gz', 'skills/con/SKILL.md', 'skills/a/Lpt1.md'],
])('[S1] %s is a device on Windows and no name anywhere (hostile S1)', (path) => {
  expect(pathProblem(path)).toEqual({ code: 'E_PATH_FORBIDDEN', why: 'is a device on Windows' })
})

test.each(['.git', '.GIT', 'git~1', '.git.', '.git ', '.gi\u200ct', '.git::$INDEX_ALLOCATION'])(
  '[S8] %j is git’s own folder somewhere (hostile G01)',
  (name) => {
    expect(isGits(name)).toBe(true)
    expect(segmentProblem(name)?.code).toBe('E_PATH_FORBIDDEN')
  },
)

test.each([0xad, 0x34f, 0x61c, 0x115f, 0x17b4, 0x200b, 0x2066, 0x3164, 0xffa0, 0xfffb, 0xe0001, 0xe0061, 0xe01f0])(
  '[S1 S9] a name with code point %i looks like another one (hostile M10)',
  (code) => {
    const name = `review${String.fromCodePoint(code)}`
    expect(pathProblem(`skills/${name}`)?.why).toMatch(/^has a character that cannot be seen/)
    expect(nameProblem(name)).toMatch(/^has a character that cannot be seen/)
  },
)

test.each(['\u845b\u{e0100}.md', '❤\ufe0f.md', 'مراجعة', 'समीक्षा'])('[S1] %s is a name as people write it', (name) => {
  expect(pathProblem(name)).toBeUndefined()
})

test.each(['.gitignore', '.github', 'git', 'x.git', 'git~a'])('[S8] %j is not git’s own folder', (name) => {
  expect(isGits(name)).toBe(false)
})

test.each(['console', 'auxiliary.md', 'null', 'com10', 'lpt', 'a.con', 'é.con', 'my con', 'my-aux/x.nul'])(
  '[S1] %s only looks like a device',
  (path) => {
    expect(pathProblem(path)).toBeUndefined()
  },
)

test.each(['constructor', 'prototype', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'CONSTRUCTOR'])(
  '[O24] [S5] %s is no name: it reaches the prototype of an object',
  (name) => {
    expect(nameProblem(name)).toBe('is a reserved word')
  },
)

test('[O24] a name starts with neither a dot nor a dash, and may hold both', () => {
  expect(nameProblem('x'.repeat(101))).toBe('is longer than 100 bytes')
  expect(nameProblem('.hidden')).toBe('starts with a dot or dash')
  expect(nameProblem('-rf')).toBe('starts with a dot or dash')
  expect(nameProblem('../x')).toBe('leads out of its folder')
  for (const name of ['review-code', 'com.acme.x', 'acme/x']) expect(nameProblem(name)).toBeUndefined()
})

test.each([
  ['review-code', true],
  ['a1', true],
  ['a-b_c', false],
  ['Review', false],
  ['a-', false],
  ['-a', false],
  ['a--b', false],
  ['a b', false],
  ['', false],
])('[O24] whether %j is kebab-case: %s', (name, expected) => {
  expect(isKebab(name)).toBe(expected)
})
