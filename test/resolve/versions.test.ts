import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPseudoVersion } from '../../src/model/version-label.js'
import { isVersion, satisfies } from '../../src/model/versions.js'
import {
  beyond,
  isOlder,
  isRange,
  newestFirst,
  pseudoVersion,
  rangeFor,
  versionOfTag,
} from '../../src/resolve/versions.js'

test('[O26] labels are ordered newest first, those that are no versions last', () => {
  expect(newestFirst(['1.0.0', 'latest', '1.10.0', '1.9.0', '1.10.0-rc.1'])).toEqual([
    '1.10.0',
    '1.10.0-rc.1',
    '1.9.0',
    '1.0.0',
    'latest',
  ])
})

test.each([
  ['1.0.0', '1.1.0', true],
  ['1.1.0', '1.0.0', false],
  ['1.0.0', '1.0.0', false],
  ['1.0.0-rc.1', '1.0.0', true],
  ['0.0.0-20260102030405-5f3c0123abcd', '1.0.0', false],
  ['0.0.0-alpha', '0.0.0-beta', true],
  ['1.0', '2.0.0', false],
  ['1.0.0', 'stable', false],
])('[L5] %s is older than %s: %s', (version, than, expected) => {
  expect(isOlder(version, than)).toBe(expected)
})

describe('a tag', () => {
  test.each([
    ['review-code@1.2.0', false, '1.2.0'],
    ['review-code@v1.2.0', false, '1.2.0'],
    ['review-code/1.2.0', false, '1.2.0'],
    ['v1.2.0', true, '1.2.0'],
    ['1.2.0', true, '1.2.0'],
    ['v1.2.0', false, undefined],
    ['other@1.2.0', true, undefined],
    ['nightly', true, undefined],
    ['v1', true, undefined],
  ])('[O26] %s (alone in its repository: %s) gives %s', (tag, alone, version) => {
    expect(versionOfTag(tag, 'review-code', alone)).toBe(version)
  })
})

test('[O25] an artifact without a label gets a version that sorts before every real one', () => {
  const commit = '5f3c0123abcd5f3c0123abcd5f3c0123abcd5f3c'
  expect(pseudoVersion(commit, new Date('2026-01-02T03:04:05Z'))).toBe('0.0.0-20260102030405-5f3c0123abcd')
  expect(pseudoVersion(commit)).toBe('0.0.0-5f3c0123abcd')
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{40}$/), (hex) => {
      expect(isVersion(pseudoVersion(hex))).toBe(true)
      expect([hex, pseudoVersion(hex), pseudoVersion(hex, new Date())].map(isPseudoVersion)).toEqual([
        false,
        true,
        true,
      ])
      expect(newestFirst([pseudoVersion(hex), '0.0.1'])[0]).toBe('0.0.1')
    }),
  )
})

test('[O25] a range is what node-semver takes for one', () => {
  expect(['*', '^1', '1.x', '>=1 <2', '1.2.3'].every(isRange)).toBe(true)
  expect(['main', 'v1-branch', '5f3c0123abcd5f3c0123abcd5f3c0123abcd5f3c'].some(isRange)).toBe(false)
})

test.each([
  ['1.2.3', '^1.2.3'],
  ['0.1.0', '^0.1.0'],
  ['1.2.3-beta.1', '*'],
  ['0.0.0-20260102030405-5f3c0123abcd', '*'],
  ['2026-01', '*'],
])('[L5] an install by name of %s asks for %s', (version, range) => {
  expect(rangeFor(version)).toBe(range)
})

test.each([
  ['^2.0.0', '1.2.0', ['1.2.0', '1.9.0', '2.0.0', '3.0.0'], ['1.0.0', '3.1.0-beta.1']],
  ['^1.0.0-beta.1', '1.0.0-beta.2', ['1.0.0-beta.1', '1.0.0-beta.3', '0.0.0', '2.0.0'], ['2.0.0-beta.1']],
  ['^1.0.0', undefined, ['0.0.0', '0.9.0', '2.0.0'], ['2.0.0-beta.1', '0.0.0-20260102030405-5f3c0123abcd']],
])('[L5] beyond %s lie, from %s, %o and not %o', (range, installed, these, others) => {
  const wider = beyond(range, installed) ?? ''
  expect(these.map((version) => satisfies(version, wider))).toEqual(these.map(() => true))
  expect(others.map((version) => satisfies(version, wider))).toEqual(others.map(() => false))
})

test.each([undefined, '*', 'main', 'v1.x-branch'])('[L5] beyond %s lies nothing', (range) => {
  expect(beyond(range, '1.0.0')).toBeUndefined()
})

test('a digest of digits alone makes a version all the same', () => {
  expect(['012345678901', '123456789012', '0123456789ab'].map((hex) => pseudoVersion(hex))).toEqual([
    '0.0.0-x12345678901',
    '0.0.0-123456789012',
    '0.0.0-0123456789ab',
  ])
})
