import type { Request } from '../model/artifact.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { type Lock, lockedRefs } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { addTo, getOrMake } from '../model/maps.js'
import { wildcard } from '../model/pattern.js'
import { isPattern, parseRequest } from '../model/request.js'

/** Something a project wants: an entry of haal.json, a requirement of policy, a member of an installed artifact. */
export interface Want {
  request: Request
  /** `haal.json`, `policy`, or the artifact that brings it. */
  by: string
  /** A newer version than the locked one is wanted. */
  fresh?: boolean
  /** Of a pattern: only these of the artifacts that it means are wanted fresh. The others stay, and no new one comes unless the pattern has brought
      nothing yet. */
  only?: ReadonlySet<Ref>
  /** Of a pattern: it is looked up although something that it means is locked. */
  anew?: boolean
  /** A person named it in this command, so that it is an error if nothing fits. */
  named?: boolean
  /** The range that a newer version than its own range has may come from, where that is wanted. */
  beyond?: string
  /** It was named in an update: a tag is followed although it has moved. */
  evenMoved?: boolean
  /** What is locked for it stays, and nothing else comes for it, whatever is demanded by now. */
  stays?: boolean
}

/** Whether a want is a person's or policy's own, and not that of an artifact. */
export function isRoot({ by }: Pick<Want, 'by'>): boolean {
  return !by.includes('/')
}

/** Whether a want says which version, or from where: who only names an artifact takes it as haal.json has it. */
export function decides({ request: { range, registry } }: Pick<Want, 'request'>): boolean {
  return range !== undefined || registry !== undefined
}

/** Whether a version satisfies a range; given in, because semver is loaded only where something is resolved. */
export type Satisfies = (version: string, range: string) => boolean

/** The wants that haal.json states. */
export function wantsOf({ artifacts }: Pick<Wishes, 'artifacts'>): Want[] {
  return Object.entries(artifacts).map(([key, range]) => ({
    request: { ...parseRequest(key), range },
    by: 'haal.json',
  }))
}

/** Whether a want is a pattern of haal.json that has brought nothing yet: whatever it means in the lock is there because a narrower entry, or only
    another artifact, asks for it. */
export function isUnmet({ request }: Want, all: readonly Want[], lock: Lock): boolean {
  if (!isPattern(request)) return false
  const narrower = all.filter((other) => isNarrower(other.request, request))
  const explained = new Set(narrower.flatMap((other) => refsMatching(other.request, lock)))
  const isBrought = (ref: Ref) => lock.artifacts[ref]?.requestedBy.includes('haal.json')
  return refsMatching(request, lock).every((ref) => explained.has(ref) || !isBrought(ref))
}

/** Whether what is locked comes from another registry than a pattern names, and nothing else that is wanted means it. */
export function isStray(ref: Ref, { request }: Want, { wants, lock }: { wants: readonly Want[]; lock: Lock }): boolean {
  if (request.registry === undefined || lock.artifacts[ref]?.registry === request.registry) return false
  return !wants.some((other) => other.request !== request && refsMatching(other.request, lock).includes(ref))
}

function isNarrower(a: Request, b: Request): boolean {
  if (!isPattern(a)) return true
  return (a.kind !== undefined && b.kind === undefined) || (a.kind === b.kind && a.name !== '*' && b.name === '*')
}

/** The locked artifacts that a want asks for, as far as their versions are as demanded; empty where it has to be resolved. */
export function lockedFor({ request }: Pick<Want, 'request'>, lock: Lock, isMet: (ref: Ref) => boolean): Ref[] {
  const named = refsMatching(request, lock)
  if (!isPattern(request)) return named.length === 1 ? named.filter(isMet) : []
  return named.filter((ref) => lock.artifacts[ref]?.requestedBy.includes('haal.json') && isMet(ref))
}

