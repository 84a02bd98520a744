import { expect, test } from 'vitest'
import { isPassing, isUnreachable, networkFailure, shown } from '../../src/io/http/failure.js'
import { HaalError } from '../../src/model/errors.js'

test.each([
  ['https://me:secret@corp.com:8443/a?token=x', 'https://corp.com:8443/a'],
  ['file:///etc/passwd', 'file:///etc/passwd'],
  ['odd://me:secret@corp.com/a', 'odd://corp.com/a'],
])('[U3] %s is shown as %s', (url, text) => expect(shown(new URL(url))).toBe(text))

test('[U3] a server that speaks something else is told so', () => {
  const error = Object.assign(new Error('Parse Error'), { code: 'HPE_INVALID_CONSTANT' })
  expect(networkFailure('registry "corp"', new URL('http://corp.test/a'), error).message).toBe(
    'registry "corp" does not answer at http://corp.test/a: what it sends is not HTTP (HPE_INVALID_CONSTANT)',
  )
})

const failed = (code: string) =>
  networkFailure('registry "corp"', new URL('https://corp.test/a'), Object.assign(new Error(code), { code }))

test.each<[code: string, why: string, again: boolean]>([
  ['ENOTFOUND', 'its name cannot be found', false],
  ['EAI_AGAIN', 'its name cannot be looked up at the moment', true],
  ['ECONNREFUSED', 'the connection was refused', false],
  ['ECONNRESET', 'the connection was reset', true],
  ['EPIPE', 'the connection was reset', true],
  ['ETIMEDOUT', 'the connection timed out', true],
  ['EHOSTUNREACH', 'it cannot be reached', false],
  ['ENETUNREACH', 'it cannot be reached', false],
  ['EHOSTDOWN', 'it cannot be reached', false],
  ['ENETDOWN', 'the network is down', false],
  ['EADDRNOTAVAIL', 'the network is down', false],
  ['EPROXY', 'the proxy refused the connection', false],
])('[A41] %s is nobody that answers: %s; asked again: %s', (code, why, again) => {
  const error = failed(code)
  expect(error.message).toBe(`registry "corp" does not answer at https://corp.test/a: ${why}`)
  expect([isUnreachable(error), isPassing(error)]).toEqual([true, again])
})

test.each([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'EPROTO',
  'HPE_INVALID_URL',
])('[S3] %s is an answer, if a bad one: nothing covers it up', (code) =>
  expect([isUnreachable(failed(code)), isPassing(failed(code))]).toEqual([false, false]),
)

test('[A41 S3] what took too long is nobody that answers; a bug of haal and a refusal are not that', () => {
  expect(isUnreachable(new HaalError('E_TIMEOUT', 'x'))).toBe(true)
  expect(isUnreachable(new HaalError('E_ACCESS', 'x'))).toBe(false)
  expect(isUnreachable(new TypeError('x'))).toBe(false)
  expect(isPassing(new TypeError('x'))).toBe(false)
})

test('[U3] of several addresses of a host the first says what was wrong', () => {
  const each = ['ENETUNREACH', 'ECONNREFUSED'].map((code) => Object.assign(new Error(code), { code }))
  const { message } = networkFailure('registry "corp"', new URL('https://corp.test/a'), new AggregateError(each))
  expect(message).toMatch(/: it cannot be reached$/)
})
