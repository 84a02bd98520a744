import path from 'node:path'
import { HaalError } from '../model/errors.js'
import type { Lock, LockedRegistry } from '../model/lock.js'
import { vias } from '../model/registries.js'
import { fileOf, isLocal, type Locator, type Registry, sameLocator } from '../model/registry.js'
import { locate, type Surroundings, withRef } from '../model/source.js'
import { lockedRegistry } from './lock.js'

/** A registry that the configuration has at another ref, or another address, than haal.lock. */
export interface SourceChange {
  name: string
  was: LockedRegistry
  now: LockedRegistry
  /** At another address. */
  isMoved: boolean
  /** The configuration file that has it now. */
  file: string
}

/** Of the registries that something is locked from, those that are configured otherwise by now. What the primary lists is not among them. */
export function sourceChanges({ registries }: Lock, configured: readonly Registry[]): SourceChange[] {
  return configured.flatMap((registry) => {
    const { name } = registry
    const was = Object.hasOwn(registries, name) ? registries[name] : undefined
    if (was === undefined) return []
    const [now, isMoved] = [lockedRegistry(registry), !leadsTo(was, registry)]
    return isMoved || was.ref !== now.ref ? [{ name, was, now, isMoved, file: fileOf(registry) }] : []
  })
}

/** The registries of a lock with `verified` as it is configured now. A place on this machine that is only written otherwise gets the spelling of the
    configuration. */
export function asVouched({ registries }: Lock, configured: readonly Registry[]): Lock['registries'] {
  const known = new Map(configured.map((registry) => [registry.name, registry]))
  const vouched = Object.entries(registries).map(([name, record]) => {
    const { verified: was, ...rest } = record
    const registry = known.get(name)
    const verified = registry ? registry.verified : was
    const location = registry && isHere(record, registry) ? registry.written : record.location
    return [name, { ...rest, location, ...(verified && { verified }) }]
  })
  return Object.fromEntries(vouched)
}

type Address = Pick<LockedRegistry, 'type' | 'location'>

/** Whether a record leads where a registry of the configuration is. */
export function leadsTo(record: Address, registry: Registry): boolean {
  return isSameAddress(record, lockedRegistry(registry)) || isHere(record, registry)
}

/** Whether a record that is written otherwise than a registry (one relative, one absolute, say) is the same place on this machine, seen from the folder
    of the configuration. */
function isHere(record: Address, registry: Registry): boolean {
  const { at, folder } = registry
  if (folder === undefined || !isLocal(at) || record.type !== at.via || isSameAddress(record, lockedRegistry(registry)))
    return false
  return isSamePlace(placeOf(record, { folder, author: 'project' }), at)
}

/** Whether two records lead to one place, however that is written and whatever ref is written in it. */
export function isSameAddress(a: Address, b: Address): boolean {
  if (a.type !== b.type) return false
  const [one, other] = [bare(a), bare(b)]
  const around = { folder: path.resolve('/'), author: 'network' } as const
  return one === other || isSamePlace(placeOf(a, around), placeOf(b, around))
}

/** A location without its ref; a path is normalised. A URL is not, because `..` would take its host away; nor is what begins with two slashes, on
    Windows another machine. */
function bare({ location, type }: Address): string {
  const plain = withRef(location, type, undefined)
  return /^([^/]{2,}:|\/\/)/.test(plain) ? plain : path.posix.normalize(plain).replace(/(?<=.)\/$/, '')
}

function isSamePlace(a: Locator | undefined, b: Locator | undefined): boolean {
  return a !== undefined && b !== undefined && sameLocator(a, b)
}

/** undefined for what is no address, or one that this author may not name. */
function placeOf({ type, location }: Address, around: Omit<Surroundings, 'source'>): Locator | undefined {
  const via = vias.find((known) => known === type)
  try {
    return locate({ location, ...(via && { type: via }) }, { ...around, source: 'haal.lock' }).at
  } catch (e) {
    if (e instanceof HaalError) return undefined
    throw e
  }
}
