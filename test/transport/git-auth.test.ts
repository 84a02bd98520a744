import { expect, test } from 'vitest'
import { authorizations, redacted } from '../../src/transport/git/auth.js'
import type { Remote } from '../../src/transport/git/url.js'

const origin = 'https://git.corp.com'
const remoteAt = (from: string): Remote => ({ kind: 'http', url: `${from}/a.git`, origin: from })
const decoded = (header = '') => Buffer.from(header.replace(/^Basic /, ''), 'base64').toString()

test.each([
  ['https://github.com', 'x-access-token:t0ken'],
  ['https://acme.ghe.com', 'x-access-token:t0ken'],
  ['https://gitlab.com', 'oauth2:t0ken'],
  ['https://gitlab.corp.com', 'oauth2:t0ken'],
  ['https://bitbucket.org', 'x-token-auth:t0ken'],
  ['https://git.corp.com', 'git:t0ken'],
  ['https://evilgithub.com', 'git:t0ken'],
  ['https://my-gitlab.corp.com', 'git:t0ken'],
  ['https://evilbitbucket.org', 'git:t0ken'],
])('[A10] at %s a token is the password of %s, and a bearer token where that is refused', (from, pair) => {
  const [first, second] = authorizations(remoteAt(from), { origin: from, value: 't0ken' })
  expect([decoded(first), second]).toEqual([pair, 'Bearer t0ken'])
})

test('[A10] user:password goes as it is, and a header that is spelt out too', () => {
  const sent = (value: string) => authorizations(remoteAt(origin), { origin, value })
  expect(sent('ada:secret').map(decoded)).toEqual(['ada:secret'])
  expect(sent('Bearer abc')).toEqual(['Bearer abc'])
  expect(sent('Basic YTpi')).toEqual(['Basic YTpi'])
})

test.each([
  'http://git.corp.com',
  'https://git.corp.com:8443',
  'https://sub.git.corp.com',
  'https://git.corp.com.evil.com',
])('[S7] K03 a token for https://git.corp.com is not sent to %s', (other) => {
  expect(authorizations(remoteAt(other), { origin, value: 't0ken' })).toEqual([])
})

test('[S7] no token goes to ssh or to a path', () => {
  expect(authorizations({ kind: 'ssh', url: 'ssh://git.corp.com/a' }, { origin, value: 't' })).toEqual([])
  expect(authorizations({ kind: 'local', path: '/a' }, { origin, value: 't' })).toEqual([])
})

test('[A8] a token is taken out of a text in every form in which it is sent', () => {
  const credential = { origin, value: 'canary-123' }
  const forms = ['canary-123', ...authorizations(remoteAt(origin), credential)]
  const clean = redacted(`fatal: ${forms.join(' and ')}`, credential)
  expect(clean).toBe('fatal: … and Basic … and Bearer …')
  const pair = { origin, value: 'ada:canary-123' }
  expect(redacted(`${pair.value} and ${authorizations(remoteAt(origin), pair).join()}`, pair)).toBe('… and Basic …')
})
