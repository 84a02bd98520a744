import { expect, test } from 'vitest'
import { checkSri, readSri } from '../../src/transport/sri.js'

const a = `${'A'.repeat(43)}=`
const b = `${'B'.repeat(86)}==`

test.each([
  [`sha256-${a}`, { algorithm: 'sha256', digests: [a] }],
  [`  sha256-${a}?opt  `, { algorithm: 'sha256', digests: [a] }],
  [`sha256-${a} sha512-${b}`, { algorithm: 'sha512', digests: [b] }],
  [`sha1-${'C'.repeat(27)}= sha256-${a}`, { algorithm: 'sha256', digests: [a] }],
  [`sha512-${b} sha512-${b.replace('B', 'C')}`, { algorithm: 'sha512', digests: [b, b.replace('B', 'C')] }],
  [`md5-${'A'.repeat(22)}==`, undefined],
  [`sha256-${'A'.repeat(20)}`, undefined],
  [`sha512-${a}`, undefined],
  ['', undefined],
  ['main', undefined],
])('%s is read by its strongest algorithm', (text, expected) => {
  expect(readSri(text)).toEqual(expected)
})

test('[A16] one of several digests is enough, none is E_INTEGRITY with both', () => {
  const sri = readSri(`sha256-${a} sha256-${a.replace('A', 'B')}`) ?? { algorithm: 'sha256' as const, digests: [] }
  expect(() => checkSri(sri, a.replace('A', 'B'), 'x.tgz')).not.toThrow()
  expect(() => checkSri(sri, a.replace('A', 'C'), 'x.tgz')).toThrow(
    expect.objectContaining({
      code: 'E_INTEGRITY',
      details: expect.objectContaining({ actual: `sha256-${a.replace('A', 'C')}` }),
    }),
  )
})
