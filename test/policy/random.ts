import fc from 'fast-check'
import type { Ref } from '../../src/model/kinds.js'
import type { Policy, PolicyLayer, PolicyLayerName } from '../../src/model/policy.js'
import { judgeArtifact, judgeVersions } from '../../src/policy/decide.js'
import type { ArtifactFacts } from '../../src/policy/facts.js'
import { judgeRequired } from '../../src/policy/required.js'
import { at, bytesA, bytesB, harmless, keyA, layer, lockOf, type Rules, signedBy } from './made.js'

const names = ['skill/a', 'skill/b', 'skill/acme-x', 'hook/a', 'plugin/p'] as const
const patterns = [
  'skill/*',
  'skill/a',
  '*',
  'hook/*',
  'acme-*',
  'skill/acme-*',
  'com.acme.*',
  bytesA,
  'plugin/p',
] as const
const origins = ['https://a.corp', 'https://b.corp', 'https://A.corp:443'] as const
const paths = ['/x', '/x/*', '/*'] as const

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const some = <T>(values: readonly T[]) => fc.array(fc.constantFrom(...values), { maxLength: 3 })
const place = fc.oneof(
  fc.record({ origin: fc.constantFrom(...origins), path: maybe(fc.constantFrom(...paths)) }),
  fc.record({ file: fc.constantFrom('/opt/*', '/opt/a', '/srv/*') }),
  fc.record({ npm: fc.constantFrom('@acme/*', '*', '@acme/x') }),
)
const places = fc.array(place, { maxLength: 3 })
const bounds = fc.record({ min: maybe(fc.constantFrom('1.0.0', '1.5.0')), max: maybe(fc.constantFrom('1.x', '2.x')) })

export const rules: fc.Arbitrary<Rules> = fc.record({
  haal: maybe(bounds),
  tools: maybe(fc.record({ git: bounds })),
  registries: maybe(
    fc.record({
      allow: maybe(places),
      deny: maybe(places),
      require: maybe(
        fc.record({
          verified: maybe(fc.boolean()),
          checksum: maybe(fc.boolean()),
          signature: maybe(fc.constant([{ registry: 'r', keys: [keyA] }])),
        }),
      ),
    }),
  ),
  namespaces: maybe(
    fc.array(
      fc.record({
        match: fc.constantFrom(...patterns),
        registry: fc.constantFrom('https://a.corp/x', '/opt/a', 'npm:@acme/x'),
      }),
      { maxLength: 2 },
    ),
  ),
  artifacts: maybe(
    fc.record({
      required: maybe(fc.dictionary(fc.constantFrom('skill/a', 'skill/b'), fc.constantFrom('*', '^1.0.0', '^2.0.0'))),
      pinned: maybe(fc.dictionary(fc.constantFrom('skill/a', 'skill/*'), fc.constantFrom('1.0.0', bytesB, '2.0.0'))),
      allow: maybe(some(patterns)),
      deny: maybe(some(patterns)),
    }),
  ),
  content: maybe(
    fc.record({
      hiddenUnicode: maybe(fc.constantFrom('deny', 'allow')),
      executables: maybe(fc.constantFrom('deny', 'approve', 'allow')),
      licenses: maybe(some(['MIT', 'Apache-2.0'])),
      minimumAgeHours: maybe(fc.constantFrom(0, 24, 72)),
      maxFileBytes: maybe(fc.constantFrom(50, 150, 1000)),
      maxArtifactBytes: maybe(fc.constantFrom(50, 250, 1000)),
    }),
  ),
  targets: maybe(fc.record({ allow: maybe(some(['claude', 'cursor'])) })),
})

const layerNames: readonly PolicyLayerName[] = ['machine', 'user', 'environment', 'project', 'registry']

/** Random layers, in their order. */
export const layers: fc.Arbitrary<PolicyLayer[]> = fc
  .array(fc.tuple(fc.constantFrom(...layerNames), rules), { maxLength: 4 })
  .map((list) => list.toSorted(([a], [b]) => layerNames.indexOf(a) - layerNames.indexOf(b)))
  .map((list) =>
    list.map(([name, each], i) => layer(JSON.parse(JSON.stringify(each)) as Rules, name, `/${name}/${i}.json`)),
  )

export const facts: fc.Arbitrary<ArtifactFacts> = fc
  .record({
    ref: fc.constantFrom<Ref>(...names),
    id: fc.constantFrom('com.acme.x', 'org.other'),
    version: fc.constantFrom('1.0.0', '2.0.0'),
    integrity: fc.constantFrom(bytesA, bytesB),
    location: fc.constantFrom(
      { via: 'url', url: 'https://a.corp/x' } as const,
      { via: 'git', url: 'https://b.corp/x/y.git' } as const,
      { via: 'file', path: '/opt/a' } as const,
      { via: 'npm', name: '@acme/x' } as const,
    ),
    flags: fc.record({ verified: fc.boolean(), checksum: fc.boolean() }),
    signed: fc.boolean(),
    also: some(names),
    contains: some(names),
    targets: some(['claude', 'cursor']),
    content: fc.record({
      surface: some(['script: run.sh', 'hook: PreToolUse: ./x.sh']),
      hidden: some(['SKILL.md:1 U+202E']),
      licence: fc.constantFrom('MIT', 'GPL-3.0'),
      ageHours: fc.constantFrom(1, 48, 100),
      bytes: fc.constantFrom(40, 200, 900),
    }),
  })
  .map(({ location, flags, signed, content, ...rest }) => ({
    ...rest,
    registry: at(location, { ...flags, ...(signed && { signature: signedBy(keyA) }) }),
    content: { ...harmless, ...content, largest: { path: 'f', bytes: content.bytes } },
  }))

/** Everything that policy can say about one artifact, this haal and a lockfile that holds it. */
export function lets(under: Policy, about: ArtifactFacts): boolean {
  const lock = lockOf({ [about.ref]: { version: about.version, integrity: about.integrity } })
  const versions = judgeVersions(under, '1.2.0', { git: { version: '1.2.0', used: true } })
  return [...judgeArtifact(under, about), ...versions, ...judgeRequired(under, lock)].length === 0
}
