import { isDeepStrictEqual } from 'node:util'
import { sha256Hex } from '../model/digest.js'
import { kinds, type Ref, splitRef } from '../model/kinds.js'
import { type Lock, type Locked, lockedEntries, lockedRefs } from '../model/lock.js'
import { kept } from '../model/maps.js'
import { placeIn } from '../model/place.js'
import type { Change, Conflict, Content, OnDisk, Step } from '../model/plan.js'
import { toolsGiven, type WholePlace } from '../model/targets.js'
import { labelOf } from './lock.js'

/** A place that belongs to an artifact: `.haal/skills/review-code`, a tool's copy of it, or a file. Relative to the root, with `/`. */
export interface Place extends WholePlace {
  /** What lies there is never put aside, --force or not: the lockfile names a place that haal does not use for such things. */
  strange?: true
}

/** Where the files of an artifact lie for haal itself. */
interface Home extends Place {
  content: Content & { from: 'store' }
}

/** Looks at one place. `expected` is what haal put there, absent where it put nothing there. */
export type Look = (place: Place, expected: Place['content'] | undefined) => OnDisk

export interface DiffInput {
  root: string
  /** haal.lock: what haal put there. */
  from: Lock
  /** What haal put there before haal.lock came by itself, with a pull, say. */
  former?: Former | undefined
  /** What haal put anywhere at any time: nobody has edited a file that is still so. */
  ever?: readonly Place[]
  to: Lock
  look: Look
  /** Take a place even where a person has changed it or owns it; what lay there is put aside. */
  force: boolean
  /** Places in the folders of tools, and the artifacts whose values in shared files change. */
  tools?: { before: readonly Place[]; after: readonly Place[]; touched: readonly Ref[] }
}

/** A lock that is no more, with those of its places that may still be as it says. */
interface Former {
  lock: Lock
  places: readonly Place[]
  /** Artifacts of whose values in shared files some go or change that are still as it says. */
  touched: readonly Ref[]
}

export interface Difference {
  changes: Change[]
  steps: Step[]
  conflicts: Conflict[]
  /** Files of a person's that stay where an artifact goes. */
  kept: { artifact: Ref; files: string[] }[]
  /** Files of an artifact that stays as it is, which a person has changed, added or deleted. */
  edited: { artifact: Ref; files: string[] }[]
}

/** From two locks and what is on disk to what has to happen. Never writes; asks the disk only through `look`. */
export function diff(input: DiffInput): Difference {
  const { from, former, ever = [], to, tools } = input
  const before = byPlace([...placesOf(from), ...(tools?.before ?? [])])
  const past = byPlace(former?.places ?? [])
  const after = byPlace([...placesOf(to), ...(tools?.after ?? [])])
  const places = [...new Set([...before.keys(), ...past.keys(), ...after.keys()])].sort()
  const judged = places.map((at) => {
    const pair = { at, was: before.get(at), former: past.get(at), shall: after.get(at) }
    return judge({ ...pair, ever: ever.filter((place) => place.at === at) }, input)
  })
  const left = new Set([...(former?.touched ?? []), ...judged.flatMap((each) => leftAt(each))])
  const all = judged.filter(({ former, nothingLeft }) => !nothingLeft || (former && left.has(former)))
  const steps = all.flatMap(({ step }) => step ?? [])
  const touched = [...(tools?.touched ?? []), ...refsAt(steps, [before, past, after])]
  return {
    changes: changesOf(input, { steps, touched, left }),
    steps,
    conflicts: all.flatMap(({ conflict }) => conflict ?? []),
    kept: all.flatMap(({ kept }) => kept ?? []),
    edited: all.flatMap(({ edited }) => edited ?? []),
  }
}

function leftAt({ step, former, nothingLeft }: Judged): Ref[] {
  return step !== undefined && former !== undefined && !nothingLeft ? [former] : []
}

/** One place that several tools or artifacts share is one place. */
function byPlace(places: readonly Place[]): Map<string, Place> {
  return new Map(places.toReversed().map((place) => [place.at, place]))
}

function refsAt(steps: readonly Step[], sides: readonly ReadonlyMap<string, Place>[]): Ref[] {
  return steps.flatMap(({ shown }) => sides.flatMap((side) => side.get(shown)?.ref ?? []))
}

