import { describe, expect, test } from 'vitest'
import type { Locator } from '../../src/model/registry.js'
import {
  allowance,
  credentialOf,
  githubApi,
  originOf,
  partsOf,
  secretsOf,
  trustedOrigins,
} from '../../src/transport/credential.js'
import { registry } from './reach.js'

const corp: Locator = { via: 'git', url: 'https://git.corp.com/ai/skills.git' }
const github: Locator = { via: 'github', host: 'github.com', repo: 'acme/skills' }

interface Given {
  env?: Record<string, string>
  policyOrigins?: string[]
  trusted?: Record<string, string[]>
}

function find(
  at: Locator,
  more: Parameters<typeof registry>[1],
  { env = {}, policyOrigins = [], trusted = {} }: Given = {},
) {
  return credentialOf(registry(at, more), { env, allows: allowance({ env, policyOrigins, trusted }) })
}

describe('a reference to a variable', () => {
  const token = { variable: 'CORP_GIT_TOKEN' }
  const env = { CORP_GIT_TOKEN: 'canary' }

  test.each([{}, { CORP_GIT_TOKEN: '' }, { CORP_GIT_TOKEN: ' \n' }])(
    '[A7] that is not set is an error that names it: %o',
    (unset) => {
      expect(() => find(corp, { token }, { env: unset })).toThrow(
        expect.objectContaining({
          code: 'E_TOKEN_UNSET',
          message: expect.stringMatching(/registry "corp".*CORP_GIT_TOKEN/),
        }),
      )
    },
  )

  test('[S7] from a project goes nowhere that nothing outside the project binds it to', () => {
    const failure = expect.objectContaining({
      code: 'E_TOKEN_UNTRUSTED',
      exit: 2,
      hint: 'if that is right: haal trust corp; in CI: HAAL_TRUSTED_ORIGINS=https://git.corp.com',
      details: { registry: 'corp', origin: 'https://git.corp.com', variable: 'CORP_GIT_TOKEN' },
      message: expect.not.stringContaining('canary'),
    })
    expect(() => find(corp, { token }, { env })).toThrow(failure)
    expect(() => find(corp, { token, author: 'network' }, { env })).toThrow(failure)
  })

  test.each<[string, Given]>([
    ['trust.json', { env, trusted: { 'https://git.corp.com': ['CORP_GIT_TOKEN'] } }],
    ['an origin that policy allows', { env, policyOrigins: ['https://git.corp.com'] }],
    ['HAAL_TRUSTED_ORIGINS', { env: { ...env, HAAL_TRUSTED_ORIGINS: 'https://a.test, https://GIT.corp.com:443/' } }],
  ])('[S7] is bound to its origin by %s', (_by, given) => {
    expect(find(corp, { token }, given).credential).toEqual({ origin: 'https://git.corp.com', value: 'canary' })
  })

  test.each<[string, Given]>([
    ['another variable', { env, trusted: { 'https://git.corp.com': ['OTHER'] } }],
    ['another port', { env, policyOrigins: ['https://git.corp.com:8443'] }],
    ['another scheme', { env, policyOrigins: ['http://git.corp.com'] }],
    ['a host below', { env, policyOrigins: ['https://corp.com'] }],
    ['a name that objects have', { env, trusted: {}, policyOrigins: ['constructor'] }],
  ])('[S7] is not bound by %s', (_by, given) => {
    expect(() => find(corp, { token }, given)).toThrow(expect.objectContaining({ code: 'E_TOKEN_UNTRUSTED' }))
  })

  test('[A7] that every object has is not set (hostile R10)', () => {
    const inherited = { token: { variable: 'constructor' } }
    expect(() => find(corp, inherited)).toThrow(expect.objectContaining({ code: 'E_TOKEN_UNSET' }))
    expect(secretsOf([registry(corp, inherited)], {})).toEqual([])
    const untrusted = expect.objectContaining({ code: 'E_TOKEN_UNTRUSTED' })
    expect(() => find(corp, inherited, { env: { constructor: 'canary' } })).toThrow(untrusted)
  })

  test.each(['https://acme.ghe.com', 'https://api.acme.ghe.com'])('[S7] of a GitHub may be bound to %s', (bound) => {
    const at: Locator = { via: 'github', host: 'acme.ghe.com', repo: 'ai/skills' }
    const credential = { origin: 'https://api.acme.ghe.com', value: 'canary' }
    expect(find(at, { token }, { env, policyOrigins: [bound] }).credential).toEqual(credential)
    expect(() => find({ ...at, host: 'evil.ghe.com' }, { token }, { env, policyOrigins: [bound] })).toThrow(
      expect.objectContaining({ code: 'E_TOKEN_UNTRUSTED' }),
    )
  })

  test('[S7] what is bound to github.com goes to its API, and does not go to another', () => {
    const bound = find(github, { token }, { env, policyOrigins: ['https://github.com'] })
    expect(bound.credential).toEqual({ origin: 'https://api.github.com', value: 'canary' })
    const other = { ...env, HAAL_GITHUB_API: 'https://gateway.corp.com' }
    expect(() => find(github, { token }, { env: other, policyOrigins: ['https://github.com'] })).toThrow(
      expect.objectContaining({ code: 'E_TOKEN_UNTRUSTED' }),
    )
  })

  test("[S7] in the person's own configuration needs nobody's leave", () => {
    expect(find(corp, { token, author: 'person' }, { env }).credential?.value).toBe('canary')
  })

  test.each<[string, Locator]>([
    ['GITHUB_TOKEN', github],
    ['GH_TOKEN', github],
    ['GITHUB_TOKEN', { via: 'git', url: 'https://github.com/acme/skills.git' }],
    ['GH_TOKEN', { via: 'git', url: 'https://github.com/acme/skills.git' }],
    ['GITLAB_TOKEN', { via: 'git', url: 'https://gitlab.com/acme/skills.git' }],
    ['NPM_TOKEN', { via: 'npm', name: '@acme/skills' }],
  ])('[S7] %s belongs to its own service', (variable, at) => {
    expect(find(at, { token: { variable } }, { env: { [variable]: 'canary' } }).credential?.value).toBe('canary')
    expect(() => find(corp, { token: { variable } }, { env: { [variable]: 'canary' } })).toThrow(
      expect.objectContaining({ code: 'E_TOKEN_UNTRUSTED' }),
    )
  })
})

