import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact, redactAll, secretsIn } from '../../src/ui/redact.js'

const secret = 'can/ary+t"0ken'

describe('K06: a secret is replaced in whatever form it stands', () => {
  test.each([
    ['as it is', `fatal: could not read from ${secret}`],
    ['percent-encoded in an address', `https://x:${encodeURIComponent(secret)}@host`],
    ['inside JSON', JSON.stringify({ header: secret })],
    ['in a header of basic auth', `Basic ${Buffer.from(`x-access-token:${secret}`).toString('base64')}`],
    ['in base64url', `Basic ${Buffer.from(`u:${secret}`).toString('base64url')}`],
  ])('%s', (_form, text) => {
    const clean = redact(text, [secret])
    expect(clean).toContain('***')
    expect(clean).not.toContain('ary+t')
    expect(Buffer.from(clean.replace(/^Basic /, ''), 'base64').toString()).not.toContain('ary+t')
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
    expect(redact('a line', ['a', ''])).toBe('a line')
  })

  test('in every string and key of a value', () => {
    const value = { [secret]: [secret, 1, null, { deep: `x${secret}` }], yes: true }
    expect(redactAll(value, [secret])).toEqual({ '***': ['***', 1, null, { deep: 'x***' }], yes: true })
  })
})

test('variables whose names tell of a secret are secrets', () => {
  const env = {
    GITHUB_TOKEN: 'ghp_canary1',
    CORP_GIT_TOKEN: 'canary2',
    NPM_PASSWORD: 'canary3',
    AWS_SECRET_ACCESS_KEY: 'canary4',
    MY_API_KEY: 'canary5',
    PATH: '/usr/bin',
    TOKENIZER: 'not-a-secret',
    EMPTY_TOKEN: '',
    SHORT_TOKEN: 'abc',
    unset_token: undefined,
  }
  expect([...secretsIn(env)]).toEqual(['ghp_canary1', 'canary2', 'canary3', 'canary4', 'canary5'])
})
