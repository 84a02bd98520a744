import * as v from 'valibot'
import { decode, loose } from '../model/decode.js'
import { readJson } from '../model/json.js'
import type { Tree } from '../model/tree.js'
import { lookInto } from './look.js'

/** A registry's list of further registries: what was written, decoded no further than that it is a list. */
interface RegistryList {
  file: string
  /** Folder of the file in the tree; '' is the root. */
  folder: string
  /** `repos` is haal-installer's list, where the last wins. */
  form: 'list' | 'repos'
  entries: readonly unknown[]
  /** Where they stand in the file. */
  keys: readonly string[]
  /** A list that is not used, because `file` goes before it, and that is another. */
  unused?: string
}

/** `key`: where the list stands in an object. */
const places = [
  { folder: '.haal', file: '.haal/registries.json', form: 'list', key: 'registries' },
  { folder: '', file: 'registries.json', form: 'list', key: 'registries' },
  { folder: '', file: 'repos-manifest.json', form: 'repos', key: 'repos' },
] as const

type Place = (typeof places)[number]

/** OLAF's `registries.json` (in `.haal/` or at the root; a list, or `{ "registries": [...] }`), else haal-installer's `repos-manifest.json`;
    undefined where a tree has none. `owner` is the registry that the tree is. Throws E_CONFIG_PARSE, E_JSON_KEY, E_CONFIG. */
export async function listedRegistries(tree: Tree, owner: string): Promise<RegistryList | undefined> {
  const [used, other] = await placesIn(tree)
  if (used === undefined) return undefined
  const { folder, file, form, key } = used
  const source = `${owner}: ${file}`
  const bytes = await tree.read(file)
  const json = readJson(bytes, source, { syntax: 'E_CONFIG_PARSE', key: 'E_JSON_KEY' })
  const isOther = other?.form === form && !Buffer.from(bytes).equals(await tree.read(other.file))
  return {
    file,
    folder,
    form,
    keys: Array.isArray(json) ? [] : [key],
    entries: entriesIn(json, key, source),
    ...(isOther && { unused: other.file }),
  }
}

/** The one that is used, and those after it where a file is. */
async function placesIn(tree: Tree): Promise<Place[]> {
  const look = lookInto(tree, '')
  const found: Place[] = []
  for (const place of places) {
    const entry = await look.at(place.file)
    const isThere = entry !== undefined && entry.type !== 'folder' && entry.path === place.file
    if (isThere && (found.length === 0 || entry.type === 'file')) found.push(place)
  }
  return found
}

function entriesIn(json: unknown, key: string, source: string): readonly unknown[] {
  const schema = v.union([v.array(v.unknown()), loose({ [key]: v.array(v.unknown()) })], 'should be a list')
  const list = decode(schema, json, source, 'E_CONFIG')
  return Array.isArray(list) ? list : (list[key] ?? [])
}