test('[S7] the API that stands in for github.com’s gets GITHUB_TOKEN and GH_TOKEN, and no other', () => {
  const HAAL_GITHUB_API = 'https://hub.corp/api'
  const bound = ['GITHUB_TOKEN', 'GH_TOKEN', 'MY_GITHUB_TOKEN', 'GITHUB_TOKEN_OLD', 'CORP_TOKEN'].filter((variable) => {
    const allows = allowance({ env: { HAAL_GITHUB_API }, policyOrigins: [], trusted: {} })
    return allows('https://hub.corp', variable)
  })
  expect(bound).toEqual(['GITHUB_TOKEN', 'GH_TOKEN'])
})

describe('a variable that holds no token', () => {
  test.each([
    ['undefined', /CORP_GIT_TOKEN, which holds none/],
    ['${{ secrets.TOKEN }}', /CORP_GIT_TOKEN, which holds none/],
    ['naïve-canary', /CORP_GIT_TOKEN, .*a character that no token has/],
  ])('[A7 U3] %j: what is said and what helps are about the variable', (value, message) => {
    const asked = () =>
      find(corp, { token: { variable: 'CORP_GIT_TOKEN' }, author: 'person' }, { env: { CORP_GIT_TOKEN: value } })
    const hint = 'set CORP_GIT_TOKEN to a token that may read the registry'
    expect(asked).toThrow(expect.objectContaining({ code: 'E_CONFIG', message: expect.stringMatching(message), hint }))
  })
})

describe('a literal token', () => {
  test('[A43] in a project file is a warning that names the field, not the value', () => {
    const { credential, notes } = find(corp, { token: { literal: 'canary' } })
    expect(credential).toEqual({ origin: 'https://git.corp.com', value: 'canary' })
    expect(notes).toEqual([
      { code: 'W_TOKEN_LITERAL', message: expect.stringMatching(/haal\.json registries\[0\]: "token"/) },
    ])
    expect(JSON.stringify(notes)).not.toContain('canary')
  })

  test('[A43] in the person’s own configuration is none of our business', () => {
    expect(find(corp, { token: { literal: 'canary' }, author: 'person' }).notes).toEqual([])
  })

  test.each([
    '$CORP_TOKEN',
    '${CORP TOKEN}',
    'Bearer ${X}',
    'x${Y}',
    'process.env.CORP_TOKEN',
    '%CORP_TOKEN%',
    'undefined',
    'null',
    '',
    'two words',
    'line\nbreak',
    'naïve',
  ])('[A7] %j is no token, and is not sent', (literal) => {
    expect(() => find(corp, { token: { literal } })).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
  })
})

