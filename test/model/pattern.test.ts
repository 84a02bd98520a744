import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fits, type Text, wildcard } from '../../src/model/pattern.js'

const rows: [pattern: string, text: string, fits: boolean][] = [
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'anything', true],
  ['a*', 'a', true],
  ['a*', 'ba', false],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'aXcYb', false],
  ['*ab*ab*', 'ab', false],
  ['*ab*ab*', 'aabab', true],
  ['*aab*', 'aaab', true],
  ['a.c', 'abc', false],
]

test.each(rows)('[P6] a pattern "%s" and a text "%s"', (pattern, text, expected) => {
  expect(fits(pattern, text)).toBe(expected)
})

test.each<[pattern: string, name: string, fits: boolean]>([
  ['*', 'acme/review', true],
  ['acme/*', 'acme/review', true],
  ['acme/*', 'review', false],
  ['acme/*', 'other/acme', false],
  ['re*', 'review', true],
  ['re*', 'acme/review', false],
  ['acme*', 'acme/review', false],
  ['*/review', 'acme/review', true],
  ['*/review', 'acme/preview', false],
])('[A20] where names are asked for, "*" stays within a part of them: "%s" and "%s"', (pattern, name, expected) => {
  expect(wildcard(pattern)(name)).toBe(expected)
})

const few = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 12 })
const plain = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 16 })

test('[P6] a pattern fits what the same regular expression fits', () => {
  fc.assert(
    fc.property(few, plain, (pattern, text) => {
      expect(fits(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text))
    }),
  )
})

test('[P6] a pattern made from a text by putting stars into it fits that text', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(plain, fc.boolean())), (parts) => {
      const pattern = parts.map(([part, isStar]) => (isStar ? '*' : part)).join('')
      expect(fits(pattern, parts.map(([part]) => part).join(''))).toBe(true)
    }),
  )
})

/** Counts how often it is looked at. */
function counted(text: string): Text & { looks: number } {
  return {
    looks: 0,
    length: text.length,
    charCodeAt(index) {
      this.looks += 1
      return text.charCodeAt(index)
    },
  }
}

test('[P6] no pattern looks at any character of a text more than a few times', () => {
  const hostile = [
    '*a*a*a*a*a*a*a*a*b',
    '*aaaaaaaab*aaaaaaaab*',
    'a*'.repeat(200),
    '*ab*'.repeat(100),
    `${'a'.repeat(500)}*b`,
  ]
  for (const written of hostile)
    for (const length of [100, 1000, 10_000]) {
      const [pattern, text] = [counted(written), counted('a'.repeat(length))]
      fits(pattern, text)
      expect(text.looks).toBeLessThanOrEqual(3 * (length + written.length))
      expect(pattern.looks).toBeLessThanOrEqual(written.length)
    }
})

test('[P6] the same holds for patterns nobody thought of', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 2000 }),
      (written, haystack) => {
        const [pattern, text] = [counted(written), counted(haystack)]
        fits(pattern, text)
        expect(text.looks).toBeLessThanOrEqual(3 * (haystack.length + written.length))
        expect(pattern.looks).toBeLessThanOrEqual(written.length)
      },
    ),
  )
})
