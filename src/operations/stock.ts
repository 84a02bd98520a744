import { fail, HaalError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import type { Lock } from '../model/lock.js'
import type { Step } from '../model/plan.js'
import { placesOf } from '../plan/diff.js'
import type { Session } from './session.js'
import { refetch } from './take.js'

/** Sees to it that the store has, undamaged, everything that steps will take from it; what it lacks comes from where haal.lock says.
    Throws E_INTEGRITY, E_CACHE offline, and what fetching throws. */
export async function stock(session: Session, lock: Lock, steps: readonly Step[]): Promise<void> {
  const needed = new Set(steps.flatMap(({ after }) => (after.from === 'store' ? [after.integrity] : [])))
  const owners = new Map(placesOf(lock).map(({ ref, content }) => [content.integrity, ref]))
  for (const integrity of needed) {
    if (isThere(session, integrity)) continue
    const ref = owners.get(integrity)
    const locked = ref && lock.artifacts[ref]
    if (ref === undefined || locked === undefined)
      fail('E_CACHE', `the store has lost ${integrity}, and no registry is known to have it`)
    else await refetched(session, ref, locked)
  }
}

async function refetched(session: Session, ref: Ref, locked: Lock['artifacts'][Ref]): Promise<void> {
  try {
    await refetch(session, ref, locked)
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_OFFLINE')
      fail(
        'E_CACHE',
        `${ref} ${locked.version} (${locked.integrity}) is not in the store, and --offline forbids fetching it`,
        {
          hint: 'run the command without --offline',
          cause: e,
        },
      )
    throw e
  }
}

/** A damaged entry is dropped by opening it, and is then as absent as one that never was. */
function isThere({ store }: Session, integrity: Lock['artifacts'][Ref]['integrity']): boolean {
  if (!store.has(integrity)) return false
  try {
    store.open(integrity)
    return true
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_CACHE') return false
    throw e
  }
}
