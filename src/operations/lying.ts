import path from 'node:path'
import { HaalError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import type { Lock, Locked } from '../model/lock.js'
import { type Place, placesOf } from '../plan/diff.js'
import { lockOf, type Settled, unfolded } from '../plan/lock.js'
import { formerLockText } from '../state/generations.js'
import { parseLock } from '../state/lockfile.js'
import { contentsOf } from '../state/places.js'
import { lookerOf, sharedLookerOf } from './look.js'
import { recordedPlaces } from './placement.js'
import type { Session } from './session.js'

/** What lies in the project, as a lock: haal.lock, but where that came by itself (with a pull, a merge, another branch) what haal put into the
    places of artifacts before, and the tools that were given them. */
export async function lyingLock(session: Session, to: Lock): Promise<Lock> {
  const past = newestGeneration(session)
  const left = [...(await leftBehind(session, to, past)), ...(await leftWithTools(session, past))]
  if (left.length === 0) return session.lock
  const refs = new Set(left.map(({ ref }) => ref))
  return lockOf([...unfolded(session.lock).filter(({ ref }) => !refs.has(ref)), ...left], session.lock)
}

/** Artifacts that lie, to the byte, as the newest generation has them and not as haal.lock does: nobody has edited them. Of one that haal.lock does
    not have at all a part is enough: the rest, which a person has edited, is theirs. Where there is no haal.lock, only those that are wanted: the
    others may be kept by hand. */
export async function leftBehind(session: Session, to: Lock, past = newestGeneration(session)): Promise<Settled[]> {
  const { lock, hasLock } = session
  const left: Settled[] = []
  const lookInto = sharedLookerOf(session)
  for (const each of past) {
    const { ref, locked } = each
    const isOther = lock.artifacts[ref]?.integrity !== locked.integrity
    const isMeant = isOther && (hasLock || to.artifacts[ref] !== undefined)
    if (isMeant && (await liesAsThen(session, each, lookInto))) left.push(each)
  }
  return left
}

/** Artifacts that haal.lock has otherwise than the newest generation: what it says now came by itself. */
export function cameOtherwise(session: Session): Ref[] {
  const { artifacts } = session.lock
  const past = newestGeneration(session)
  return past.filter(({ ref, locked }) => artifacts[ref]?.integrity !== locked.integrity).map(({ ref }) => ref)
}

/** What the newest generation has; nothing where haal.lock is the one that it wrote. */
function newestGeneration({ site, lock }: Session): Settled[] {
  const then = formerLockText(site)
  return then === undefined ? [] : unfolded(newestLock(then, lock))
}

/** Artifacts that are as haal.lock has them, with the places, too, that only the newest generation gave them in tools' folders and shared files,
    and where they still lie as haal put them. */
async function leftWithTools(session: Session, past: readonly Settled[]): Promise<Settled[]> {
  const then = new Map(past.map(({ ref, locked }) => [ref, locked]))
  const left: Settled[] = []
  const lookInto = sharedLookerOf(session)
  const isHaals = partOfHaals(session)
  for (const each of unfolded(session.lock)) {
    const { ref, locked } = each
    const { targets = [] } = locked
    const before = then.get(ref)
    if (before?.integrity !== locked.integrity) continue
    const lying: string[] = []
    for (const target of before.targets ?? [])
      if (
        !targets.includes(target) &&
        (await liesInTools(session, { ...each, locked: { ...locked, targets: [target] } }, { lookInto, isHaals }))
      )
        lying.push(target)
    if (lying.length > 0) left.push({ ...each, locked: { ...locked, targets: [...targets, ...lying] } })
  }
  return left
}

type LookInto = ReturnType<typeof sharedLookerOf>

/** In `.haal/`, or, where that came with haal.lock, in a tool's folder or a file that it shares with people. */
async function liesAsThen(session: Session, each: Settled, lookInto: LookInto): Promise<boolean> {
  const { ref, locked } = each
  const homeIn = (entry: Locked) => placesOf({ ...session.lock, artifacts: { [ref]: entry } })[0]
  const isSame = allOfHaals(session)
  const isThere = (place: Place | undefined, isHaals: IsHaals) => place !== undefined && isHaals(place)
  const now = session.lock.artifacts[ref]
  const isHaals = now === undefined ? partOfHaals(session) : isSame
  if (isThere(homeIn(locked), isHaals)) return true
  if (now !== undefined && !isThere(homeIn(now), isSame)) return false
  return liesInTools(session, each, { lookInto, isHaals })
}

/** Whether what lies at a place is what haal put there. */
type IsHaals = (place: Place) => boolean

function allOfHaals(session: Session): IsHaals {
  const look = lookerOf(session)
  return (place) => look(place, place.content).state === 'same'
}

/** Whether something of it is: of what goes, that goes. */
function partOfHaals(session: Session): IsHaals {
  const { root, ctx } = session
  const look = lookerOf(session)
  return (place) => {
    const { state, changed, added, missing } = look(place, place.content)
    if (state !== 'edited') return state === 'same'
    const own = [...changed, ...added]
    if (own.includes('') || own.length + missing.length === 0) return false
    return contentsOf(ctx.disk, path.resolve(root, place.at)).length > own.length
  }
}

interface How {
  lookInto: LookInto
  isHaals: IsHaals
}

async function liesInTools(session: Session, { ref, locked }: Settled, { lookInto, isHaals }: How): Promise<boolean> {
  const { whole, shared } = await recordedPlaces(session, { ...session.lock, artifacts: { [ref]: locked } })
  if (whole.some(isHaals)) return true
  const values = await Promise.all(shared.map(lookInto))
  return values.includes('same')
}

/** The present one where the newest generation cannot be read. */
function newestLock(text: string, present: Lock): Lock {
  try {
    return parseLock(text, 'the newest generation')
  } catch (e) {
    if (e instanceof HaalError) return present
    throw e
  }
}
