import { describe, expect, test } from 'vitest'
import { decodePolicy } from '../../src/model/policy-file.js'
import { readArtifactPattern } from '../../src/model/policy-patterns.js'
import { failure } from '../failing.js'
import { bytesA, keyA } from './made.js'

const whole = {
  policyVersion: 1,
  name: 'acme',
  version: 7,
  contact: 'security@acme.com',
  extends: [{ url: 'https://policy.corp.com/base.json', integrity: bytesA }],
  haal: { min: '1.0.0', max: '1.x' },
  registries: {
    allow: [{ origin: 'https://git.corp.com', path: '/ai/*' }, { file: '/opt/registries/*' }, { npm: '@acme/*' }],
    deny: [],
    require: { verified: true, checksum: false, signature: [{ registry: 'corp', keys: [keyA] }] },
  },
  namespaces: [{ match: 'acme-*', registry: 'https://git.corp.com/ai/skills.git' }],
  artifacts: {
    required: { 'skill/security-baseline': '^2.0.0' },
    pinned: { 'skill/review-code': '1.2.3' },
    allow: ['skill/*'],
    deny: [{ match: 'hook/*', reason: 'hooks are reviewed by security' }],
  },
  content: {
    hiddenUnicode: 'deny',
    executables: 'approve',
    licenses: ['Apache-2.0', 'MIT'],
    minimumAgeHours: 72,
    maxFileBytes: 1048576,
    maxArtifactBytes: 10485760,
  },
  targets: { allow: ['claude', 'cursor'] },
  tools: { claude: { min: '2.0.0' }, git: { min: '2.39.0' } },
  audit: { file: '/var/log/haal/audit.jsonl', required: true },
}

const read = (value: unknown) =>
  decodePolicy(typeof value === 'string' ? value : JSON.stringify(value), 'p.json', (path) => `/etc/haal/${path}`)

test('a policy with every rule there is reads as it is written', () => {
  expect(read(whole)).toEqual(whole)
})

test('a relative path starts at the folder of the policy', () => {
  const file = read({
    policyVersion: 1,
    registries: { allow: [{ file: 'vendor/*' }], deny: [{ file: 'bad' }] },
    audit: { file: 'a.jsonl' },
  })
  expect(file.registries).toEqual({ allow: [{ file: '/etc/haal/vendor/*' }], deny: [{ file: '/etc/haal/bad' }] })
  expect(file.audit).toEqual({ file: '/etc/haal/a.jsonl' })
})

test('a relative path in a policy that lies in no folder is refused', () => {
  const text = JSON.stringify({ policyVersion: 1, registries: { allow: [{ file: 'vendor/*' }] } })
  expect(failure(() => decodePolicy(text, 'https://x/p.json', () => undefined)).code).toBe('E_POLICY_SCHEMA')
})

describe('[P5] [P07] a key that haal does not know is an error that names it', () => {
  const rows: [says: string, value: object, path: string, meant: string | undefined][] = [
    ['a typo at the top', { registeries: {} }, '$.registeries', 'registries'],
    ['a rule of another tool', { allowRegistry: [] }, '$.allowRegistry', undefined],
    ['a typo in a section', { registries: { alow: [] } }, '$.registries.alow', 'allow'],
    ['a typo in letters', { content: { maxfilebytes: 1 } }, '$.content.maxfilebytes', 'maxFileBytes'],
    [
      'a typo in a list',
      { artifacts: { deny: [{ match: 'hook/*', reson: 'x' }] } },
      '$.artifacts.deny[0].reson',
      'reason',
    ],
    ['a typo in a place', { registries: { allow: [{ orgin: 'https://x' }] } }, '$.registries.allow[0].orgin', 'origin'],
    [
      'a typo in a requirement',
      { registries: { require: { verifed: true } } },
      '$.registries.require.verifed',
      'verified',
    ],
    ['a typo in bounds', { tools: { git: { minimum: '1' } } }, '$.tools.git.minimum', undefined],
    [
      'a typo in a namespace',
      { namespaces: [{ matches: 'a', registry: 'https://x' }] },
      '$.namespaces[0].matches',
      'match',
    ],
  ]
  test.each(rows)('%s', (_says, value, path, meant) => {
    const error = failure(() => read({ policyVersion: 1, ...value }))
    expect(error).toMatchObject({ code: 'E_POLICY_SCHEMA', message: `policy p.json: ${path} is not a key haal knows` })
    if (meant === undefined) expect(error.hint).toMatch(/^known here are /)
    else expect(error.hint).toBe(`did you mean "${meant}"?`)
  })
})

