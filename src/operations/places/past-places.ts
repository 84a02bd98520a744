import { isDeepStrictEqual } from 'node:util'
import { HaalError } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import { emptyLock, type Lock } from '../../model/lock.js'
import type { Entry, SharedPlace } from '../../model/targets.js'
import { type Place, placesOf } from '../../plan/diff.js'
import { lockOf, type Unfolded, unfolded } from '../../plan/lock.js'
import { formerLockText, pastLocks } from '../../state/generations.js'
import { parseLock } from '../../state/lockfile.js'
import type { Ground } from '../project/ground.js'
import type { Session } from '../session/session.js'
import { lookerOf, sharedLookerOf } from './compare.js'
import { strangersIn, topOf } from './strangers.js'
import { type RecordedPlaces, recordedPlaces } from './tool-places.js'

/** What generations have otherwise than haal.lock, and where haal had put that: the newest, where haal.lock came by itself (with a pull, a merge,
    another branch), and any of them, where it left something behind. */
interface Past extends RecordedPlaces {
  lock: Lock
}

/** What of the past may still lie in a project. Where there is no haal.lock at all, only what is wanted: the rest may be kept by hand. */
export async function pastPlaces(session: Session, to: Lock): Promise<Past> {
  const { hasLock, lock: now } = session
  const isOther = ({ ref, locked: { integrity, targets } }: Unfolded) => {
    const is = now.artifacts[ref]
    return is?.integrity !== integrity || !isDeepStrictEqual(is.targets, targets)
  }
  const isMeant = ({ ref }: Unfolded) => hasLock || to.artifacts[ref] !== undefined
  const past = [...newestGeneration(session), ...leftBehind(session, now)]
  const all = past.filter((each) => isOther(each) && isMeant(each))
  if (all.length === 0) return { lock: emptyLock, whole: [], shared: [] }
  const lock = lockOf(all, now)
  const { whole, shared } = await recordedPlaces(session, lock)
  return { lock, whole: [...placesOf(lock), ...whole], shared }
}

/** What lies in `.haal/` to the byte as haal once put it, and haal.lock does not know, as the newest generation that has it says: a merge brings back
    what was put there for another branch. */
export function leftBehind(ground: Ground, now: Lock): Unfolded[] {
  const strangers = new Set(strangersIn(ground.site, now).map((each) => each.path))
  if (strangers.size === 0) return []
  const look = lookerOf(ground)
  const left = new Map<Ref, Unfolded>()
  for (const lock of pastLocks(ground.site)) {
    const lying = placesOf(lock).filter(
      (place) => strangers.has(topOf(place)) && look(place, place.content).state === 'same',
    )
    const refs = new Set(lying.map(({ ref }) => ref))
    for (const each of unfolded(lock)) if (refs.has(each.ref)) left.set(each.ref, each)
  }
  return [...left.values()]
}

/** Where haal has put artifacts, in any of the versions that generations know. */
export async function everPlaced(session: Session, refs: ReadonlySet<Ref>): Promise<readonly Place[]> {
  const all = new Map<string, Lock>()
  for (const lock of pastLocks(session.site))
    for (const each of unfolded(lock).filter(({ ref }) => refs.has(ref))) {
      const { integrity, file, targets } = each.locked
      all.set(JSON.stringify([each.ref, integrity, file, targets]), lockOf([each], lock))
    }
  const placed = [...all.values()].map(async (lock) => [
    ...placesOf(lock),
    ...(await recordedPlaces(session, lock)).whole,
  ])
  return (await Promise.all(placed)).flat()
}

/** Artifacts that haal.lock has otherwise than the newest generation: what it says now came by itself. */
export function cameOtherwise(session: Session): Ref[] {
  const { artifacts } = session.lock
  const past = newestGeneration(session)
  return past.filter(({ ref, locked }) => artifacts[ref]?.integrity !== locked.integrity).map(({ ref }) => ref)
}

/** Which places are compared with haal.lock: all but those that still hold, to the byte, what haal put there before haal.lock came by itself. Nobody
    has edited these; an install brings them up to date. */
export async function whereNotAsBefore(
  session: Session,
): Promise<(place: Place | SharedPlace) => Promise<boolean> | boolean> {
  const { whole, shared } = await pastPlaces(session, session.lock)
  if (whole.length + shared.length === 0) return () => true
  const look = lookerOf(session)
  const lookInto = sharedLookerOf(session)
  return async ({ ref, at }) => {
    const here = shared.filter((each) => each.ref === ref && each.at === at)
    const values = await Promise.all(here.map((each) => lookInto(each)))
    const isLeft = (each: Place) => each.at === at && look(each, each.content).state === 'same'
    return !values.includes('same') && !whole.some(isLeft)
  }
}

/** Whether something still lies as haal had put it before haal.lock came by itself: an install brings it up to that. */
export async function isBehind(session: Session): Promise<boolean> {
  const isMeant = await whereNotAsBefore(session)
  const { whole, shared } = await recordedPlaces(session, session.lock)
  for (const place of [...placesOf(session.lock), ...whole, ...shared]) if (!(await isMeant(place))) return true
  return false
}

/** Values in files that haal shares with people. */
export interface SharedBefore {
  /** What haal put there. */
  places: readonly SharedPlace[]
  /** Artifacts of which some are still as the past has them. */
  left: readonly Ref[]
  /** What of the past a person has edited. */
  edited: readonly SharedPlace[]
}

/** Each value as the past has it, where it is still so, else as haal.lock says. */
export async function sharedBefore(
  session: Session,
  now: readonly SharedPlace[],
  past: readonly SharedPlace[],
): Promise<SharedBefore> {
  const lookInto = sharedLookerOf(session)
  const found = (place: SharedPlace, state: string) =>
    entriesThat(place, async (one) => (await lookInto(one)) === state)
  const places = [...now]
  const left: Ref[] = []
  const edited: SharedPlace[] = []
  for (const place of past) {
    const at = places.findIndex((each) => each.ref === place.ref && each.at === place.at)
    const known = places[at]?.entries ?? []
    const other = { ...place, entries: without(place.entries, known, isDeepStrictEqual) }
    const [lying, others] = [await found(other, 'same'), await found(other, 'edited')]
    edited.push({ ...place, entries: without(others, known, isSamePlace) })
    if (lying.length === 0) continue
    const same = at < 0 ? [] : await found({ ...place, entries: known }, 'same')
    const entries = [
      ...known.filter((each) => same.includes(each) || !lying.some((one) => isSamePlace(one, each))),
      ...lying,
    ]
    places.splice(at < 0 ? places.length : at, 1, { ...place, entries })
    left.push(place.ref)
  }
  return { places, left, edited }
}

async function entriesThat(place: SharedPlace, holds: (one: SharedPlace) => Promise<boolean>): Promise<Entry[]> {
  const held = await Promise.all(place.entries.map((entry) => holds({ ...place, entries: [entry] })))
  return place.entries.filter((_, at) => held[at])
}

function without(all: readonly Entry[], others: readonly Entry[], isOne: (a: Entry, b: Entry) => boolean): Entry[] {
  return all.filter((each) => !others.some((other) => isOne(each, other)))
}

function isSamePlace(a: Entry, b: Entry): boolean {
  return isDeepStrictEqual(a.path, b.path)
}

/** What the newest generation has; nothing where haal.lock is the one that it wrote, or where it cannot be read. */
function newestGeneration({ site }: Session): Unfolded[] {
  const text = formerLockText(site)
  if (text === undefined) return []
  try {
    return unfolded(parseLock(text, 'the newest generation'))
  } catch (e) {
    if (e instanceof HaalError) return []
    throw e
  }
}
