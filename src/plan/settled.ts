import type { Ref } from '../model/kinds.js'
import { type Lock, type Locked, lockedEntries } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { isAsPinned, isUnmet, lockedFor, reachable, type Satisfies, type Want, wantsOf } from './desire.js'

/** Whether a lock is, to the last letter, what these wishes come to without resolving anything: every want is met, nothing is there that nobody
    wants, and what is written of each artifact is what would be written again. */
export function isSettled(lock: Lock, wishes: Wishes, satisfies: Satisfies): boolean {
  const wants = wantsOf(wishes)
  const roots = new Map<Ref, string[]>()
  for (const want of wants) {
    const refs = metBy(want, { wants, lock, satisfies })
    if (refs.length === 0) return false
    for (const ref of refs) roots.set(ref, [want.by])
  }
  const wanted = reachable(lock, roots)
  const isWanted = ([ref, locked]: [Ref, Locked]) => isAsWanted(locked, { ref, lock, wishes, by: wanted.get(ref) })
  const pinned = Object.keys(wishes.pins) as Ref[]
  return (
    isFolded(lock) &&
    lockedEntries(lock).every(isWanted) &&
    pinned.every((ref) => isAsPinned(ref, wishes, { lock, satisfies }))
  )
}

function metBy(want: Want, { wants, lock, satisfies }: { wants: readonly Want[]; lock: Lock; satisfies: Satisfies }) {
  return isUnmet(want, wants, lock) ? [] : lockedFor(want, lock, satisfies)
}

interface About {
  ref: Ref
  lock: Lock
  wishes: Wishes
  by: readonly string[] | undefined
}

function isAsWanted({ requestedBy, requires = [], pinned = false }: Locked, { ref, lock, wishes, by }: About): boolean {
  const isSame = by?.length === requestedBy.length && by.every((who, i) => who === requestedBy[i])
  const isWhole = requires.every((each) => Object.hasOwn(lock.artifacts, each))
  return isSame && isWhole && pinned === Object.hasOwn(wishes.pins, ref)
}

/** Whether each registry has artifacts, and no artifact repeats its registry's revision. */
function isFolded({ artifacts, registries }: Lock): boolean {
  const used = new Set<string>()
  for (const { registry, revision } of Object.values(artifacts)) {
    if (revision !== undefined && revision === registries[registry]?.revision) return false
    used.add(registry)
  }
  return Object.keys(registries).every((name) => used.has(name))
}
