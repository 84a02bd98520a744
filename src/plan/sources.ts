import type { Lock, LockedRegistry } from '../model/lock.js'
import type { Registry } from '../model/registry.js'
import { bareLocation } from '../model/source.js'
import { lockedRegistry } from './lock.js'

/** A registry that the configuration has at another ref, or another address, than haal.lock. */
export interface SourceChange {
  name: string
  was: LockedRegistry
  now: LockedRegistry
}

/** Of the registries that something is locked from, those that are configured otherwise by now. What the primary lists is not among them. */
export function sourceChanges({ registries }: Lock, configured: readonly Registry[]): SourceChange[] {
  return configured.flatMap((registry) => {
    const { name } = registry
    const was = Object.hasOwn(registries, name) ? registries[name] : undefined
    const now = lockedRegistry(registry)
    return was === undefined || (isSameAddress(was, now) && was.ref === now.ref) ? [] : [{ name, was, now }]
  })
}

type Address = Pick<LockedRegistry, 'type' | 'location'>

/** Whether two records lead to one place, however its ref is written. */
export function isSameAddress(a: Address, b: Address): boolean {
  return a.type === b.type && bareLocation(a.location, a.type) === bareLocation(b.location, b.type)
}
