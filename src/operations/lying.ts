import { HaalError } from '../model/errors.js'
import type { Lock } from '../model/lock.js'
import { placesOf } from '../plan/diff.js'
import { lockOf, type Settled, unfolded } from '../plan/lock.js'
import { newestLockText } from '../state/generations.js'
import { parseLock } from '../state/lockfile.js'
import { lookerOf } from './look.js'
import type { Session } from './session.js'

/** What lies in the project, as a lock: haal.lock, but where that came by itself (with a pull, a merge, another branch) what haal put into the
    places of artifacts before. */
export function lyingLock(session: Session, to: Lock): Lock {
  const left = leftBehind(session, to)
  if (left.length === 0) return session.lock
  const refs = new Set(left.map(({ ref }) => ref))
  return lockOf([...unfolded(session.lock).filter(({ ref }) => !refs.has(ref)), ...left], session.lock)
}

/** Artifacts that lie, to the byte, as the newest generation has them and not as haal.lock does: nobody has edited them. Where there is no
    haal.lock at all, only those that are wanted: the rest may be kept by hand. */
export function leftBehind(session: Session, to: Lock): Settled[] {
  const { site, lock, hasLock } = session
  const then = newestLockText(site)
  if (then === undefined || then === site.disk.text(site.lockFile)) return []
  const look = lookerOf(session)
  return unfolded(newestLock(then, lock)).filter(({ ref, locked }) => {
    const now = lock.artifacts[ref]
    if (now?.integrity === locked.integrity || (!hasLock && to.artifacts[ref] === undefined)) return false
    const [place] = placesOf({ ...lock, artifacts: { [ref]: locked } })
    return place !== undefined && look(place, place.content).state === 'same'
  })
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
