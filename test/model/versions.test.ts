import { expect, test } from 'vitest'
import { isVersion, satisfies } from '../../src/model/versions.js'

test.each([
  ['1.2.3', '1.2.3', true],
  ['1.2.3', '^1.0.0', true],
  ['1.2.3', '~1.1.0', false],
  ['2.0.0', '>=1 <3', true],
  ['1.3.0-beta.1', '^1.2.0', false],
  ['1.3.0-beta.1', '^1.3.0-beta.0', true],
  ['1.2.3', '*', true],
  ['0.0.0-5f3c0123abcd', '*', true],
  ['0.0.0-5f3c0123abcd', '^1.0.0', false],
  ['1.0.0+a', '1.0.0+b', true],
  ['1.0.0', 'autumn', false],
])('[O25] %s satisfies %s: %s', (version, range, expected) => {
  expect(satisfies(version, range)).toBe(expected)
})

test.each(['1.0', 'v1.0.0', '01.0.0', 'latest', '2024-11-14'])(
  '[O25] the label %s is no version: it matches only exactly',
  (label) => {
    expect(isVersion(label)).toBe(false)
    expect(satisfies(label, label)).toBe(true)
    expect(satisfies(label, '>=0.0.0')).toBe(false)
  },
)

test.each([`1.0.0-${'a'.repeat(300)}`, '99999999999999999999.0.0'])(
  '[O25] no version can be that long or large: %s',
  (label) => {
    expect(() => satisfies(label, '*')).toThrow(expect.objectContaining({ code: 'E_VERSION' }))
  },
)
