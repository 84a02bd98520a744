import fs from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { integrityOf } from '../../e2e/world/integrity.js'
import type { Files } from '../../e2e/world/place.js'
import { type ErrorCode, HaalError } from '../../src/model/errors.js'
import type { PolicyLayerName } from '../../src/model/policy.js'
import { type AttemptName, attempts, type Place, place, skill } from './verbs.js'

let at: Place
beforeEach(() => {
  at = place()
})
afterEach(() => at.remove())

interface Row {
  says: string
  rules: object | string | ((at: Place) => object)
  code: ErrorCode
  /** Where the rule has a say; everywhere, unless said. */
  only?: readonly AttemptName[]
  layers?: readonly PolicyLayerName[]
}

const layers: readonly PolicyLayerName[] = ['machine', 'user', 'environment', 'project', 'registry']
const personal: readonly PolicyLayerName[] = ['machine', 'user', 'environment']

/** Without its first folder, as an artifact has them. */
const inside = (version: string): Files =>
  Object.fromEntries(
    Object.entries(skill('target', version)).map(([file, body]) => [file.replace('corp/skills/target/', ''), body]),
  )
const bytes = [integrityOf(inside('1.0.0')), integrityOf(inside('1.1.0'))]

const rows: readonly Row[] = [
  { says: 'denied by name', rules: { artifacts: { deny: ['skill/target'] } }, code: 'E_POLICY_ARTIFACT' },
  { says: 'denied in capitals', rules: { artifacts: { deny: ['skill/TARGET'] } }, code: 'E_POLICY_ARTIFACT' },
  { says: 'denied by a pattern', rules: { artifacts: { deny: ['tar*'] } }, code: 'E_POLICY_ARTIFACT' },
  { says: 'denied by its bytes', rules: { artifacts: { deny: bytes } }, code: 'E_POLICY_ARTIFACT' },
  { says: 'not in the list', rules: { artifacts: { allow: ['skill/other', 'bundle/*'] } }, code: 'E_POLICY_ARTIFACT' },
  { says: 'an empty list', rules: { artifacts: { allow: [] } }, code: 'E_POLICY_ARTIFACT' },
  {
    says: 'pinned to another version',
    rules: { artifacts: { pinned: { 'skill/target': '9.0.0' } } },
    code: 'E_POLICY_PINNED',
  },
  {
    says: 'pinned to other bytes',
    rules: { artifacts: { pinned: { 'skill/target': `sha256-${'A'.repeat(43)}=` } } },
    code: 'E_POLICY_PINNED',
  },
  {
    says: 'another one is required',
    rules: { artifacts: { required: { 'skill/other': '^2.0.0' } } },
    code: 'E_POLICY_REQUIRED',
    only: ['frozen', 'again', 'rollback'],
  },
  { says: 'no registry is allowed', rules: { registries: { allow: [] } }, code: 'E_POLICY_REGISTRY' },
  {
    says: 'another registry is allowed',
    rules: { registries: { allow: [{ file: '/opt/registries/*' }] } },
    code: 'E_POLICY_REGISTRY',
  },
  {
    says: 'the registry is denied',
    rules: ({ at: path }) => ({ registries: { deny: [{ file: path('corp') }] } }),
    code: 'E_POLICY_REGISTRY',
  },
  {
    says: 'the folder above is denied',
    rules: ({ root }) => ({ registries: { deny: [{ file: root }] } }),
    code: 'E_POLICY_REGISTRY',
  },
  { says: 'not verified', rules: { registries: { require: { verified: true } } }, code: 'E_POLICY_REGISTRY' },
  { says: 'no checksum', rules: { registries: { require: { checksum: true } } }, code: 'E_POLICY_REGISTRY' },
  {
    says: 'not signed',
    rules: { registries: { require: { signature: [{ registry: '*', keys: [keyOfNobody()] }] } } },
    code: 'E_SIG_MISSING',
  },
  {
    says: 'the name belongs elsewhere',
    rules: { namespaces: [{ match: 'tar*', registry: 'https://git.acme.example/ai/skills.git' }] },
    code: 'E_POLICY_NAMESPACE',
  },
  { says: 'nothing may run', rules: { content: { executables: 'deny' } }, code: 'E_POLICY_CONTENT' },
  { says: 'what runs is approved', rules: { content: { executables: 'approve' } }, code: 'E_APPROVAL' },
  { says: 'another licence', rules: { content: { licenses: ['MIT'] } }, code: 'E_POLICY_CONTENT' },
  { says: 'a minimum age', rules: { content: { minimumAgeHours: 1 } }, code: 'E_POLICY_CONTENT' },
  { says: 'smaller files', rules: { content: { maxFileBytes: 10 } }, code: 'E_POLICY_CONTENT' },
  { says: 'smaller artifacts', rules: { content: { maxArtifactBytes: 20 } }, code: 'E_POLICY_CONTENT' },
  { says: 'a newer haal', rules: { haal: { min: '99.0.0' } }, code: 'E_POLICY_TOOL' },
  { says: 'a tool that is not here', rules: { tools: { 'no-such-tool': { min: '1.0.0' } } }, code: 'E_POLICY_TOOL' },
  { says: 'a key nobody knows', rules: { artifacts: { denied: [] } }, code: 'E_POLICY_SCHEMA' },
  { says: 'no JSON', rules: '{"policyVersion":1,', code: 'E_POLICY_LOAD' },
  { says: 'nothing in it', rules: '', code: 'E_POLICY_LOAD' },
  {
    says: 'a log that cannot be written',
    rules: ({ at: path, write }) => {
      write({ blocked: 'a file' })
      return { audit: { file: path('blocked/audit.jsonl'), required: true } }
    },
    code: 'E_POLICY_AUDIT',
    only: ['install', 'declared', 'member', 'frozen', 'update', 'copy', 'renamed', 'copied', 'rollback'],
    layers: personal,
  },
]

