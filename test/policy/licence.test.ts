import { expect, test } from 'vitest'
import { isLicensed } from '../../src/policy/licence.js'

const granted = ['MIT', 'Apache-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0', 'Proprietary. See LICENSE.txt']

const rows: [stated: string, licensed: boolean][] = [
  ['MIT', true],
  ['mit', true],
  ['  Apache-2.0 ', true],
  ['ISC', false],
  ['MIT OR ISC', true],
  ['ISC OR GPL-3.0', false],
  ['MIT AND Apache-2.0', true],
  ['MIT AND ISC', false],
  ['ISC OR MIT AND Apache-2.0', true],
  ['(ISC OR MIT) AND GPL-3.0', false],
  ['(ISC OR MIT) AND (Apache-2.0 OR GPL-3.0)', true],
  ['((MIT))', true],
  ['GPL-2.0-only WITH Classpath-exception-2.0', true],
  ['MIT OR GPL-2.0-only WITH Other', true],
  ['MIT WITH something', false],
  ['Proprietary. See LICENSE.txt', true],
  ['Proprietary', false],
  ['MIT but not really', false],
  ['MIT OR', false],
  ['MIT OR OR', false],
  ['MIT OR AND', false],
  ['MIT OR WITH', false],
  ['MIT OR )', false],
  ['(MIT', false],
  ['MIT)', false],
  ['OR', false],
  ['', false],
]

test('[P6] brackets in thousands are no licence', () => {
  expect(isLicensed(`${'('.repeat(50_000)}MIT${')'.repeat(50_000)}`, granted)).toBe(false)
})

test.each(rows)('[P6] "%s"', (stated, licensed) => {
  expect(isLicensed(stated, granted)).toBe(licensed)
})
