import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesText, clip, columns, counted, fitted, inShell, textWidth, wrap } from '../../src/model/text.js'

describe('the columns a text takes', () => {
  test.each([
    ['review', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['日本語', 6],
    ['한글', 4],
    ['a\u200db', 2],
    ['🚀', 2],
    ['', 0],
  ])('[U2] %j takes %i', (text, width) => expect(textWidth(text)).toBe(width))
})

describe('text for narrow terminals', () => {
  test('[U2] what is too long is cut with an ellipsis', () => {
    expect(clip('a description', 8)).toBe('a descr…')
    expect(clip('日本語', 4)).toBe('日…')
    expect(clip('short', 8)).toBe('short')
  })

  test('[U2] a clipped text never takes more than its columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(textWidth(clip(text, width))).toBeLessThanOrEqual(width)
      }),
    )
  })

  test('[U2] a paragraph is broken between words, and no word is lost', () => {
    expect(wrap('one two  three four', 9)).toEqual(['one two', 'three', 'four'])
    expect(wrap('aVeryLongWord is alone', 5)).toEqual(['aVeryLongWord', 'is', 'alone'])
    expect(wrap('', 5)).toEqual([])
  })

  test('[U2] columns stand under each other, and the last is not padded', () => {
    expect(
      columns([
        ['a', 'bb'],
        ['日本', 'c'],
      ]),
    ).toEqual([
      ['a   ', 'bb'],
      ['日本', 'c'],
    ])
  })
})

test('[U2] counts and sizes are read as people write them', () => {
  expect([counted(1, 'artifact'), counted(3, 'artifact')]).toEqual(['1 artifact', '3 artifacts'])
  expect([0, 999, 1000, 3_210_000].map(bytesText)).toEqual(['0 B', '999 B', '1.0 kB', '3.2 MB'])
})

test.each([
  ['skill/review@^1.2.0', 'skill/review@^1.2.0'],
  ['skill/my skill', '"skill/my skill"'],
  ['skill/*', '"skill/*"'],
  ['review@>=1 <2', '"review@>=1 <2"'],
  ['~/my', '~/my'],
  ['~my', '"~my"'],
  ['skill/a$b c', "'skill/a$b c'"],
  ["skill/it's", '"skill/it\'s"'],
  ["skill/$(x)'y", "'skill/$(x)'\\''y'"],
])('[U3] %s is pasted into a shell as %s', (word, pasted) => {
  expect(inShell(word)).toBe(pasted)
})

test.each<[number, string[]]>([
  [40, ['the disk says no to haal']],
  [16, ['the disk says no', 'to haal']],
  [3, ['the disk says no to haal']],
])('[U2] in %i columns a text is broken between words, but not into words', (width, lines) => {
  expect(fitted('the disk says no to haal', width)).toEqual(lines)
})
