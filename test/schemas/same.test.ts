import { Ajv } from 'ajv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { schemas } from '../../scripts/schemas.mjs'
import { parseJson } from '../../src/model/json.js'
import { pathLimits } from '../../src/model/names.js'
import { decodePolicy } from '../../src/model/policy-file.js'
import { registriesFromList } from '../../src/model/registries.js'
import { parseRequest } from '../../src/model/request.js'
import { manifestFrom } from '../../src/state/config/manifest.js'
import { parseLock } from '../../src/state/lockfile.js'
import { keyA } from '../policy/made.js'
import { isTaken } from './taken.js'

const made = await schemas()
const digest = `sha256-${'A'.repeat(43)}=`

/** Text of the pieces that names, patterns, addresses and digests are told apart by. */
const pieces = [
  ...[
    'skill',
    'skills',
    'mcp',
    'bundle',
    'extensions',
    'x',
    'a-b',
    'corp',
    'con',
    'COM1',
    'nul.md',
    '.git',
    'git~1',
    'co',
  ],
  ...[
    '/',
    '/',
    '//',
    '*',
    '**',
    '@',
    ':',
    '.',
    '..',
    './',
    '-',
    '~',
    '#',
    '!',
    '?',
    '[',
    '{',
    ' ',
    '\t',
    '\n',
    '\\',
    'C:/',
    '_',
  ],
  ...[
    'https://',
    'HTTP://',
    'file:',
    'npm:',
    'x.example',
    'sha256-',
    'sha1-',
    digest,
    '__proto__',
    'ToString',
    '\u200b',
    'é',
    '🚀',
  ],
  ...['claude:', '.haal', '.HAAL/', 'haal.lock', '1.2.3', '^1', '2027-01-31', 'T12:00:00Z', keyA, 'PRIVATE KEY', ''],
]
const odd = fc.array(fc.constantFrom(...pieces), { maxLength: 5 }).map((parts) => parts.join(''))
const text = fc.oneof(odd, fc.constantFrom(...pieces), fc.string({ maxLength: 4, unit: 'binary' }))
/** Mostly what belongs there, now and then anything: else a larger document would nearly never be taken. */
const near = (...good: string[]) => often(fc.constantFrom(...good), text)
const often = (good: fc.Arbitrary<unknown>, bad: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 9, arbitrary: good }, { weight: 1, arbitrary: bad })
const other = fc.constantFrom<unknown>(null, true, 'x', 5, [], {}, ['x'], [1])
const whole = often(fc.constantFrom(1, 2), fc.constantFrom(-1, 0, 1.5, '1'))
const flag = often(fc.boolean(), other)
const some = (fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  often(fc.record(fields, { requiredKeys }), other)
const list = (item: fc.Arbitrary<unknown>) => often(fc.array(item, { maxLength: 2 }), other)
const map = (key: fc.Arbitrary<unknown>, value: fc.Arbitrary<unknown>) =>
  often(fc.dictionary(key.map(String), value, { maxKeys: 2 }), other)

const key = often(fc.constant(keyA), text)
const keys = { keys: list(fc.oneof(key, some({ key, until: near('2027-01-31', '2027-01-31T12:00:00Z') }, ['key']))) }
const address = near('https://x.example/r', '/srv/r', 'acme/skills', 'npm:@a/b', 'git@x.example:r', '../r')
const entry = {
  type: often(fc.constantFrom('git', 'file', 'github', 'url', 'npm'), fc.constantFrom('svn', 1)),
  ref: near('v1'),
  checksum: near(digest, 'a'.repeat(64)),
  priority: whole,
  verified: flag,
  signature: some({ ...keys, threshold: whole, id: near('x') }, ['keys']),
}
const located = fc.oneof(fc.constant('location'), fc.constant('url'), fc.constant('at'))
const entryOf = (more: { name?: fc.Arbitrary<unknown> } = {}) =>
  often(
    fc
      .tuple(fc.record(entry, { requiredKeys: [] }), fc.record(more), located, address)
      .map(([fields, named, word, at]) => ({ ...fields, ...named, [word]: at })),
    other,
  )
const entries = list(entryOf({ name: near('corp', 'hub', '@acme/x') }))
const ref = near('skill/x', 'mcp/a-b')
const config = fc.record(
  {
    registries: fc.oneof(entries, map(near('corp', 'hub'), entryOf())),
    defaultRegistries: map(near('tool'), fc.constantFrom<unknown>('', null, 'corp', 1)),
    cacheSettings: some({ enabled: flag, directory: near('/c'), maxAge: whole }),
    artifacts: map(near('skill/x', 'skills/*', 'com.acme.x', '*', 'corp:x'), near('*', '^1')),
    pins: map(ref, near('1.0.0')),
    targets: list(near('claude')),
    generations: some({ keep: whole }),
  },
  { requiredKeys: [] },
)
const place = often(
  fc.oneof(
    fc.record({ origin: near('https://x.example'), path: near('/ai/*') }, { requiredKeys: ['origin'] }),
    fc.record({ file: near('/opt/*', 'r') }),
    fc.record({ npm: near('@acme/*', '@acme', 'x') }),
  ),
  some({ origin: text, path: text, file: text, npm: text }),
)
const pattern = near('skill/*', 'acme-*', 'hooks/x', digest)
const rule = fc.oneof(pattern, some({ match: pattern, reason: near('no') }, ['match']))
const bounds = some({ min: near('1.0.0', '*'), max: near('1.x') })
const policySections: Record<string, fc.Arbitrary<unknown>> = {
  version: whole,
  extends: list(some({ url: near('https://x.example/p.json'), integrity: near(digest) }, ['url', 'integrity'])),
  haal: bounds,
  policies: some({ signature: list(some({ layers: list(fc.constantFrom('user', 'machine')), ...keys }, ['keys'])) }),
  registries: some({
    allow: list(place),
    deny: list(place),
    require: some({ verified: flag, signature: list(some({ registry: near('*'), ...keys }, ['registry', 'keys'])) }),
  }),
  namespaces: list(some({ match: pattern, registry: address }, ['match', 'registry'])),
  artifacts: some({
    required: map(near('skill/x', 'x'), near('^1')),
    pinned: map(pattern, near('1.0.0', digest)),
    allow: list(rule),
    deny: list(rule),
  }),
  content: some({ executables: fc.constantFrom('deny', 'ask'), minimumAgeHours: whole, maxFileBytes: whole }),
  tools: map(near('git'), bounds),
}
const policy = fc
  .subarray(Object.keys(policySections), { maxLength: 2 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, policySections[name] ?? other]))))
  .map((sections) => ({ policyVersion: 1, ...sections }))