describe('[P4] [P5] a value of the wrong sort is an error', () => {
  const place = (each: object) => ({ registries: { allow: [each] } })
  const rows: [says: string, value: object, message: string][] = [
    ['no version of the format', { policyVersion: undefined }, 'policyVersion'],
    ['a newer version of the format', { policyVersion: 2 }, 'should be 1, not 2'],
    ['a version as text', { version: '7' }, '$.version should be a whole number, 1 or more, not "7"'],
    ['a version of zero', { version: 0 }, 'should be a whole number, 1 or more, not 0'],
    ['a list where a section belongs', { registries: [] }, '$.registries should be an object, not a list'],
    [
      'a list where names and ranges belong',
      { artifacts: { required: ['skill/x'] } },
      '$.artifacts.required should be an object, not a list',
    ],
    ['a list of tools', { tools: [] }, '$.tools should be an object, not a list'],
    [
      'text where a list belongs',
      { artifacts: { allow: 'skill/*' } },
      '$.artifacts.allow should be a list, not "skill/*"',
    ],
    ['null where a section belongs', { registries: null }, '$.registries should be an object, not null'],
    ['text for yes', { registries: { require: { verified: 'true' } } }, 'should be true or false, not "true"'],
    [
      'a mode that does not exist',
      { content: { executables: 'ask' } },
      'should be "deny", "approve" or "allow", not "ask"',
    ],
    ['less than nothing', { content: { maxFileBytes: -1 } }, 'should be a whole number, 0 or more, not -1'],
    ['a part of a byte', { content: { maxFileBytes: 1.5 } }, 'should be a whole number, 0 or more, not 1.5'],
    ['an unknown kind', { artifacts: { deny: ['skil/*'] } }, '"skil" is no kind of artifact; did you mean "skill"?'],
    ['two stars', { artifacts: { deny: ['skill/**'] } }, 'a "*" stands for any text within one segment'],
    ['an empty name', { artifacts: { deny: ['skill/'] } }, 'names no artifact'],
    ['a space behind a name', { artifacts: { deny: ['skill/x '] } }, 'names no artifact'],
    ['two lines for a name', { artifacts: { deny: ['skill/x\ny'] } }, 'names no artifact'],
    ['half an integrity', { artifacts: { deny: ['sha256-abc'] } }, '"sha256-abc" is no integrity'],
    ['another digest', { artifacts: { allow: ['sha512-abc='] } }, '"sha512-abc=" is no integrity'],
    ['a version that is denied', { artifacts: { deny: ['skill/a@1.0.0'] } }, '"skill/a@1.0.0" has a version'],
    ['a pattern of characters', { artifacts: { deny: ['skill/[ab]'] } }, '"skill/[ab]" is no pattern haal knows'],
    ['a pattern of one character', { artifacts: { deny: ['skill/?'] } }, '"skill/?" is no pattern haal knows'],
    ['alternatives', { artifacts: { deny: ['skill/{a,b}'] } }, '"skill/{a,b}" is no pattern haal knows'],
    ['an exception', { artifacts: { deny: ['!a'] } }, '"!a" is no pattern haal knows'],
    ['half an integrity as a pin', { artifacts: { pinned: { 'skill/a': 'sha256-abc' } } }, 'is no integrity'],
    [
      'a relative location',
      { namespaces: [{ match: 'a-*', registry: '../x' }] },
      '"../x" is no location; write the registry\'s URL, absolute path',
    ],
    [
      'signatures for no layer',
      {
        policies: {
          signature: [{ layers: [], keys: ['MCowBQYDK2VwAyEAqmGTztoJrvUD4CHgtY/EEFjEig8FQE/mOudPCq9ZuJY='] }],
        },
      },
      'names no layer',
    ],
    ['a pattern that is required', { artifacts: { required: { 'skill/*': '*' } } }, 'names several artifacts'],
    ['a star in an origin', place({ origin: 'https://*.corp.com' }), 'origins are compared exactly'],
    ['a path in an origin', place({ origin: 'https://git.corp.com/ai' }), 'belongs in "path"'],
    ['a password in an origin', place({ origin: 'https://a:b@git.corp.com' }), 'has a user name or password'],
    ['a password alone in an origin', place({ origin: 'https://:b@git.corp.com' }), 'has a user name or password'],
    ['a host that is no origin', place({ origin: 'git.corp.com' }), 'is no origin'],
    ['a path without an origin', place({ path: '/ai/*', file: '/x' }), 'belongs to an "origin"'],
    ['two places in one', place({ file: '/x', npm: 'y' }), 'should name one of'],
    ['no place', place({}), 'should name one of'],
    ['a path that climbs', place({ origin: 'https://x', path: '/a/../b' }), 'is no path'],
    [
      'a path with two stars',
      place({ origin: 'https://x', path: '/a/**' }),
      'a "*" stands for any text within one segment',
    ],
    ['a name that is no npm package', place({ npm: '@a/b/c' }), 'is no npm package'],
    ['a registry’s name for a location', { namespaces: [{ match: 'a-*', registry: 'corp' }] }, 'is no location'],
    [
      'a signature without keys',
      { registries: { require: { signature: [{ registry: 'x', keys: [] }] } } },
      'names no key',
    ],
    ['a bound that is no version', { haal: { min: 'latest' } }, 'is not a version'],
    ['a bound that is a range', { haal: { min: '>1 || <3' } }, 'is not a version'],
    ['a base without integrity', { extends: [{ url: 'https://x/y.json' }] }, 'is missing'],
    [
      'a base with a weak digest',
      { extends: [{ url: 'https://x/y.json', integrity: 'sha1-abc' }] },
      'is not "sha256-"',
    ],
    ['a base in a folder', { extends: [{ url: '/etc/base.json', integrity: bytesA }] }, 'is not an https URL'],
    ['an empty name', { name: '' }, 'is empty'],
  ]
  test.each(rows)('%s', (_says, value, message) => {
    const error = failure(() => read({ policyVersion: 1, ...value }))
    expect(error.code).toBe('E_POLICY_SCHEMA')
    expect(error.message).toContain(message)
  })

  test('a password in an origin is not repeated', () => {
    const error = failure(() => read({ policyVersion: 1, ...place({ origin: 'https://me:hunter2@x' }) }))
    expect(`${error.message} ${error.hint} ${JSON.stringify(error.details)}`).not.toContain('hunter2')
  })
})

describe('[P4] [P05] text that is no JSON cannot be loaded', () => {
  test.each([
    '',
    '  \n',
    '{',
    '{}}',
    '{"policyVersion": 1,}',
    '// x\n{"policyVersion":1}',
    '\ufeff\ufeff{"policyVersion":1}',
    'policyVersion: 1',
  ])('%j', (text) => {
    expect(failure(() => read(text)).code).toBe('E_POLICY_LOAD')
  })

  test.each([
    '{"policyVersion":1,"name":"a","name":"b"}',
    '{"policyVersion":1,"__proto__":{}}',
    '[]',
    'null',
    '"x"',
    '1',
  ])('JSON that is no policy: %s', (text) => {
    expect(failure(() => read(text)).code).toBe('E_POLICY_SCHEMA')
  })
})

test('[P5] names of a scope and integrities are patterns', () => {
  for (const match of ['skill/@acme/*', '@acme', `sha256-${'A'.repeat(43)}=`])
    expect(readArtifactPattern(match)).toMatchObject({ value: { text: match } })
})
