import { isDigest } from '../model/digest.js'
import type { Ref } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { isPersonal, type Policy, type Refusal } from '../model/policy.js'
import { rulesAbout } from './about.js'
import { judgePlace } from './decide.js'
import { type Identity, meansArtifact } from './match.js'
import { refusalsBy } from './refuse.js'
import { both } from './versions.js'

/** Origins to which tokens may go and private addresses that may be asked because policy lists them: those in `registries.allow` of a machine,
    user or HAAL_POLICY policy that no rule refuses. As `new URL().origin` writes them. */
export function policyOrigins(policy: Policy): string[] {
  const listed = policy.rules['registries.allow']
    .filter(({ source }) => isPersonal(source.layer))
    .flatMap(({ value }) => value.flatMap((place) => (place.via === 'web' ? [place] : [])))
  const open = listed.filter(({ origin, path }) => {
    const at = { via: 'url', url: `${origin}/${path?.join('/') ?? ''}` } as const
    return !judgePlace(policy, { name: origin, at }).some(({ rule }) => rule === 'registries.deny')
  })
  return [...new Set(open.map(({ origin }) => origin))]
}

/** The strictest sizes that policy sets, so that intake stops at them instead of fetching the rest. */
export function sizeLimits({ rules }: Policy): { file?: number; artifact?: number } {
  const file = rules['content.maxFileBytes'].map(({ value }) => value)
  const artifact = rules['content.maxArtifactBytes'].map(({ value }) => value)
  return {
    ...(file.length > 0 && { file: Math.min(...file) }),
    ...(artifact.length > 0 && { artifact: Math.min(...artifact) }),
  }
}

/** Why intake stopped at a size: the rule that set it. Empty where no rule did, and haal's own limit is what was met. */
export function sizeRefusals(
  policy: Policy,
  { about, budget, limit }: { about: string; budget: unknown; limit: unknown },
): Refusal[] {
  const name = budget === 'file' ? 'content.maxFileBytes' : 'content.maxArtifactBytes'
  const why = budget === 'file' ? `it has a file of more than ${limit} bytes` : `it has more than ${limit} bytes`
  return refusalsBy(policy, name, { about, judge: (value) => (value === limit ? why : undefined) })
}

/** Whether policy pins an artifact to the very version or bytes that are locked: an update has nothing to raise then. */
export function isHeld(
  policy: Policy,
  ref: Ref,
  { id, version, integrity }: Pick<Locked, 'id' | 'version' | 'integrity'>,
): boolean {
  const pins = pinsOf(policy, { ref, id, integrity })
  return pins.length > 0 && pins.every((to) => to === integrity || to === version)
}

/** The range that policy leaves of an artifact's versions; undefined where it pins none. */
export function pinnedRange(policy: Policy, identity: Identity): string | undefined {
  const ranges = pinsOf(policy, identity).filter((to) => !isDigest(to))
  return ranges.length === 0 ? undefined : ranges.reduce(both)
}

function pinsOf({ rules }: Policy, identity: Identity): string[] {
  const some = rulesAbout(rules['artifacts.pinned'], ({ value }) => value.artifact, [identity])
  return some.flatMap(({ value: { artifact, to } }) => (meansArtifact(artifact, identity, 'forbids') ? [to] : []))
}

/** Every audit log that policy asks for; one that any source requires is required. `contact` is whom to ask about that. */
export function auditLogs({ rules }: Policy): { file: string; required: boolean; contact?: string }[] {
  const files = [...new Set(rules.audit.map(({ value }) => value.file))]
  return files.map((file) => {
    const asking = rules.audit.filter(({ value }) => value.file === file)
    const first = asking.find(({ value }) => value.required)
    return { file, required: first !== undefined, ...(first?.source.contact && { contact: first.source.contact }) }
  })
}
