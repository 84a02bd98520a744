import { isDeepStrictEqual } from 'node:util'
import { sha256Hex } from '../model/digest.js'
import { kinds, type Ref, splitRef } from '../model/kinds.js'
import { type Lock, type Locked, lockedEntries, lockedRefs } from '../model/lock.js'
import { getOrMake } from '../model/maps.js'
import { placeIn } from '../model/place.js'
import type { Change, Conflict, Content, OnDisk, Step } from '../model/plan.js'
import { toolsGiven, type WholePlace } from '../model/targets.js'
import { isSameLabel } from '../model/version-label.js'
import { labelOf } from './lock.js'

/** A place that belongs to an artifact: `.haal/skills/review-code`, a tool's copy of it, or a file. Relative to the root, with `/`. */
export interface Place extends WholePlace {
  /** What lies there is never put aside, not even with --force: the lockfile names a place that haal does not use for such an artifact. */
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
  /** Everything that haal put anywhere at any time: a file that is still like that is haal's, and nobody's edit. */
  ever?: readonly Place[]
  to: Lock
  look: Look
  /** Take a place even where a person has changed it or owns it; what lay there is put aside. */
  force: boolean
  /** Places in the folders of tools, and the artifacts whose values in shared files change. */
  tools?: { before: readonly Place[]; after: readonly Place[]; touched: readonly Ref[] }
}

/** The lock before haal.lock came by itself, with those of its places that may still be as it says. */
interface Former {
  lock: Lock
  places: readonly Place[]
  /** Artifacts with values in shared files that are still as it says, and go or change. */
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
  const compared = places.map((at) => {
    const [was, former, shall] = [before.get(at), past.get(at), after.get(at)]
    return compare({ at, was, former, shall, ever: ever.filter((place) => place.at === at) }, input)
  })
  const left = new Set([...(former?.touched ?? []), ...compared.flatMap(leftAt)])
  const all = compared.filter(({ former, nothingLeft }) => !nothingLeft || (former && left.has(former)))
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

/** The artifact, if any, that changes at a place which is still as the lock before says. */
function leftAt({ step, former, nothingLeft }: Compared): Ref[] {
  return step !== undefined && former !== undefined && !nothingLeft ? [former] : []
}

/** One place that several tools or artifacts share is one place. */
function byPlace(places: readonly Place[]): Map<string, Place> {
  return new Map(places.toReversed().map((place) => [place.at, place]))
}

function refsAt(steps: readonly Step[], maps: readonly ReadonlyMap<string, Place>[]): Ref[] {
  return steps.flatMap(({ shown }) => maps.flatMap((places) => places.get(shown)?.ref ?? []))
}

/** Where the files of every artifact lie in the project. A bundle has none. */
export function placesOf({ artifacts }: Pick<Lock, 'artifacts'>): readonly Home[] {
  return getOrMake(places, artifacts, () =>
    lockedEntries({ artifacts }).flatMap(([ref, locked]) => {
      const at = homeOf(ref, locked)
      if (at === undefined) return []
      const { integrity, file } = locked
      return [{ ref, at, content: { from: 'store', integrity, ...(file !== undefined && { file }) } as const }]
    }),
  )
}

/** Almost every use of a lock begins with its places: they are made once. */
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

/** One place: what haal put there by haal.lock (`was`) and by the lock before (`former`), and what shall be there. At least one is given. */
interface Sides {
  at: string
  was: Place | undefined
  former: Place | undefined
  ever: readonly Place[]
  shall: Place | undefined
}

interface Compared {
  step?: Step
  conflict?: Conflict
  kept?: Difference['kept'][number]
  edited?: Difference['edited'][number]
  /** The artifact that the lock before had here, where the place is still as that says. */
  former?: Ref
  /** Nothing of haal's is left here: this place counts only where another place of its artifact changes. */
  nothingLeft?: boolean
}

function compare(sides: Sides, { look, root, force: forced }: DiffInput): Compared {
  const { at, shall, former, ever } = sides
  const { was, seen, isFormer } = putThere(sides, look)
  const place = was ?? shall
  if (place === undefined) return {}
  const force = forced && !place.strange
  const stepTo = (after: Content, saveOld = false): Compared => ({
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
  if (unchanged) return { edited: { artifact: shall.ref, files: files.map((file) => pathOf(at, file)) } }
  const why = seen.state === 'foreign' ? 'foreign' : 'edited'
  return { conflict: { artifact: shall.ref, place: at, why, files } }
}

interface PutThere {
  /** What haal put there. */
  was: Place | undefined
  seen: OnDisk
  isFormer?: boolean
}

/** What haal put at a place: as haal.lock says, or as the lock before, where that is what lies there or haal.lock has nothing there. */
function putThere({ was, former, shall }: Sides, look: Look): PutThere {
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
  /** The same place, compared with what haal put there at other times. */
  others: readonly OnDisk[]
  force: boolean
  stepTo(after: Content, saveOld?: boolean): Compared
}

/** An artifact goes: what haal put there goes with it; what a person changed or added stays, unless --force puts it aside. Where nobody can tell
    which files those are, all of them stay. A place that is absent gets a step too, which takes away the empty folders above it. */
function leaving({ ref, at }: Place, { seen, others, force, stepTo }: Leaving): Compared {
  if (seen.state === 'same' || seen.state === 'absent') return stepTo({ from: 'nothing' })
  if (force) return stepTo({ from: 'nothing' }, true)
  const files = others.map(ownOf).reduce(ownInBoth, ownOf(seen))
  if (files.length === 0) return stepTo({ from: 'nothing' })
  const kept = { artifact: ref, files: files.map((file) => pathOf(at, file)) }
  return files.includes('') ? { kept } : { kept, ...stepTo({ from: 'kept', files }) }
}

/** A file is a person's only if it differs from what haal put there at both times. '' stands for all files: nobody can tell which. */
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

function pathOf(at: string, file: string): string {
  return file === '' ? at : `${at}/${file}`
}

interface Done {
  steps: readonly Step[]
  touched: readonly Ref[]
  /** Artifacts that are, at some place, still as the lock before says. */
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
    const pinChanges = was.pinned !== is.pinned
    if (isOther(was, is)) return [{ action: 'update', ...change, ...(pinChanges && { pinned: is.pinned === true }) }]
    if (pinChanges) return [{ action: is.pinned ? 'pin' : 'unpin', ...change }]
    if (isRestored(ref, is)) return [{ action: 'add', ...change, from: null }]
    return [{ action: 'update', ...change, tools: toolsOf(was, is) }]
  })
}

/** The lock that an artifact's change is told against: haal.lock where its entry changes, else the lock before, where the artifact still lies as that
    says. */
function lockBefore(ref: Ref, { from, former, to }: DiffInput, left: ReadonlySet<Ref>): Lock {
  if (former === undefined || !left.has(ref)) return from
  const [was, is] = [from.artifacts[ref], to.artifacts[ref]]
  return is !== undefined && (was === undefined || isOther(was, is)) ? from : former.lock
}

function isOther(was: Locked, is: Locked): boolean {
  return was.integrity !== is.integrity || !isSameLabel(was.version, is.version) || was.registry !== is.registry
}

function toolsOf(was: Locked, is: Locked): NonNullable<Change['tools']> {
  const [before, after] = [toolsGiven(was), toolsGiven(is)]
  return {
    added: after.filter((name) => !before.includes(name)),
    removed: before.filter((name) => !after.includes(name)),
  }
}