test.each(['pa$$word', 'x-null', 'undefined-1'])('%s is a token', (literal) => {
  expect(find(corp, { token: { literal } }).credential?.value).toBe(literal)
})

describe('without a token', () => {
  test('[A6] github.com is asked with GITHUB_TOKEN, else GH_TOKEN', () => {
    expect(find(github, {}, { env: { GITHUB_TOKEN: 'a', GH_TOKEN: 'b' } }).credential).toEqual({
      origin: 'https://api.github.com',
      value: 'a',
    })
    expect(find(github, {}, { env: { GITHUB_TOKEN: '', GH_TOKEN: ' b\n' } }).credential?.value).toBe('b')
    expect(find(github, {}, { env: { GITHUB_TOKEN: ' \n', GH_TOKEN: 'b' } }).credential?.value).toBe('b')
    expect(find(github, {}, { env: { GITHUB_TOKEN: '', GH_TOKEN: ' ' } })).toEqual({ notes: [] })
    expect(find(github, {})).toEqual({ notes: [] })
  })

  test('[S7] nobody else is sent one', () => {
    const env = { GITHUB_TOKEN: 'canary', GH_TOKEN: 'canary' }
    expect(find({ ...github, host: 'ghe.corp.com' }, {}, { env })).toEqual({ notes: [] })
    expect(find(corp, {}, { env })).toEqual({ notes: [] })
  })
})

test.each<Locator>([
  { via: 'file', path: '/srv/registry' },
  { via: 'git', url: 'git@git.corp.com:ai/skills.git' },
])('a token for %o is told to be of no use', (at) => {
  expect(find(at, { token: { literal: 'canary' } })).toEqual({
    notes: [expect.objectContaining({ code: 'W_TOKEN_UNUSED' })],
  })
})

test('HAAL_TRUSTED_ORIGINS may have spaces and commas to spare', () => {
  expect(trustedOrigins({ HAAL_TRUSTED_ORIGINS: ' https://a.test ,, https://b.test, ' })).toEqual([
    'https://a.test',
    'https://b.test',
  ])
})

describe('allowance', () => {
  test('[S6] [A15] an origin is allowed for itself only where something outside the project names it', () => {
    const env = { HAAL_TRUSTED_ORIGINS: 'http://reg.corp' }
    const allows = allowance({ env, policyOrigins: ['https://10.0.0.1'], trusted: { 'https://git.corp': [] } })
    expect(['http://reg.corp', 'https://10.0.0.1', 'https://git.corp'].map((origin) => allows(origin))).toEqual([
      true,
      true,
      true,
    ])
    expect(['https://reg.corp', 'https://github.com', 'https://10.0.0.2'].map((origin) => allows(origin))).toEqual([
      false,
      false,
      false,
    ])
  })

  test.each(['reg.corp', 'https://reg.corp/path', 'https://u:canary@reg.corp', 'ssh://reg.corp', 'https:\\\\reg.corp'])(
    'HAAL_TRUSTED_ORIGINS with %s is refused without printing it',
    (entry) => {
      expect(() => trustedOrigins({ HAAL_TRUSTED_ORIGINS: `https://a.test,${entry}` })).toThrow(
        expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining('number 2') }),
      )
    },
  )
})

test.each([
  ['github.com', 'https://api.github.com'],
  ['ghe.corp.com', 'https://ghe.corp.com/api/v3'],
  ['acme.ghe.com', 'https://api.acme.ghe.com'],
  ['acme.ghe.com.evil.test', 'https://acme.ghe.com.evil.test/api/v3'],
  ['127.0.0.1:8080', 'http://127.0.0.1:8080/api/v3'],
  ['localhost', 'http://localhost/api/v3'],
  ['127.0.0.1.evil.test', 'https://127.0.0.1.evil.test/api/v3'],
  ['not-localhost', 'https://not-localhost/api/v3'],
])('[A2 S7] the API of %s is %s, and that is where its token goes', (host, api) => {
  expect(githubApi(host, {})).toBe(api)
  expect(originOf({ via: 'github', host, repo: 'acme/skills' }, {})).toBe(new URL(api).origin)
})

