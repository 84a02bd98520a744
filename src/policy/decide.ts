import { type Digest, isDigest } from '../model/digest.js'
import type { Ref } from '../model/kinds.js'
import type { Bounds, Policy, Refusal } from '../model/policy.js'
import { type PlacePattern, readLocation } from '../model/policy-patterns.js'
import { type Author, type Locator, locationOf } from '../model/registry.js'
import { type ContentFacts, judgeContent } from './content.js'
import { type Identity, meansArtifact, meansPlace } from './match.js'
import { refusalsBy } from './refuse.js'
import { isWithin, satisfies } from './versions.js'
import { fits } from './wildcard.js'

export interface RegistryFacts {
  name: string
  at: Locator
  /** Where `at` really is, links followed, if that is another folder. */
  real?: string
  author: Author
  verified: boolean
  /** The configuration has a checksum for it. */
  checksum: boolean
  /** The keys, as policy writes them, whose signatures over the index were found good. `pending` before anything was asked of the
      registry; absent means unsigned. */
  signature?: { keys: readonly string[] } | 'pending'
}

export interface ArtifactFacts {
  ref: Ref
  id?: string
  version: string
  integrity: Digest
  registry: RegistryFacts
  /** What its registry calls it, where it is installed under another name. */
  also?: readonly Ref[]
  /** Other names that it has or had: they count only against it. */
  formerly?: readonly Ref[]
  /** What a plugin or bundle brings inside. */
  contains?: readonly Ref[]
  /** Tools that it is placed in. */
  targets?: readonly string[]
  /** May be left out where `asksForContent` says no; a content rule refuses what it is not told. */
  content?: ContentFacts
}

/** What policy has against a registry: asked before anything is sent to it, and again for everything that came from it. */
export function judgeRegistry(policy: Policy, facts: RegistryFacts): Refusal[] {
  const { name, at, author, verified, checksum } = facts
  const about = `registry ${name}`
  return [
    ...judgePlace(policy, { name, at, ...(facts.real !== undefined && { real: facts.real }) }),
    ...refusalsBy(policy, 'registries.require.verified', {
      about,
      judge: (required) =>
        required && !(verified && author !== 'network')
          ? `it is not marked "verified": true in the configuration`
          : undefined,
    }),
    ...refusalsBy(policy, 'registries.require.checksum', {
      about,
      judge: (required) => (required && !checksum ? 'the configuration has no checksum for it' : undefined),
    }),
    ...judgeSignature(policy, facts),
  ]
}

/** What policy has against a place alone: a redirect's target, an entry that points elsewhere. */
export function judgePlace(policy: Policy, { name, at, real }: Pick<RegistryFacts, 'name' | 'at' | 'real'>): Refusal[] {
  const about = `registry ${name}`
  const shown = locationOf(at)
  const places: Locator[] = real === undefined ? [at] : [at, { via: 'file', path: real }]
  return [
    ...refusalsBy(policy, 'registries.deny', {
      about,
      judge: (pattern) =>
        places.some((place) => meansPlace(pattern, place, 'forbids')) ? `policy denies ${shown}` : undefined,
    }),
    ...refusalsBy(policy, 'registries.allow', {
      about,
      judge: (list) => (isListed(list, at) ? undefined : `${shown} is not in the list of allowed registries`),
    }),
  ]
}

/** A package's name says nothing of where it is fetched: a registry that the configuration names for it must be listed too. */
function isListed(list: readonly PlacePattern[], at: Locator): boolean {
  const isNamed = list.some((pattern) => meansPlace(pattern, at, 'allows'))
  const host = at.via === 'npm' ? at.registry : undefined
  if (!isNamed || host === undefined || /^https:\/\/registry\.npmjs\.org\/?$/i.test(host)) return isNamed
  return list.some((pattern) => meansPlace(pattern, { via: 'url', url: host }, 'allows'))
}

/** A rule names registries by name (`*` in it stands for any text) or by location. */
function judgeSignature(policy: Policy, { name, at, signature }: RegistryFacts): Refusal[] {
  if (signature === 'pending') return []
  const found = refusalsBy(policy, 'registries.require.signature', {
    about: `registry ${name}`,
    judge: ({ registry, keys, threshold }) => {
      if (!fits(registry, name) && !isAt(registry, at)) return undefined
      const good = new Set(signature?.keys.filter((key) => keys.includes(key)))
      if (good.size >= threshold) return undefined
      if (!signature?.keys.length) return 'its index is not signed'
      return good.size === 0
        ? 'its index is signed by no key of this policy'
        : `its index has ${good.size} of ${threshold} signatures`
    },
  })
  return found.map((each) => (signature?.keys.length ? { ...each, code: 'E_SIG_KEY' as const } : each))
}

function isAt(location: string, at: Locator): boolean {
  const read = readLocation(location)
  return 'value' in read && meansPlace(read.value, at, 'forbids')
}

