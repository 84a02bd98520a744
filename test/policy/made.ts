import type { Digest } from '../../src/model/digest.js'
import type { Ref } from '../../src/model/kinds.js'
import { emptyLock, type Lock, type Locked } from '../../src/model/lock.js'
import type { Change, Plan } from '../../src/model/plan.js'
import type { Policy, PolicyLayer, PolicyLayerName, Refusal } from '../../src/model/policy.js'
import { decodePolicy } from '../../src/model/policy-file.js'
import type { Locator } from '../../src/model/registry.js'
import type { ArtifactFacts, ContentFacts, RegistryFacts, SignedFacts } from '../../src/policy/facts.js'
import { merge } from '../../src/policy/merge.js'

/** The part of a policy file that a test is about. */
export type Rules = Readonly<Record<string, unknown>>

export function layer(rules: Rules, name: PolicyLayerName = 'machine', from = `/${name}/policy.json`): PolicyLayer {
  const file = decodePolicy(JSON.stringify({ policyVersion: 1, ...rules }), from, (path) => `/anchor/${path}`)
  return { source: { layer: name, from, ...(file.contact !== undefined && { contact: file.contact }) }, file }
}

export function policy(...rules: readonly Rules[]): Policy {
  const names: PolicyLayerName[] = ['machine', 'user', 'environment', 'project', 'registry']
  return merge(rules.map((each, i) => layer(each, names[i] ?? 'registry', `/${i}/policy.json`)))
}

export const bytesA: Digest = `sha256-${'A'.repeat(43)}=`
export const bytesB: Digest = `sha256-${'B'.repeat(43)}=`

/** Two public keys whose private halves nobody has. */
export const keyA = 'MCowBQYDK2VwAyEAqmGTztoJrvUD4CHgtY/EEFjEig8FQE/mOudPCq9ZuJY='
export const keyB = 'MCowBQYDK2VwAyEAn6h5geJszQWKwQeln3RZcv07qkKQSiZD+5sc1pVA39I='

/** An index with good signatures of these keys. */
export const signedBy = (...keys: string[]): SignedFacts => ({ keys, now: new Date('2026-01-02T03:04:05Z') })

export const corp: RegistryFacts = {
  name: 'corp',
  at: { via: 'git', url: 'https://git.corp.com/ai/skills.git' },
  author: 'project',
  verified: false,
  checksum: false,
}

export function at(location: Locator | string, more: Partial<RegistryFacts> = {}): RegistryFacts {
  return { ...corp, name: 'r', at: typeof location === 'string' ? { via: 'url', url: location } : location, ...more }
}

export const harmless: ContentFacts = {
  surface: [],
  hidden: [],
  licence: 'MIT',
  ageHours: 1000,
  largest: { path: 'SKILL.md', bytes: 100 },
  bytes: 200,
}

export function artifact(ref: Ref, more: Partial<ArtifactFacts> = {}): ArtifactFacts {
  return { ref, version: '1.0.0', integrity: bytesA, registry: corp, content: harmless, ...more }
}

export function locked(more: Partial<Locked> = {}): Locked {
  return { version: '1.0.0', registry: 'corp', path: '', integrity: bytesA, requestedBy: ['haal.json'], ...more }
}

export function lockOf(artifacts: Readonly<Record<string, Partial<Locked>>>): Lock {
  const entries = Object.entries(artifacts).map(([ref, more]) => [ref, locked(more)])
  return { ...emptyLock, artifacts: Object.fromEntries(entries) as Lock['artifacts'] }
}

/** A plan between two lockfiles; changes follow from them where a test does not give any. */
export function planOf(from: Lock, to: Lock, more: Partial<Plan> = {}): Plan {
  const wishes = { artifacts: {}, pins: {} }
  const plan = {
    command: 'install',
    from: { wishes, lock: from },
    to: { wishes, lock: to },
    order: ['corp'],
    changes: changesOf(from, to),
  }
  return { ...plan, steps: [], conflicts: [], shadowed: [], warnings: [], ...more }
}

function changesOf(from: Lock, to: Lock): Change[] {
  const refs = [...new Set([...Object.keys(from.artifacts), ...Object.keys(to.artifacts)])] as Ref[]
  return refs.map((ref) => {
    const [a, b] = [from.artifacts[ref], to.artifacts[ref]]
    const label = (each: Locked | undefined) =>
      each === undefined ? null : { version: each.version, revision: '', integrity: each.integrity }
    const action =
      a === undefined ? 'add' : b === undefined ? 'remove' : a.integrity === b.integrity ? 'keep' : 'update'
    return { action, artifact: ref, from: label(a), to: label(b), registry: 'corp' }
  })
}

/** The facts of a plan's artifacts, as its lockfile has them. */
export function factsFrom(lock: Lock, more: Readonly<Record<string, Partial<ArtifactFacts>>> = {}) {
  return (ref: Ref): ArtifactFacts => {
    const { version = '1.0.0', integrity = bytesA, id } = lock.artifacts[ref] ?? {}
    return artifact(ref, { version, integrity, ...(id !== undefined && { id }), ...more[ref] })
  }
}

export function codesOf(refusals: readonly Refusal[]): string[] {
  return refusals.map(({ code }) => code)
}