const everywhere = Object.keys(attempts) as AttemptName[]

/** Every rule with every verb; the layer goes round, so that each rule and each verb meets them all. */
const pairs = rows.flatMap((row, i) =>
  (row.only ?? everywhere).map((name, j) => {
    const from = row.layers ?? layers
    return { row, name, layer: from[(i + j) % from.length] ?? 'machine' }
  }),
)

test('the table has at least 150 pairs, and every verb meets every layer', () => {
  expect(pairs.length).toBeGreaterThanOrEqual(150)
  const met = new Set(pairs.map(({ name, layer }) => `${name} ${layer}`))
  expect(met.size).toBe(everywhere.length * layers.length)
})

describe('a refused attempt writes nothing, whatever the verb and wherever the rule stands', () => {
  test.each(pairs.map((pair) => [pair.row.says, pair.layer, attempts[pair.name].says, pair] as const))(
    '[P3 P6 P7 O30 O31 L10] %s (%s): %s',
    async (_says, _layer, _attempt, { row, name, layer }) => {
      const { prepare, act } = attempts[name]
      await prepare(at)
      at.policy(layer, typeof row.rules === 'function' ? row.rules(at) : row.rules)
      const before = at.snapshot()
      const e: unknown = await act(at).then(
        () => new Error('it was let through'),
        (error: unknown) => error,
      )
      if (!(e instanceof HaalError)) throw e
      expect([e.code, e.message]).toEqual([row.code, e.message])
      expect(at.snapshot()).toEqual(before)
      if (row.code.startsWith('E_POLICY') && !/LOAD|SCHEMA|AUDIT/.test(row.code))
        expect(e.details).toMatchObject({ rule: expect.any(String), layer, contact: 'ada@acme.example' })
    },
  )
})

describe('what no rule says no to passes, on the same way', () => {
  const kind = {
    artifacts: { allow: ['skill/*', 'bundle/*'], deny: ['hook/*'], pinned: { 'skill/target': '^1.0.0' } },
    content: { licenses: ['GPL-3.0-only'], maxFileBytes: 100_000, executables: 'allow' },
    haal: { max: '99.0.0' },
  }
  test.each(everywhere.map((name, i) => [attempts[name].says, layers[i % 3] ?? 'machine', name] as const))(
    '%s (%s)',
    async (_says, layer, name) => {
      await attempts[name].prepare(at)
      at.policy(layer, kind)
      const before = at.snapshot()
      await attempts[name].act(at)
      if (name === 'again') expect(at.snapshot()).toEqual(before)
      else expect(at.snapshot()).not.toEqual(before)
      expect(fs.existsSync(at.at('corp/skills/target'))).toBe(true)
    },
  )
})

/** A public key whose private half is gone. */
function keyOfNobody(): string {
  return 'MCowBQYDK2VwAyEAqmGTztoJrvUD4CHgtY/EEFjEig8FQE/mOudPCq9ZuJY='
}