const locked = {
  version: near('1.0.0'),
  registry: fc.constant('corp'),
  path: near('skills/x', ''),
  integrity: near(digest),
  requestedBy: list(near('haal.json')),
  file: near('x.md'),
  entry: near('./dist/index.js'),
  loadable: flag,
  requires: list(ref),
  copies: list(near('docs/x', '/srv/x', 'C:/x')),
  as: near('x'),
  targets: list(near('claude', 'claude:.claude/skills/x')),
}
const needed = ['version', 'registry', 'path', 'integrity', 'requestedBy']
const corp = { type: 'git', location: 'x' }
const lock = fc.record({
  lockfileVersion: fc.constant(1),
  registries: fc
    .dictionary(near('hub').map(String), fc.constant(corp), { maxKeys: 1 })
    .map((more) => ({ ...more, corp })),
  artifacts: fc.dictionary(ref.map(String), some(locked, needed), { maxKeys: 2 }),
})

const around = { folder: '/p', author: 'project', source: 'registries.json' } as const

/** Before haal decodes a file it parses its text, and refuses some keys there. */
function asRead(value: unknown): unknown {
  return parseJson(JSON.stringify(value), 'a file', { syntax: 'E_CONFIG_PARSE', key: 'E_JSON_KEY' })
}

/** haal.json is read at once, and what it asks for when an install looks for it. */
function readConfig(value: unknown): void {
  const { artifacts } = manifestFrom(asRead(value), { file: '/p/haal.json', author: 'project' })
  for (const key of Object.keys(artifacts)) parseRequest(key)
}

test.each<[string, fc.Arbitrary<unknown>, (value: unknown) => void]>([
  ['haal.schema.json', config, readConfig],
  ['registries.schema.json', entries, (value) => void registriesFromList(asRead(value), around)],
  ['policy.schema.json', policy, (value) => void decodePolicy(JSON.stringify(value), 'p', (each) => `/etc/${each}`)],
  ['haal-lock.schema.json', lock, (value) => void parseLock(JSON.stringify(value))],
])('%s refuses nothing that haal takes', (file, documents, read) => {
  const validate = compiled(made[file])
  let taken = 0
  fc.assert(
    fc.property(documents, (value) => {
      if (!isTaken(() => read(value))) return
      taken += 1
      expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
    }),
    { numRuns: 1_500 },
  )
  expect(taken).toBeGreaterThan(100)
})

/** Where one text is all there is to judge, schema and haal say the same, but for lengths in bytes, of which a schema knows nothing. */
test.each<[string, string, (key: string) => unknown, (value: unknown) => void]>([
  ['a key of artifacts', 'haal.schema.json', (key) => ({ artifacts: { [key]: '*' } }), readConfig],
  ['a key of pins', 'haal.schema.json', (key) => ({ pins: { [key]: '1' } }), readConfig],
  [
    'a name of a registry',
    'registries.schema.json',
    (name) => [{ name, location: '/x' }],
    (value) => void registriesFromList(asRead(value), around),
  ],
  [
    'a pattern of a policy',
    'policy.schema.json',
    (match) => ({ policyVersion: 1, artifacts: { deny: [{ match }] } }),
    (value) => void decodePolicy(JSON.stringify(value), 'p', (each) => each),
  ],
  [
    'a key of haal.lock',
    'haal-lock.schema.json',
    (key) => ({
      lockfileVersion: 1,
      registries: { corp },
      artifacts: { [key]: { version: '1', registry: 'corp', path: 'x', integrity: digest, requestedBy: [] } },
    }),
    (value) => void parseLock(JSON.stringify(value)),
  ],
  [
    'a place in haal.lock',
    'haal-lock.schema.json',
    (at) => ({
      lockfileVersion: 1,
      registries: { corp },
      artifacts: {
        'skill/x': { version: '1', registry: 'corp', path: at, integrity: digest, requestedBy: [], targets: [at] },
      },
    }),
    (value) => void parseLock(JSON.stringify(value)),
  ],
])('%s: the schema takes what haal takes, and nothing else', (_says, file, around, read) => {
  const validate = compiled(made[file])
  fc.assert(
    fc.property(text, (written) => {
      fc.pre(Buffer.byteLength(written) <= pathLimits.segment)
      const value = around(written)
      expect(validate(value)).toBe(isTaken(() => read(value)))
    }),
    { numRuns: 3_000 },
  )
})

function compiled(schema = '') {
  return new Ajv({ strict: false }).compile(JSON.parse(schema))
}
