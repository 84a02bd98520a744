import { type Lock, withEach } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { fileOf, type Registry } from '../model/registry.js'
import { leadsTo } from './sources.js'

/** A registry that the configuration has under another name than haal.lock, at the same address. */
export interface Rename {
  was: string
  now: string
  /** The configuration file that has the new name. */
  file: string
}

type Names = Pick<Rename, 'was' | 'now'>

/** What was renamed since a lock was written: a name that is no longer configured, and the only new one that leads to the same place. */
export function renamesIn({ registries }: Lock, configured: readonly Registry[]): Rename[] {
  const names = new Set(configured.map(({ name }) => name))
  const gone = Object.entries(registries).filter(([name, { listedBy }]) => !names.has(name) && listedBy === undefined)
  if (gone.length === 0) return []
  const come = configured.filter(({ name }) => !Object.hasOwn(registries, name))
  const pairs = gone.flatMap(([was, record]) =>
    come
      .filter((registry) => leadsTo(record, registry))
      .map((registry) => ({ was, now: registry.name, file: fileOf(registry) })),
  )
  const isAlone = ({ was, now }: Rename) => pairs.filter((other) => other.was === was || other.now === now).length === 1
  return pairs.filter(isAlone)
}

/** A lock with the names of today. */
export function withRenames(lock: Lock, renames: readonly Names[]): Lock {
  if (renames.length === 0) return lock
  const names = new Map(renames.map(({ was, now }) => [was, now]))
  const nowOf = (name: string) => names.get(name) ?? name
  const registries = Object.entries(lock.registries).map(([name, { listedBy, ...record }]) => [
    nowOf(name),
    { ...record, ...(listedBy !== undefined && { listedBy: nowOf(listedBy) }) },
  ])
  const renamed = withEach(lock, (locked) => ({ ...locked, registry: nowOf(locked.registry) }))
  return { ...renamed, registries: Object.fromEntries(registries) }
}

/** Entries of haal.json with the names of today. */
export function entriesRenamed(entries: Wishes['artifacts'], renames: readonly Names[]): Wishes['artifacts'] {
  const named = (key: string) => {
    const rename = renames.find(({ was }) => key.startsWith(`${was}:`))
    return rename === undefined ? key : `${rename.now}${key.slice(rename.was.length)}`
  }
  return Object.fromEntries(Object.entries(entries).map(([key, range]) => [named(key), range]))
}
