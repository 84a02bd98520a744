import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact, redactAll, secretsIn } from '../../src/ui/redact.js'

const secret = 'can/ary+t"0ken'

describe('[A8] a secret is replaced in whatever form it stands (hostile K06)', () => {
  test.each([
    ['as it is', `fatal: could not read from ${secret}`],
    ['percent-encoded in an address', `https://x:${encodeURIComponent(secret)}@host`],
    ['inside JSON', JSON.stringify({ header: `Bearer ${secret}` })],
    ['in a header of basic auth', `Basic ${Buffer.from(`x-access-token:${secret}`).toString('base64')}`],
    ['in base64url', `Basic ${Buffer.from(`u:${secret}`).toString('base64url')}`],
  ])('%s', (_form, text) => {
    const clean = redact(text, [secret])
    expect(clean).toContain('***')
    expect(clean).not.toContain('ary+t')
    expect(Buffer.from(clean.replace(/^Basic /, ''), 'base64').toString()).not.toContain('ary+t')
  })

  test.each(['', 'u', 'us', 'use'])('in base64 and base64url behind %j, also where these two differ', (before) => {
    const odd = 'a>>>b???c~~~d>>>'
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = Buffer.from(`${before}${odd}`).toString(encoding)
      const left = Buffer.from(redact(text, [odd]).replace('***', ''), 'base64').toString('latin1')
      expect(left).not.toMatch(/>>b|\?\?c|~~d/)
    }
  })

  test('whatever stands before and behind it', () => {
    const part = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
    fc.assert(
      fc.property(part, part, (before, behind) => {
        expect(redact(before + secret + behind, [secret])).not.toContain(secret)
      }),
    )
  })

  test('the longer of two secrets goes first, so that no end of it is left', () => {
    expect(redact('abcdef-ghijkl', ['abcdef', 'abcdef-ghijkl'])).toBe('***')
  })

  test('short values are left: they would garble everything', () => {
    expect(redact('a line: short', ['a', '', 'short'])).toBe('a line: short')
    expect(redact('a line: longer', ['longer'])).toBe('a line: ***')
  })

  test('in every string and key of a value', () => {
    const value = { [secret]: [secret, 1, null, { deep: `x${secret}` }], yes: true }
    expect(redactAll(value, [secret])).toEqual({ '***': ['***', 1, null, { deep: 'x***' }], yes: true })
  })
})

test('[A8] variables whose names tell of a secret are secrets (hostile K06)', () => {
  const env = {
    GITHUB_TOKEN: 'ghp_canary1',
    CORP_GIT_TOKEN: 'canary2',
    NPM_PASSWORD: 'canary3',
    AWS_SECRET_ACCESS_KEY: 'canary4',
    MY_API_KEY: 'canary5',
    gitlab_token: 'canary',
    PATH: '/usr/bin',
    TOKENIZER: 'not-a-secret',
    EMPTY_TOKEN: '',
    SHORT_TOKEN: 'short',
    unset_token: undefined,
  }
  expect([...secretsIn(env)]).toEqual(['ghp_canary1', 'canary2', 'canary3', 'canary4', 'canary5', 'canary'])
})

test('[A8] every word that tells of a secret counts, in any place and case (hostile K06)', () => {
  const words =
    'TOKEN SECRET PASSWORD PASSWD PASSPHRASE CREDENTIAL CREDENTIALS API_KEY APIKEY ACCESS_KEY ACCESSKEY PRIVATE_KEY PRIVATEKEY AUTH PAT'
  const names = words.split(' ').flatMap((word) => [word, `corp_${word.toLowerCase()}`, `${word}_2`])
  const env = Object.fromEntries([...names, 'PATH', 'AUTHOR', 'COMPAT', 'KEY'].map((name) => [name, `canary-${name}`]))
  expect([...secretsIn(env)]).toEqual(names.map((name) => `canary-${name}`))
})