/** Where the files of every artifact lie in the project. A bundle has none. */
export function placesOf({ artifacts }: Pick<Lock, 'artifacts'>): readonly Home[] {
  return kept(places, artifacts, () =>
    lockedEntries({ artifacts }).flatMap(([ref, locked]) => {
      const at = homeOf(ref, locked)
      if (at === undefined) return []
      const { integrity, file } = locked
      return [{ ref, at, content: { from: 'store', integrity, ...(file !== undefined && { file }) } as const }]
    }),
  )
}

/** Everything that is done with a lock begins with them: they are made once. */
const places = new WeakMap<Lock['artifacts'], readonly Home[]>()

/** `.haal/<kinds>/<name>`, or the file's own name there. */
export function homeOf(ref: Ref, { file }: Pick<Locked, 'file'>): string | undefined {
  const { kind, name } = splitRef(ref)
  const { folder } = kinds[kind]
  return folder === null ? undefined : `.haal/${folder}/${file ?? name}`
}

/** How `state/seen.ts` is told what lies at a place. */
export function contentOf({ content }: { content: Content }): string {
  return JSON.stringify(content.from === 'bytes' ? { ...content, bytes: sha256Hex(content.bytes) } : content)
}

/** One place: what haal put there, or had put there before, and what shall be there. At least one of them is. */
interface Pair {
  at: string
  was: Place | undefined
  former: Place | undefined
  ever: readonly Place[]
  shall: Place | undefined
}

interface Judged {
  step?: Step
  conflict?: Conflict
  kept?: Difference['kept'][number]
  edited?: Difference['edited'][number]
  /** It is as this artifact's former lock says. */
  former?: Ref
  /** Nothing of haal's is left here: it matters only where something of its artifact goes elsewhere. */
  nothingLeft?: boolean
}

function judge(pair: Pair, { look, root, force: forced }: DiffInput): Judged {
  const { at, shall, former, ever } = pair
  const { was, seen, isFormer } = lyingAt(pair, look)
  const place = was ?? shall
  if (place === undefined) return {}
  const force = forced && !place.strange
  const stepTo = (after: Content, saveOld = false): Judged => ({
    step: {
      place: placeIn(root, at),
      shown: at,
      after,
      ...(seen.state === 'absent' && { onlyIfAbsent: true }),
      ...(saveOld && { saveOld }),
    },
    ...(isFormer && { former: place.ref }),
  })
  if (shall === undefined) {
    const others = [...(former ? [former] : []), ...ever].map((each) => look(each, each.content))
    const gone = leaving(place, { seen, others, force, stepTo })
    return isFormer ? { ...gone, former: place.ref, nothingLeft: hasNothing(seen) } : gone
  }
  if (seen.state === 'absent') return stepTo(shall.content)
  const unchanged = isDeepStrictEqual(was?.content, shall.content)
  if (seen.state === 'same') return unchanged ? {} : stepTo(shall.content)
  if (look(shall, shall.content).state === 'same') return {}
  if (force) return stepTo(shall.content, true)
  const files = isKnown(seen) ? [...seen.changed, ...seen.missing, ...seen.added].sort() : ['']
  if (unchanged) return { edited: { artifact: shall.ref, files: files.map((file) => placeOf(at, file)) } }
  const why = seen.state === 'foreign' ? 'foreign' : 'edited'
  return { conflict: { artifact: shall.ref, place: at, why, files } }
}

interface Lying {
  /** What haal put there. */
  was: Place | undefined
  seen: OnDisk
  isFormer?: boolean
}

/** What haal put at a place is as haal.lock says. It is as was said before where that is what lies there, or where haal.lock has nothing there. */
function lyingAt({ was, former, shall }: Pair, look: Look): Lying {
  const place = was ?? shall
  const seen = place && look(place, was?.content)
  if (former === undefined || seen?.state === 'absent' || seen?.state === 'same') return { was, seen: seen ?? nothing }
  const other = look(former, former.content)
  if (seen === undefined || other.state === 'same') return { was: former, seen: other, isFormer: true }
  return { was, seen }
}

const nothing: OnDisk = { state: 'absent', changed: [], added: [], missing: [] }

function hasNothing({ state, unchanged = 0 }: OnDisk): boolean {
  return state !== 'same' && unchanged === 0
}

