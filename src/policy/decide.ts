import { isDigest } from '../model/digest.js'
import { splitRef } from '../model/kinds.js'
import { getOrMake } from '../model/maps.js'
import { fits } from '../model/pattern.js'
import type { Bounds, Policy, Refusal, Rule } from '../model/policy.js'
import { type Place, type PlacePattern, placeOf, readLocation } from '../model/policy-patterns.js'
import { type Locator, locationOf } from '../model/registry.js'
import { satisfies } from '../model/versions.js'
import { rulesAbout } from './about.js'
import { judgeContent } from './content.js'
import type { ArtifactFacts, RegistryFacts } from './facts.js'
import { type Identity, meansArtifact, meansPlace } from './match.js'
import { judgeAllowed, judgeDenied } from './names.js'
import { refusal, refusalsBy, refusalsIn } from './refuse.js'
import { lacking } from './signers.js'
import { isWithin } from './versions.js'

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
  const shown = shownAt(at)
  const places = real === undefined ? [placeOf(at)] : [placeOf(at), placeOf({ via: 'file', path: real })]
  return [
    ...refusalsBy(policy, 'registries.deny', {
      about,
      judge: (pattern) =>
        places.some((place) => meansPlace(pattern, place, 'forbids')) ? `policy denies ${shown}` : undefined,
    }),
    ...refusalsBy(policy, 'registries.allow', {
      about,
      judge: (list) => (isListed(list, places[0]) ? undefined : `${shown} is not in the list of allowed registries`),
    }),
  ]
}

/** With the registry of a package, where that may be what is not listed. */
function shownAt(at: Locator): string {
  const text = locationOf(at)
  const other = at.via === 'npm' ? otherNpm(at.registry) : undefined
  if (other !== undefined) return `${text} from ${shownAddress(other)}`
  return at.via === 'url' || at.via === 'git' ? shownAddress(text) : text
}

/** A redirect's target may carry a signature or token in its query; neither that nor a user name is repeated. */
function shownAddress(text: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text) || !URL.canParse(text)) return text.replace(/^[^/]*@/, '')
  const url = new URL(text)
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`
}

/** The registry of a package, where it is another than npm's own. */
function otherNpm(registry: string | undefined): string | undefined {
  return registry === undefined || /^https:\/\/registry\.npmjs\.org\/?$/i.test(registry) ? undefined : registry
}

/** A package's name says nothing of where it is fetched: a registry that the configuration names for it must be listed too. */
function isListed(list: readonly PlacePattern[], place: Place | undefined): boolean {
  const isNamed = list.some((pattern) => meansPlace(pattern, place, 'allows'))
  const host = place?.via === 'npm' ? otherNpm(place.registry) : undefined
  if (!isNamed || host === undefined) return isNamed
  const served = placeOf({ via: 'url', url: host })
  return list.some((pattern) => meansPlace(pattern, served, 'allows'))
}

/** The rules that want a registry's index signed. */
export function signatureRules(
  policy: Policy,
  { name, at }: Pick<RegistryFacts, 'name' | 'at'>,
): readonly Rule<'registries.require.signature'>[] {
  return policy.rules['registries.require.signature'].filter(({ value }) => isMeant(value.registry, { name, at }))
}

/** A rule names registries by name (`*` in it stands for any text) or by location. */
function isMeant(registry: string, { name, at }: Pick<RegistryFacts, 'name' | 'at'>): boolean {
  return fits(registry, name) || isAt(registry, at)
}

function judgeSignature(policy: Policy, facts: RegistryFacts): Refusal[] {
  const { name, signature } = facts
  if (signature === 'pending') return []
  return signatureRules(policy, facts).flatMap((rule) => {
    const lack = lacking(rule.value, signature)
    return lack === undefined ? [] : [{ ...refusal(rule, `registry ${name}`, lack.why), code: lack.code }]
  })
}

function isAt(location: string, at: Locator): boolean {
  const read = readLocation(location)
  return 'value' in read && meansPlace(read.value, placeOf(at), 'forbids')
}

/** What policy has against an artifact, its registry included. A bundle has no content: what it lists is judged one by one. */
export function judgeArtifact(policy: Policy, facts: ArtifactFacts): Refusal[] {
  const byAnyName: Identity = { ...facts, also: [...(facts.also ?? []), ...(facts.formerly ?? [])] }
  return [
    ...judgeItsRegistry(policy, facts.registry).map((each) => ({ ...each, about: `${facts.ref} from ${each.about}` })),
    ...judgeNamespace(policy, byAnyName, facts.registry),
    ...judgeNamesInside(policy, facts),
    ...judgeDenied(policy, byAnyName, facts),
    ...judgeAllowed(policy, facts),
    ...judgePins(policy, byAnyName, facts),
    ...judgeTargets(policy, facts.targets ?? [], facts.ref),
    ...(splitRef(facts.ref).kind === 'bundle' ? [] : judgeContent(policy, facts.ref, facts.content)),
  ]
}

/** Namespaces bind what its own files call it, too, because tools know it by that; and the parts of a plugin, which some tools get one by one. */
function judgeNamesInside(policy: Policy, { ref: about, registry, content, contains = [] }: ArtifactFacts): Refusal[] {
  const called = (content?.called ?? []).map((ref) => ({ ref, how: 'has something that calls itself' }))
  const parts = splitRef(about).kind === 'bundle' ? [] : contains.map((ref) => ({ ref, how: 'contains' }))
  return [...called, ...parts].flatMap(({ ref, how }) =>
    judgeNamespace(policy, { ref }, registry).map((each) => ({
      ...each,
      about,
      reason: `it ${how} ${ref}, and ${each.reason}`,
    })),
  )
}

/** Judged once for each registry: thousands of artifacts may come from one. */
function judgeItsRegistry(policy: Policy, facts: RegistryFacts): readonly Refusal[] {
  const judged = getOrMake(judgedRegistries, policy, () => new Map<string, Refusal[]>())
  return getOrMake(judged, JSON.stringify(facts), () => judgeRegistry(policy, facts))
}

const judgedRegistries = new WeakMap<Policy, Map<string, Refusal[]>>()

/** Names bound to a registry's location may come from nowhere else, whether or not that registry answers. */
function judgeNamespace(policy: Policy, identity: Identity, { at, name }: RegistryFacts): Refusal[] {
  return refusalsIn(
    rulesAbout(policy.rules.namespaces, ({ value }) => value.match, [identity]),
    {
      about: identity.ref,
      judge: ({ match, registry }) =>
        meansArtifact(match, identity, 'forbids') && !meansPlace(registry, placeOf(at), 'allows')
          ? `names like "${match.text}" come from ${registry.text} only, not from ${name}`
          : undefined,
    },
  )
}

function judgePins(policy: Policy, identity: Identity, { version, integrity }: ArtifactFacts): Refusal[] {
  return refusalsIn(
    rulesAbout(policy.rules['artifacts.pinned'], ({ value }) => value.artifact, [identity]),
    {
      about: identity.ref,
      judge: ({ artifact, to }) => {
        if (!meansArtifact(artifact, identity, 'forbids')) return undefined
        if (isDigest(to)) return integrity === to ? undefined : `policy pins it to ${to}, this is ${integrity}`
        return satisfies(version, to) ? undefined : `policy pins it to ${to}, this is ${version}`
      },
    },
  )
}

/** What policy has against tools that get something. */
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
interface ToolFact {
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
