import fs from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { schemas } from '../../scripts/schemas.mjs'
import { decodePolicy } from '../../src/model/policy-file.js'
import { registriesFromList } from '../../src/model/registries.js'
import { manifestFrom } from '../../src/state/config/manifest.js'
import { parseLock } from '../../src/state/lockfile.js'
import { keyA } from '../policy/made.js'
import { isTaken } from './taken.js'

const root = path.resolve(import.meta.dirname, '../..')
const made = await schemas()
const digest = `sha256-${'A'.repeat(43)}=`

test('the published schemas are those that the decoders give', () => {
  expect(fs.readdirSync(path.join(root, 'schemas')).sort()).toEqual(Object.keys(made).sort())
  for (const [file, text] of Object.entries(made))
    expect(fs.readFileSync(path.join(root, 'schemas', file), 'utf8'), `${file}: npm run schemas`).toBe(text)
})

/** What haal and what an editor say of the same value. */
interface Row {
  says: string
  value: unknown
  good: boolean
}

const good = (says: string, value: unknown): Row => ({ says, value, good: true })
const bad = (says: string, value: unknown): Row => ({ says, value, good: false })

function agree(file: string, read: (value: unknown) => unknown, rows: readonly Row[]): void {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(made[file] ?? ''))
  describe(file, () => {
    test.each(rows.map((row) => [row.good ? 'takes' : 'refuses', row.says, row] as const))(
      'and haal: %s %s',
      (_verb, _says, { value, good: expected }) => {
        expect(validate(value), JSON.stringify(validate.errors)).toBe(expected)
        expect(isTaken(() => read(value))).toBe(expected)
      },
    )
  })
}

const entry = { name: 'corp', type: 'git', location: 'https://git.corp.com/ext.git', ref: 'v1', verified: true }

agree('haal.schema.json', (value) => manifestFrom(value, { file: '/p/haal.json', author: 'project' }), [
  good('nothing', {}),
  good('a list of registries', {
    registries: [entry],
    artifacts: { 'skill/x': '^1.0.0' },
    pins: {},
    targets: ['claude'],
  }),
  good('a map of them', { registries: { corp: { ...entry, token: '${T}' } }, defaultRegistries: { tool: 'corp' } }),
  good('a pinned key', { registries: [{ ...entry, signature: { keys: [keyA, { key: keyA, until: '2027-01-01' }] } }] }),
  good('keys of others', { $schema: 'x', mine: 1 }),
  bad('a registry without a name', { registries: [{ location: '/x' }] }),
  bad('a registry without a location', { registries: { corp: { ref: 'v1' } } }),
  bad('a type that is none', { registries: [{ ...entry, type: 'svn' }] }),
  good('addresses of each type', {
    registries: [
      { name: 'a', type: 'github', location: 'https://acme.ghe.com/acme/skills.git#v1' },
      { name: 'b', type: 'npm', url: 'npm:@acme/skills@^2' },
      { name: 'c', type: 'url', url: 'https://x.example/r' },
      { name: 'd', type: 'file', location: '../r' },
    ],
  }),
  bad('a path of the type url', { registries: [{ name: 'x', type: 'url', location: '../r' }] }),
  bad('a name that no package has', { registries: { x: { type: 'npm', location: 'a b' } } }),
  bad('a GitHub without an owner', { registries: [{ name: 'x', type: 'github', url: 'skills' }] }),
  bad('a registry whose name has a colon', { registries: [{ ...entry, name: 'a:b' }] }),
  bad('too many registries', { registries: Array.from({ length: 101 }, (_, i) => ({ ...entry, name: `r${i}` })) }),
  good('what is asked for', { artifacts: { '*': '*', 'skills/x': '*', 'corp:com.acme.x': '^1', 'acme/a b': '1' } }),
  bad('a version in the key of what is asked for', { artifacts: { 'skill/x@1.0.0': '*' } }),
  good('a pin', { pins: { 'skill/x': '1.0.0' } }),
  bad('a pin of a pattern', { pins: { 'skill/*': '1.0.0' } }),
  bad('a pin without a kind', { pins: { x: '1.0.0' } }),
  bad('a pin of a kind’s folder', { pins: { 'skills/x': '1.0.0' } }),
  bad('a number for a location', { registries: [{ name: 'x', location: 5 }] }),
  bad('a checksum that is none', { registries: [{ ...entry, checksum: 'abc' }] }),
  bad('artifacts as a list', { artifacts: ['skill/x'] }),
  bad('a range that is no text', { artifacts: { 'skill/x': 1 } }),
  bad('a signature without keys', { registries: [{ ...entry, signature: { keys: [] } }] }),
  bad('a negative age', { cacheSettings: { maxAge: -1 } }),
])

const list = (value: unknown) => {
  const entries = Array.isArray(value) ? value : (value as { registries?: unknown }).registries
  return registriesFromList(entries, { folder: '/p', author: 'project', source: 'registries.json' })
}

agree('registries.schema.json', list, [
  good('a list', [entry]),
  good('an object with a list', { registries: [entry, { name: 'hub', url: 'https://hub.example', priority: 10 }] }),
  bad('an entry without a name', [{ url: 'https://hub.example' }]),
  bad('a priority that is text', [{ ...entry, priority: '1' }]),
  bad('an object without a list', { repos: [] }),
])