/** What policy has against an artifact, its registry included. */
export function judgeArtifact(policy: Policy, facts: ArtifactFacts): Refusal[] {
  const byAnyName: Identity = { ...facts, also: [...(facts.also ?? []), ...(facts.formerly ?? [])] }
  return [
    ...judgeRegistry(policy, facts.registry).map((each) => ({ ...each, about: `${facts.ref} from ${each.about}` })),
    ...judgeNamespace(policy, byAnyName, facts.registry),
    ...judgeDenied(policy, byAnyName, facts.contains ?? []),
    ...judgeAllowed(policy, facts),
    ...judgePins(policy, byAnyName, facts),
    ...judgeTargets(policy, facts.targets ?? [], facts.ref),
    ...judgeContent(policy, facts.ref, facts.content),
  ]
}

/** Names bound to a registry's location may come from nowhere else, whether or not that registry answers. */
export function judgeNamespace(
  policy: Policy,
  identity: Identity,
  { at, name }: Pick<RegistryFacts, 'at' | 'name'>,
): Refusal[] {
  return refusalsBy(policy, 'namespaces', {
    about: identity.ref,
    judge: ({ match, registry }) =>
      meansArtifact(match, identity, 'forbids') && !meansPlace(registry, at, 'allows')
        ? `names like "${match.text}" come from ${registry.text} only, not from ${name}`
        : undefined,
  })
}

/** Denied is whatever is or was called so anywhere, and what has it inside. */
function judgeDenied(policy: Policy, identity: Identity, contains: readonly Ref[]): Refusal[] {
  return refusalsBy(policy, 'artifacts.deny', {
    about: identity.ref,
    judge: (pattern) => {
      if (meansArtifact(pattern, identity, 'forbids')) return `policy denies "${pattern.text}"`
      const part = contains.find((ref) => meansArtifact(pattern, { ref }, 'forbids'))
      return part && `it contains ${part}, and policy denies "${pattern.text}"`
    },
  })
}

/** Allowed must be its name, the name its registry gives it, and all that it has inside unless the list names the whole by its exact name. */
function judgeAllowed(policy: Policy, { ref, id, integrity, also = [], contains = [] }: ArtifactFacts): Refusal[] {
  return refusalsBy(policy, 'artifacts.allow', {
    about: ref,
    judge: (list) => {
      const listed = (each: Identity) => list.filter((pattern) => meansArtifact(pattern, each, 'allows'))
      const own = listed({ ref, id, integrity })
      const stranger = own.length === 0 ? ref : also.find((name) => listed({ ref: name, id }).length === 0)
      if (stranger !== undefined) return `${stranger} is not in the list of allowed artifacts`
      if (own.some(({ text }) => !text.includes('*'))) return undefined
      const part = contains.find((inside) => listed({ ref: inside }).length === 0)
      return part && `it contains ${part}, which is not in the list of allowed artifacts`
    },
  })
}

function judgePins(policy: Policy, identity: Identity, { version, integrity }: ArtifactFacts): Refusal[] {
  return refusalsBy(policy, 'artifacts.pinned', {
    about: identity.ref,
    judge: ({ artifact, to }) => {
      if (!meansArtifact(artifact, identity, 'forbids')) return undefined
      if (isDigest(to)) return integrity === to ? undefined : `policy pins it to ${to}, this is ${integrity}`
      return satisfies(version, to) ? undefined : `policy pins it to ${to}, this is ${version}`
    },
  })
}

export function judgeTargets(policy: Policy, tools: readonly string[], about: string): Refusal[] {
  return refusalsBy(policy, 'targets.allow', {
    about,
    judge: (list) => {
      const stranger = tools.find((tool) => !list.some((allowed) => allowed.toLowerCase() === tool.toLowerCase()))
      return stranger && `${stranger} is not in the list of allowed tools`
    },
  })
}

/** A program as it was found: what `--version` says, null where it is missing. A tool nobody uses here (`used: false`) needs no version. */
export interface ToolFact {
  version: string | null
  used: boolean
}

/** The tools whose versions policy asks for; haal runs no other program to find out. */
export function toolsAsked(policy: Policy): string[] {
  return [...new Set(policy.rules.tools.map(({ value }) => value.tool))]
}

/** What policy has against this haal and the tools here. A tool that is missing, or says no version, is refused as an older one is. */
export function judgeVersions(policy: Policy, haal: string, tools: Readonly<Record<string, ToolFact>> = {}): Refusal[] {
  const wrong = (version: string | null, bounds: Bounds) =>
    version !== null && isWithin(version, bounds) ? undefined : `policy asks for ${worded(bounds)}, ${found(version)}`
  return [
    ...refusalsBy(policy, 'haal', { about: 'haal', judge: (bounds) => wrong(haal, bounds) }),
    ...toolsAsked(policy).flatMap((tool) =>
      refusalsBy(policy, 'tools', {
        about: `tool ${tool}`,
        judge: ({ tool: named, ...bounds }) =>
          named !== tool || tools[tool]?.used === false ? undefined : wrong(tools[tool]?.version ?? null, bounds),
      }),
    ),
  ]
}

function found(version: string | null): string {
  return version === null ? 'and it is not found here' : `this is ${version}`
}

function worded({ min, max }: Bounds): string {
  return [min && `at least ${min}`, max && `at most ${max}`].filter((bound) => bound !== undefined).join(' and ')
}