/** Installed artifacts that a person may mean: by `kind/name`, name, pattern or id; a name goes before an id that is the same word. */
export function refsMatching({ kind, name, registry }: Request, { artifacts }: Lock): Ref[] {
  const { ids, names } = indexOf(artifacts)
  const isOfKind = (ref: Ref) => kind === undefined || splitRef(ref).kind === kind
  const named = (name.includes('*') ? refsFitting(name, artifacts) : (names.get(name) ?? [])).filter(isOfKind)
  const found = named.length > 0 ? named : (ids.get(name) ?? []).filter(isOfKind)
  return found.filter((ref) => registry === undefined || artifacts[ref]?.registry === registry)
}

function refsFitting(name: string, artifacts: Lock['artifacts']): Ref[] {
  const fits = wildcard(name)
  return lockedRefs({ artifacts }).filter((ref) => fits(splitRef(ref).name))
}

interface Index {
  ids: ReadonlyMap<string, Ref[]>
  names: ReadonlyMap<string, Ref[]>
}

/** Every want is looked for in the same lock: its index is made once. */
const indexes = new WeakMap<Lock['artifacts'], Index>()

function indexOf(artifacts: Lock['artifacts']): Index {
  return getOrMake(indexes, artifacts, () => {
    const ids = new Map<string, Ref[]>()
    const names = new Map<string, Ref[]>()
    for (const ref of lockedRefs({ artifacts })) {
      const id = artifacts[ref]?.id
      if (id !== undefined) addTo(ids, id, ref)
      addTo(names, splitRef(ref).name, ref)
    }
    return { ids, names }
  })
}

/** Whether a request is for this artifact alone, whichever registry it names. */
export function isFor(request: Request, ref: Ref, lock: Lock): boolean {
  return isForOne(request, new Set([ref]), lock)
}

/** Whether a request is for one of these artifacts alone. */
export function isForOne({ registry: _any, ...request }: Request, refs: ReadonlySet<Ref>, lock: Lock): boolean {
  return !isPattern(request) && refsMatching(request, lock).some((ref) => refs.has(ref))
}

/** The entry of haal.json that an artifact comes by: the one for it alone, else the first pattern that means it. */
export function entryOf(
  ref: Ref,
  { artifacts, lock }: { artifacts: Wishes['artifacts']; lock: Lock },
): string | undefined {
  const byLock = getOrMake(entries, artifacts, () => new WeakMap<Lock['artifacts'], ReadonlyMap<Ref, string>>())
  return getOrMake(byLock, lock.artifacts, () => entriesOf(artifacts, lock)).get(ref)
}

const entries = new WeakMap<Wishes['artifacts'], WeakMap<Lock['artifacts'], ReadonlyMap<Ref, string>>>()

function entriesOf(artifacts: Wishes['artifacts'], lock: Lock): ReadonlyMap<Ref, string> {
  const all = Object.keys(artifacts).map((key) => ({ key, request: parseRequest(key) }))
  const single = all
    .filter(({ request }) => !isPattern(request))
    .map(({ key, request: { registry: _any, ...request } }) => ({ key, request }))
  const found = new Map<Ref, string>()
  for (const { key, request } of [...single, ...all])
    for (const ref of refsMatching(request, lock)) getOrMake(found, ref, () => key)
  return found
}

/** What stays locked: everything that something still wants, with who wants it. */
export function reachable(lock: Lock, roots: ReadonlyMap<Ref, readonly string[]>): Map<Ref, string[]> {
  const wantedBy = new Map<Ref, Set<string>>()
  const open = [...roots].flatMap(([ref, who]) => who.map((by) => ({ ref, by }))).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { ref, by } = next
    const isNew = !wantedBy.has(ref)
    getOrMake(wantedBy, ref, () => new Set<string>()).add(by)
    for (const required of isNew ? (lock.artifacts[ref]?.requires ?? []).toReversed() : [])
      if (lock.artifacts[required]) open.push({ ref: required, by: ref })
  }
  return new Map([...wantedBy].map(([ref, who]) => [ref, [...who].sort()]))
}