agree('policy.schema.json', (value) => decodePolicy(JSON.stringify(value), 'policy.json', (each) => `/etc/${each}`), [
  good('an empty one', { policyVersion: 1 }),
  good('one with rules', {
    policyVersion: 1,
    version: 7,
    registries: { allow: [{ origin: 'https://x.example' }], require: { signature: [{ registry: '*', keys: [keyA] }] } },
    artifacts: { deny: ['hook/*', { match: 'mcp/*', reason: 'no' }], required: { 'skill/x': '^1.0.0' } },
    content: { executables: 'approve', minimumAgeHours: 1.5 },
    policies: { signature: [{ layers: ['registry'], keys: [keyA] }] },
  }),
  bad('none of this version', { policyVersion: 2 }),
  bad('no version', {}),
  bad('an unknown key', { policyVersion: 1, allowRegistry: [] }),
  bad('an unknown key further down', { policyVersion: 1, content: { maxFileByte: 1 } }),
  bad('a pattern of another program', { policyVersion: 1, artifacts: { deny: ['skill/**'] } }),
  bad('a pattern of no kind', { policyVersion: 1, artifacts: { deny: [{ match: 'skil/x' }] } }),
  bad('several artifacts required at once', { policyVersion: 1, artifacts: { required: { 'skill/*': '*' } } }),
  bad('a pin that is cut short', { policyVersion: 1, artifacts: { pinned: { 'skill/x': 'sha256-abc' } } }),
  bad('a place of two sorts', { policyVersion: 1, registries: { allow: [{ file: '/x', npm: 'x' }] } }),
  bad('a path without an origin', { policyVersion: 1, registries: { deny: [{ file: '/x', path: '/y' }] } }),
  bad('an origin with a star', { policyVersion: 1, registries: { deny: [{ origin: 'https://*.x.example' }] } }),
  bad('a base without an integrity', {
    policyVersion: 1,
    extends: [{ url: 'https://x.example/p.json', integrity: 'abc' }],
  }),
  bad('a bound that is a range', { policyVersion: 1, haal: { min: '>=1' } }),
  bad('a date that is none', { policyVersion: 1, policies: { signature: [{ keys: [{ key: keyA, until: 'May' }] }] } }),
  bad('a private key', { policyVersion: 1, policies: { signature: [{ keys: ['-----BEGIN PRIVATE KEY-----'] }] } }),
  bad('a word that is none', { policyVersion: 1, content: { executables: 'ask' } }),
  bad('a version below one', { policyVersion: 1, version: 0 }),
  bad('a list where an object belongs', { policyVersion: 1, artifacts: [] }),
  bad('a key that nobody can give', { policyVersion: 1, policies: { signature: [{ keys: [] }] } }),
])

const locked = { version: '1.0.0', registry: 'corp', path: 'skills/x', integrity: digest, requestedBy: ['haal.json'] }
const lock = (more: object, of: object = {}) => ({
  lockfileVersion: 1,
  registries: { corp: { type: 'git', location: 'https://git.corp.com/ext.git', ...of } },
  artifacts: { 'skill/x': { ...locked, ...more } },
})
const without = (key: string) => {
  const { artifacts, ...rest } = lock({})
  const { [key]: _gone, ...others }: Record<string, unknown> = artifacts['skill/x']
  return { ...rest, artifacts: { 'skill/x': others } }
}

agree('haal-lock.schema.json', (value) => parseLock(JSON.stringify(value)), [
  good('an empty one', { lockfileVersion: 1, registries: {}, artifacts: {} }),
  good('an artifact', lock({})),
  good(
    'every key',
    lock(
      {
        revision: 'a',
        ref: 'main',
        file: 'x.md',
        id: 'com.x',
        agentosKind: 'tool',
        entry: 'index.js',
        loadable: true,
        pinned: true,
        requires: ['skill/y'],
        approved: [`${digest} script: run.sh`],
        copies: ['elsewhere'],
        as: 'y',
        targets: ['claude'],
      },
      { ref: 'main', revision: 'a', verified: true, listedBy: 'corp' },
    ),
  ),
  good('a key of a newer haal', lock({ mood: 'good' })),
  ...['version', 'registry', 'path', 'integrity', 'requestedBy'].map((key) => bad(`no ${key}`, without(key))),
  bad('an integrity that is none', lock({ integrity: 'sha1-x' })),
  bad('a number for a version', lock({ version: 1 })),
  bad('text for a flag', lock({ pinned: 'yes' })),
  bad('text for a list', lock({ requestedBy: 'haal.json' })),
  bad('numbers in a list', lock({ targets: [1] })),
  bad('a key that is no artifact', { ...lock({}), artifacts: { 'skil/x': locked } }),
  bad('a place outside the project', lock({ targets: ['../x'] })),
  bad('a tool’s place that is haal’s own', lock({ targets: ['claude:.haal/x'] })),
  bad('a path out of the registry', lock({ path: '/etc' })),
  bad('a requirement that is no artifact', lock({ requires: ['x'] })),
  bad('another format', { ...lock({}), lockfileVersion: 2 }),
  bad('no registries', { lockfileVersion: 1, artifacts: {} }),
  bad('a registry without a location', { lockfileVersion: 1, registries: { corp: { type: 'git' } }, artifacts: {} }),
])
