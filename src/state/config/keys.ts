import type { Note } from '../../model/artifact.js'
import { isRecord, jsonPath } from '../../model/json.js'
import { nearest } from '../../model/nearest.js'
import { note } from '../../model/notes.js'
import { entryKeys } from '../../model/registries.js'

interface Words {
  /** What messages call the file. */
  shown: string
  /** The keys that a configuration may have. */
  known: readonly string[]
}

type Values = Readonly<Record<string, unknown>>

/** What is said of the keys of a configuration, `registryConfig` and cacheSettings included: each that haal does not use. A registry may have any, so
    there only slips are told. */
export function keyNotes(config: object, { shown, known }: Words): Note[] {
  const { registryConfig: inner, ...outer } = config as Values
  const own = new Set([...known, 'registryConfig', 'repos', 'autoInstall'])
  const parts = [
    { keys: [], values: outer },
    { keys: ['registryConfig'], values: valuesOf(inner) },
  ]
  return parts.flatMap(({ keys, values }) => [
    ...strange(values, { keys, own, shown }),
    ...strange(valuesOf(values.cacheSettings), { keys: [...keys, 'cacheSettings'], own: cacheKeys, shown }),
    ...entriesOf(values.registries).flatMap(([name, entry]) =>
      slips(valuesOf(entry), { keys: [...keys, 'registries', name], own: entryKeys, shown }),
    ),
    ...autoInstalls(values, shown),
  ])
}

const cacheKeys = new Set(['enabled', 'directory', 'maxAge'])

interface Place {
  keys: readonly (string | number)[]
  own: ReadonlySet<string>
  shown: string
}

function strange(values: Values, { keys, own, shown }: Place): Note[] {
  const found = Object.keys(values).filter((key) => !own.has(key))
  return found.map((key) => {
    const meant = nearest(key, own)
    const asks = meant === undefined ? '' : `; did you mean "${meant}"?`
    const where = keys.length === 0 ? shown : `${shown}: ${jsonPath(keys)}`
    return note('W_CONFIG_KEY', `${where} has the key "${key}", which haal does not use${asks}`)
  })
}

/** Keys that are almost one of haal's, where that one is not there as well. */
function slips(values: Values, place: Place): Note[] {
  const likely = Object.entries(values).filter(([key]) => {
    const meant = nearest(key, place.own)
    return meant !== undefined && !Object.hasOwn(values, meant)
  })
  return strange(Object.fromEntries(likely), place)
}

/** AgentOS's wish to install by itself, for all registries or for one. */
function autoInstalls(values: Values, shown: string): Note[] {
  const asked = [values, ...entriesOf(values.registries).map(([, entry]) => valuesOf(entry))]
  if (asked.every(({ autoInstall }) => autoInstall === undefined)) return []
  return [note('W_AUTO_INSTALL', `${shown}: "autoInstall" does nothing in haal; haal install is what installs`)]
}

/** The members of an object or a list; none for anything else. */
function entriesOf(value: unknown): [string | number, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(valuesOf(value))
}

/** The keys and values of an object; none for anything else. */
function valuesOf(value: unknown): Values {
  return isRecord(value) ? value : {}
}