interface Leaving {
  seen: OnDisk
  /** The same, compared with what haal had put there before. */
  others: readonly OnDisk[]
  force: boolean
  stepTo(after: Content, saveOld?: boolean): Judged
}

/** An artifact goes: what haal put there goes with it, what a person changed or added stays, unless --force puts it aside. Where nobody can
    tell which files those are, all of them stay. Of what is not there any more the folders above it are left to take away. */
function leaving({ ref, at }: Place, { seen, others, force, stepTo }: Leaving): Judged {
  if (seen.state === 'same' || seen.state === 'absent') return stepTo({ from: 'nothing' })
  if (force) return stepTo({ from: 'nothing' }, true)
  const files = others.map(ownOf).reduce(ownInBoth, ownOf(seen))
  if (files.length === 0) return stepTo({ from: 'nothing' })
  const kept = { artifact: ref, files: files.map((file) => placeOf(at, file)) }
  return files.includes('') ? { kept } : { kept, ...stepTo({ from: 'kept', files }) }
}

/** What is as haal put it there at one time or the other is haal's; '' is all of it, where nobody can tell. */
function ownInBoth(now: string[], then: string[]): string[] {
  if (now.includes('')) return then
  return then.includes('') ? now : now.filter((file) => then.includes(file))
}

/** The files that a person has changed or added. */
function ownOf(seen: OnDisk): string[] {
  return seen.state === 'foreign' || !isKnown(seen) ? [''] : [...seen.changed, ...seen.added].sort()
}

/** Whether it was found out which files differ: the store may have lost what to compare with. */
function isKnown({ changed, missing, added }: OnDisk): boolean {
  return changed.length + missing.length + added.length > 0
}

function placeOf(at: string, file: string): string {
  return file === '' ? at : `${at}/${file}`
}

interface Done {
  steps: readonly Step[]
  touched: readonly Ref[]
  /** What was still as the former lock says. */
  left: ReadonlySet<Ref>
}

function changesOf(input: DiffInput, { steps, touched, left }: Done): Change[] {
  const { to } = input
  const restored = new Set(steps.map(({ shown }) => shown))
  const refs = [...new Set([...lockedRefs(input.from), ...lockedRefs(to), ...left])].sort()
  const isRestored = (ref: Ref, is: Locked): boolean => restored.size > 0 && restored.has(homeOf(ref, is) ?? '')
  const stays = (ref: Ref, was: Locked, is: Locked): boolean =>
    !isOther(was, is) &&
    was.pinned === is.pinned &&
    !isRestored(ref, is) &&
    !touched.includes(ref) &&
    (was.targets === is.targets || isDeepStrictEqual(was.targets, is.targets))
  return refs.flatMap((ref): Change[] => {
    const from = lockBefore(ref, input, left)
    const [was, is] = [from.artifacts[ref], to.artifacts[ref]]
    if (was && is && stays(ref, was, is)) return []
    const registry = (is ?? was)?.registry ?? null
    const change = { artifact: ref, from: labelOf(ref, from), to: labelOf(ref, to), registry }
    if (is === undefined) return [{ action: 'remove', ...change }]
    if (was === undefined) return [{ action: 'add', ...change }]
    if (isOther(was, is)) return [{ action: 'update', ...change }]
    if (was.pinned !== is.pinned) return [{ action: is.pinned ? 'pin' : 'unpin', ...change }]
    if (isRestored(ref, is)) return [{ action: 'add', ...change, from: null }]
    return [{ action: 'update', ...change, tools: toolsOf(was, is) }]
  })
}

/** What haal.lock will say otherwise is told as a change of it; else what lies otherwise as that. */
function lockBefore(ref: Ref, { from, former, to }: DiffInput, left: ReadonlySet<Ref>): Lock {
  if (former === undefined || !left.has(ref)) return from
  const [was, is] = [from.artifacts[ref], to.artifacts[ref]]
  return is !== undefined && (was === undefined || isOther(was, is)) ? from : former.lock
}

function isOther(was: Locked, is: Locked): boolean {
  return was.integrity !== is.integrity || was.version !== is.version || was.registry !== is.registry
}

function toolsOf(was: Locked, is: Locked): NonNullable<Change['tools']> {
  const [before, after] = [toolsGiven(was), toolsGiven(is)]
  return {
    added: after.filter((name) => !before.includes(name)),
    removed: before.filter((name) => !after.includes(name)),
  }
}
