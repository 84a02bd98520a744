import type { Disk } from '../../model/disk.js'
import type { Manifest } from '../../model/manifest.js'
import { withRef } from '../../model/source.js'
import type { Edit } from './edit.js'
import { readConfig } from './file.js'

interface Change {
  /** The registry. */
  name: string
  via: string
  /** undefined takes it out. */
  ref: string | undefined
}

type Listed = Pick<Manifest, 'file' | 'registriesAt'>

/** What has to change in the configuration for a registry to have another ref, wherever in its entry that stands; undefined where the registry is
    not listed in a file that haal edits. */
export async function refEdits(
  disk: Disk,
  { file, registriesAt }: Listed,
  change: Change,
): Promise<Edit[] | undefined> {
  if (file === undefined || (registriesAt.form !== 'list' && registriesAt.form !== 'map')) return undefined
  const all = at((await readConfig(disk, { root: '', named: file }))?.value, registriesAt.path)
  const key = Array.isArray(all) ? all.findIndex((each) => at(each, ['name']) === change.name) : change.name
  const entry = at(all, [key])
  if (typeof entry !== 'object' || entry === null) return undefined
  return editsOf(entry, change).map(([word, value]) => ({ path: [...registriesAt.path, key, word], value }))
}

function editsOf(entry: object, { via, ref }: Change): [string, string | undefined][] {
  const edits = Object.entries(entry).flatMap(([word, value]: [string, unknown]): [string, string | undefined][] => {
    if (word === 'ref' || word === 'branch') return [[word, ref]]
    const isPlace = (word === 'location' || word === 'url') && typeof value === 'string'
    const moved = isPlace ? withRef(value, via, ref) : value
    return isPlace && moved !== value ? [[word, moved as string]] : []
  })
  return edits.length > 0 ? edits : [['ref', ref]]
}

function at(value: unknown, keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((now, key) => {
    const isThere = typeof now === 'object' && now !== null && Object.hasOwn(now, key)
    return isThere ? (now as Record<string | number, unknown>)[key] : undefined
  }, value)
}
