import { expect, test } from 'vitest'
import { both, isIn, isWithin } from '../../src/policy/versions.js'

test.each<[said: string, range: string, expected: boolean]>([
  ['git version 2.39.5 (Apple Git-154)', '>=2.30', true],
  ['git version 2.39.5 (Apple Git-154)', '>=2.40', false],
  ['Python 3.13.0rc1', '>=3.12', true],
  ['2.0.0-beta.1', '>=1', true],
  ['no version at all', '>=1', true],
  ['1.0.0', 'any will do', true],
])('[O39] whether a program that says "%s" is taken for "%s": %s', (said, range, expected) => {
  expect(isIn(said, range)).toBe(expected)
})

test('[O38] what says no version lies in no bounds', () => {
  expect(isWithin('hello', { min: '1' })).toBe(false)
  expect(isWithin('1.0.0-rc.1', { min: '1.0.0' })).toBe(false)
})

test.each<[a: string, b: string, expected: string]>([
  ['^1.0.0', '^1.0.0', '^1.0.0'],
  ['*', '^1.0.0', '^1.0.0'],
  ['^1.0.0', '*', '^1.0.0'],
  ['autumn', '^1.0.0', 'autumn'],
  ['^1.0.0', 'autumn', 'autumn'],
  ['^1.0.0', '<1.5.0', '>=1.0.0 <2.0.0-0 <1.5.0'],
])('[O30] [O31] what policies ask with "%s" and "%s" is "%s"', (a, b, expected) => {
  expect(both(a, b)).toBe(expected)
})
