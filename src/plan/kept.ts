import { type Lock, lockedRefs } from '../model/lock.js'
import type { Change } from '../model/plan.js'
import { labelOf } from './lock.js'

/** Every artifact of a lock, as one that stays. */
export function keptIn(lock: Lock): Change[] {
  const refs = lockedRefs(lock).sort()
  return refs.map((ref) => {
    const label = labelOf(ref, lock)
    return { action: 'keep', artifact: ref, from: label, to: label, registry: lock.artifacts[ref]?.registry ?? null }
  })
}
