import * as v from 'valibot'
import type { Pointer } from '../model/artifact.js'
import { decode, dictionary, loose } from '../model/decode.js'
import { fail } from '../model/errors.js'
import { jsonPath } from '../model/json.js'
import { addTo } from '../model/maps.js'
import { checkLabel } from '../model/version-label.js'
import { baseOf, besideIndex } from './beside-index.js'
import { givenName, insidePath, joined, type Layout, type Look, type Offer, type Place, pointedAt } from './look.js'
import { authorOf, licenceOf } from './manifests.js'
import { remoteContent, remoteSchema } from './marketplace-source.js'
import { anything, author, filled, text } from './shapes.js'

const file = '.claude-plugin/marketplace.json'

const paths = v.nullish(v.union([v.string(), v.array(v.string())], 'should be a path or a list of paths'))

/** One plugin of a marketplace. Unknown keys are tolerated. */
const pluginSchema = loose({
  name: filled,
  source: v.lazy((source) => (typeof source === 'string' ? v.string() : remoteSchema)),
  description: text,
  version: text,
  author,
  license: anything,
  strict: v.nullish(v.boolean()),
  skills: paths,
  commands: anything,
  agents: anything,
  hooks: anything,
  mcpServers: anything,
  lspServers: anything,
  monitors: anything,
})

const marketplaceSchema = loose({
  plugins: v.array(pluginSchema),
  renames: v.nullish(dictionary(v.nullable(v.string()))),
  metadata: v.nullish(loose({ pluginRoot: text })),
})

type Marketplace = v.InferOutput<typeof marketplaceSchema>
type Plugin = Marketplace['plugins'][number]

/** What a plugin may bring; with `strict: false` the entry alone says where. */
const components = ['skills', 'commands', 'agents', 'hooks', 'mcpServers', 'lspServers', 'monitors'] as const

/** Claude's marketplace: plugins in this tree or in others. Format: Claude Code's marketplace reference. */
export const marketplace: Layout = {
  name: 'marketplace',
  find: async (look) => {
    const entry = await look.at(file)
    if (entry === undefined || entry.type === 'folder' || entry.path !== file) return undefined
    const index = decode(marketplaceSchema, await look.json(file), look.source(file), 'E_INDEX')
    const formerly = formerNames(index)
    const offers = index.plugins.map(async (plugin, i) => {
      const where = `${look.source(file)}: ${jsonPath(['plugins', i])} (${plugin.name})`
      return { ...about(plugin, where), ...(await placeOf(plugin, where, { index, look })), ...formerly(plugin.name) }
    })
    return { offers: await Promise.all(offers), notes: [] }
  },
}

function about(
  { name, version, description, author, license }: Plugin,
  where: string,
): Omit<Offer, 'content' | 'form'> {
  const writer = authorOf(author)
  const licence = licenceOf({ license })
  return {
    kind: 'plugin',
    name: givenName(name, where),
    ...(version && { version: checkLabel(version, where) }),
    ...(description && { description }),
    ...(writer && { author: writer }),
    ...(licence && { licence }),
    requires: [],
  }
}

async function placeOf(
  plugin: Plugin,
  where: string,
  { index, look }: { index: Marketplace; look: Look },
): Promise<Place> {
  const more = { ...subsetOf(plugin, where), ...definitionOf(plugin) }
  if (typeof plugin.source !== 'string') {
    const { content, ...rest } = remoteContent(plugin.source, where, look.tree)
    return { content: { ...content, ...more }, form: 'folder', ...rest }
  }
  const path = insidePath(plugin.source, where)
  const root = insidePath(index.metadata?.pluginRoot || './', where)
  const below = root === '' ? path : insidePath(joined(root, path), where)
  const base = baseOf(look.tree)
  if (base !== undefined) return packedAt(path.startsWith(`${root}/`) ? path : below, base, more)
  const found = (await folderAt(below, where, look)) ?? (await folderAt(path, where, look))
  if (found === undefined) return gone(path)
  const missing = await firstMissing(found, more.include ?? [], { where, look })
  return missing === undefined ? { content: { path: found, ...more }, form: 'folder' } : gone(missing)
}

/** On a web server nothing but the index can be looked at. */
function packedAt(path: string, base: URL, more: Partial<Pointer>): Place {
  if (path !== '') return { content: { ...besideIndex(path, base), ...more }, form: 'folder' }
  const unavailable = 'its source is the whole registry, and a web server does not list what it has'
  return { content: { path }, form: 'folder', unavailable }
}

async function folderAt(path: string, where: string, look: Look): Promise<string | undefined> {
  const entry = await pointedAt(look, path, where)
  if (entry?.type === 'file') fail('E_PATH_ESCAPE', `${where} names ${path}, a file where a folder belongs`)
  return entry?.path
}

async function firstMissing(
  folder: string,
  include: readonly string[],
  { where, look }: { where: string; look: Look },
): Promise<string | undefined> {
  for (const each of include) {
    const path = joined(folder, each)
    if ((await pointedAt(look, path, where)) === undefined) return path
  }
  return undefined
}

function gone(path: string): Place {
  return { content: { path }, form: 'folder', unavailable: `its path ${path} is not there` }
}

/** With `strict: false` an entry that lists paths takes these and nothing else. One that holds hooks or servers itself may call any
    file of the plugin, so it takes the whole. */
function subsetOf(plugin: Plugin, where: string): Pick<Pointer, 'include'> {
  const given = components.map((key) => plugin[key]).filter((value) => value !== undefined && value !== null)
  const listed = given.map(pathsIn)
  if (plugin.strict !== false || given.length === 0 || listed.includes(undefined)) return {}
  const include = listed.flatMap((each) => (each ?? []).map((path) => insidePath(path, where)))
  return include.includes('') ? {} : { include: [...new Set(include)] }
}

function pathsIn(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value]
  const list: unknown[] = Array.isArray(value) ? value : [undefined]
  return list.every((each) => typeof each === 'string') ? list : undefined
}

/** With `strict: false` a plugin has no plugin.json of its own: the entry is its definition, and tools read it from the plugin's folder. */
function definitionOf(plugin: Plugin): Pick<Pointer, 'made'> {
  if (plugin.strict !== false) return {}
  const { source: _source, strict: _strict, category: _category, tags: _tags, ...definition } = plugin
  return { made: { '.claude-plugin/plugin.json': `${JSON.stringify(definition, undefined, 2)}\n` } }
}

/** `renames: { old: new }`, over several steps too; `null` retires a name. */
function formerNames({ renames, plugins }: Marketplace): (name: string) => Pick<Offer, 'formerly'> {
  const current = new Set(plugins.map(({ name }) => name))
  const former = new Map<string, string[]>()
  for (const old of Object.keys(renames ?? {})) {
    const now = followed(old, renames ?? {}, current)
    if (now !== undefined) addTo(former, now, old)
  }
  return (name) => {
    const names = former.get(name)
    return names ? { formerly: names } : {}
  }
}

function followed(
  old: string,
  renames: Readonly<Record<string, string | null>>,
  current: ReadonlySet<string>,
): string | undefined {
  const seen = new Set<string>()
  let name: string | null | undefined = old
  while (typeof name === 'string' && !seen.has(name)) {
    if (name !== old && current.has(name)) return name
    seen.add(name)
    name = Object.hasOwn(renames, name) ? renames[name] : undefined
  }
  return undefined
}
