import { expect, test } from 'vitest'
import { networkFailure, shown } from '../../src/io/http/failure.js'

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
