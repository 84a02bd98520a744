import path from 'node:path'
import { HaalError } from '../model/errors.js'
import type { Lock, LockedRegistry } from '../model/lock.js'
import { vias } from '../model/registries.js'
import { type Locator, type Registry, sameLocator } from '../model/registry.js'
import { locate, withRef } from '../model/source.js'
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

/** The registries of a lock, vouched for as they are configured to be. */
export function asVouched({ registries }: Lock, configured: readonly Registry[]): Lock['registries'] {
  const known = new Map(configured.map((registry) => [registry.name, registry]))
  const vouched = Object.entries(registries).map(([name, record]) => {
    const { verified: was, ...rest } = record
    const verified = known.has(name) ? known.get(name)?.verified : was
    return [name, { ...rest, ...(verified && { verified }) }]
  })
  return Object.fromEntries(vouched) as Lock['registries']
}

type Address = Pick<LockedRegistry, 'type' | 'location'>

/** Whether two records lead to one place, however that is written and whatever ref is written in it. */
export function isSameAddress(a: Address, b: Address): boolean {
  if (a.type !== b.type) return false
  const [one, other] = [bare(a), bare(b)]
  return one === other || isSamePlace(placeOf(a), placeOf(b))
}

/** Without its ref, and a path as short as it can be. An address is not a path: `..` would take its host away. */
function bare({ location, type }: Address): string {
  const plain = withRef(location, type, undefined)
  return /^[^/]{2,}:/.test(plain) ? plain : path.posix.normalize(plain).replace(/(?<=.)\/$/, '')
}

function isSamePlace(a: Locator | undefined, b: Locator | undefined): boolean {
  return a !== undefined && b !== undefined && sameLocator(a, b)
}

/** undefined where it is no address, or one on this machine: where that starts is not known here. */
function placeOf({ type, location }: Address): Locator | undefined {
  const via = vias.find((known) => known === type)
  try {
    const around = { folder: path.resolve('/'), author: 'network', source: 'haal.lock' } as const
    return locate({ location, ...(via && { type: via }) }, around).at
  } catch (e) {
    if (e instanceof HaalError) return undefined
    throw e
  }
}
