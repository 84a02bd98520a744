import { describe, expect, test } from 'vitest'
import { checkRef, chosen, parseAdvertised, printAdvertised, tagsOf } from '../../src/transport/git/refs.js'

const id = (digit: string) => digit.repeat(40)

const refs = parseAdvertised(`${id('1')}\tHEAD
${id('1')}\trefs/heads/main
${id('2')}\trefs/heads/production
${id('2')}\trefs/heads/feature/x
${id('a')}\trefs/tags/v1.2.0
${id('3')}\trefs/tags/v1.2.0^{}
${id('4')}\trefs/tags/2.0.0
${id('5')}\trefs/heads/both
${id('6')}\trefs/tags/both
${id('7')}\trefs/heads/same
${id('7')}\trefs/tags/same
${id('8')}\trefs/pull/1/head
not a line
`)

describe('what a ref means', () => {
  test.each([
    [undefined, '1'],
    ['HEAD', '1'],
    ['main', '1'],
    ['production', '2'],
    ['heads/production', '2'],
    ['refs/heads/feature/x', '2'],
    ['feature/x', '2'],
    ['v1.2.0', '3'],
    ['1.2.0', '3'],
    ['tags/v1.2.0', '3'],
    ['v2.0.0', '4'],
    ['same', '7'],
    ['refs/tags/both', '6'],
    [id('9'), '9'],
  ])('[A5] [O19] %s', (ref, digit) => {
    expect(chosen(refs, ref, 'corp')).toBe(id(digit))
  })

  test('[O19] a branch and a tag of one name that differ are never guessed at', () => {
    expect(() => chosen(refs, 'both', 'corp')).toThrow(
      expect.objectContaining({ code: 'E_AMBIGUOUS', hint: 'say which: refs/heads/both or refs/tags/both' }),
    )
  })

  test.each([
    ['prodction', 'did you mean "production"?'],
    ['v1.2.1', 'did you mean "v1.2.0"?'],
    ['0123456789', 'a commit is named by all 40 digits of its id'],
    [
      'pull/1/head',
      'name a branch, a tag, a version or a whole commit id that is there; without one, the newest comes',
    ],
    ['latest', 'name a branch, a tag, a version or a whole commit id that is there; without one, the newest comes'],
  ])('[O19] %s does not exist', (ref, hint) => {
    expect(() => chosen(refs, ref, 'corp')).toThrow(expect.objectContaining({ code: 'E_REF', hint }))
  })

  test('[A4] a repository whose HEAD leads nowhere is an error that names a branch, never a guess', () => {
    const headless = parseAdvertised(`${id('1')}\trefs/heads/main\n`)
    expect(() => chosen(headless, undefined, 'corp')).toThrow(
      expect.objectContaining({ code: 'E_REF', hint: 'name one: "ref": "main"' }),
    )
  })

  test('tags are versions, with the commits they lead to', () => {
    expect(tagsOf(refs)).toEqual([
      { name: 'v1.2.0', id: id('3') },
      { name: '2.0.0', id: id('4') },
      { name: 'both', id: id('6') },
      { name: 'same', id: id('7') },
    ])
  })

  test.each([
    `${id('1')} refs/pull/1/head`,
    `${id('1')} HEADER`,
    `${id('1')} a/refs/heads/main`,
    `${id('1')}`,
    `x${id('1')} HEAD`,
    `${id('1').slice(1)} HEAD`,
    `ref: refs/heads/main HEAD`,
  ])('nothing else that a server prints is one: %s', (line) => {
    expect([...parseAdvertised(`${line}\n`)]).toEqual([])
  })

  test('[S8] a repository may count in SHA-256', () => {
    const long = 'a'.repeat(64)
    expect([...parseAdvertised(`${long}\trefs/tags/v1^{}\n`)]).toEqual([['refs/tags/v1', long]])
  })

  test('what was advertised is remembered as it was', () => {
    expect(parseAdvertised(printAdvertised(refs))).toEqual(refs)
  })
})

describe('a ref before anything is asked', () => {
  test.each([
    'main',
    'v1.0.0',
    'feature/x-1',
    'release@2',
    'review/1.0.0',
    'HEAD',
    id('a'),
    'a'.repeat(64),
    'größe',
    '1.2.0+b',
    '@x',
    'x@',
    'a.locked',
    `build-${'a'.repeat(40)}`,
    `${'a'.repeat(40)}-1`,
    'x'.repeat(250),
  ])('[O19] %s may be one', (ref) => {
    expect(() => checkRef(ref, 'corp')).not.toThrow()
  })

  test.each([
    '--upload-pack=touch pwned',
    '-x',
    '',
    'HEAD~1',
    'HEAD^',
    'main:x',
    'a..b',
    'a b',
    'a\nb',
    '@{u}',
    'HEAD@{1}',
    '@',
    '/main',
    'main/',
    'a//b',
    '.hidden',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a.',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a'.repeat(39),
    'A'.repeat(40),
    'a'.repeat(41),
    'b'.repeat(63),
    'f'.repeat(65),
    'x'.repeat(251),
  ])('[S8] G05 %j is none', (ref) => {
    expect(() => checkRef(ref, 'corp')).toThrow(expect.objectContaining({ code: 'E_REF' }))
  })
})
