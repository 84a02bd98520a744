import type { Ref } from '../model/kinds.js'
import { type Lock, type Locked, lockedEntries } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { demandsOf, metIn } from './demand.js'
import { isUnmet, lockedFor, reachable, type Satisfies, wantsOf } from './desire.js'

/** Whether a lock is exactly what an install with these wishes would write, without anything to resolve: every want is met, nothing is there that
    nobody wants, and every entry would be written the same again. */
export function isSettled(lock: Lock, wishes: Wishes, satisfies: Satisfies): boolean {
  const wants = wantsOf(wishes)
  const isMet = metIn(lock, demandsOf(wants, wishes.pins), satisfies)
  const roots = new Map<Ref, string[]>()
  for (const want of wants) {
    const refs = isUnmet(want, wants, lock) ? [] : lockedFor(want, lock, isMet)
    if (refs.length === 0) return false
    for (const ref of refs) roots.set(ref, [want.by])
  }
  const wanted = reachable(lock, roots)
  const isWanted = ([ref, locked]: [Ref, Locked]) =>
    isMet(ref) && isAsWanted(locked, { ref, lock, wishes, by: wanted.get(ref) })
  return isFolded(lock) && lockedEntries(lock).every(isWanted)
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