test.each([
  ...[
    'http://hub.corp',
    'http://127.0.0.1.evil.test',
    'http://localhost.evil.test',
    'http://x-localhost',
    'ftp://127.0.0.1',
  ],
  ...['https://ada@hub.corp', 'https://:canary@hub.corp', 'hub.corp'],
])('[S7] HAAL_GITHUB_API is not %s: a token would go there in the open, or a password be shown', (other) => {
  const failure = expect.objectContaining({ code: 'E_CONFIG', message: expect.not.stringContaining('hub.corp') })
  expect(() => githubApi('github.com', { HAAL_GITHUB_API: other })).toThrow(failure)
})

test('HAAL_GITHUB_API may be any address of https, and plain http on this machine', () => {
  const apis = ['https://hub.corp/api/v3/', 'http://127.0.0.1:80/', 'http://localhost:8080', 'http://[::1]:1/a/']
  expect(apis.map((HAAL_GITHUB_API) => githubApi('github.com', { HAAL_GITHUB_API }))).toEqual([
    ...['https://hub.corp/api/v3', 'http://127.0.0.1', 'http://localhost:8080', 'http://[::1]:1/a'],
  ])
})

test.each<[Locator, string | undefined]>([
  [{ via: 'npm', name: '@acme/skills' }, 'https://registry.npmjs.org'],
  [{ via: 'npm', name: '@acme/skills', registry: 'https://npm.corp:8443/npm/' }, 'https://npm.corp:8443'],
  [{ via: 'url', url: 'https://reg.corp/ai' }, 'https://reg.corp'],
  [{ via: 'git', url: 'HTTPS://Git.corp/ai.git' }, 'https://git.corp'],
  [{ via: 'git', url: 'https://[' }, undefined],
  [{ via: 'git', url: 'ssh://git@git.corp/https:/ai.git' }, undefined],
  [{ via: 'git', url: 'file:///srv/ai.git' }, undefined],
])('[S7] K03 the token for %o is for %s alone', (at, origin) => {
  expect(originOf(at, {})).toBe(origin)
})

test('[A8] K06 a proxy’s password is known, also where its % is not escaped', () => {
  expect(secretsOf([], { HTTPS_PROXY: 'http://me:canary100%@proxy:1' })).toEqual(['canary100%'])
})

test.each(['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy', 'http_proxy', 'all_proxy'])(
  '[A8] K06 the password in %s is known, also of an address without http://',
  (name) => {
    expect(secretsOf([], { [name]: 'http://me:canary@proxy:1' })).toEqual(['canary'])
    expect(secretsOf([], { [name]: 'me:canary@proxy:1' })).toEqual(['canary'])
    expect(secretsOf([], { [name]: 'http://[' })).toEqual([])
  },
)

test.each([
  ['Bearer canary-1', ['canary-1']],
  ['bearer canary-1', ['canary-1']],
  [`BASIC ${btoa('ada:canary-1')}`, [btoa('ada:canary-1'), 'ada:canary-1', 'canary-1']],
  ['a basic canary', ['a basic canary']],
])('[A8] K06 of %s everything is known that could be printed', (secret, parts) => {
  expect([...new Set(partsOf(secret))]).toEqual(parts)
})

test('[A8] K06 the redactor is given every secret, a password also without its user', () => {
  const env = {
    CORP: ' canary/1\n',
    GITHUB_TOKEN: 'canary-2\n',
    HTTPS_PROXY: 'http://me:canary%203@proxy:1',
    SHORT: 'abc',
  }
  const tokens = [{ variable: 'CORP' }, { literal: 'canary-4' }, { literal: 'ada:canary-5' }, { variable: 'SHORT' }]
  const secrets = secretsOf(
    tokens.map((token) => registry(corp, { token })),
    env,
  )
  const whole = ['canary/1', 'canary-2', 'canary 3', 'canary-4', 'ada:canary-5', 'canary-5']
  expect(secrets.sort()).toEqual(whole.sort())
})
