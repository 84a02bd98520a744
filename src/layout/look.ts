import type { Artifact, Note, Pointer } from '../model/artifact.js'
import { fail, onError } from '../model/errors.js'
import { readJson } from '../model/json.js'
import { getOrMake } from '../model/maps.js'
import { byCodeUnit, checkName, isReserved, pathProblem } from '../model/names.js'
import { locationOf } from '../model/registry.js'
import type { Child, Tree } from '../model/tree.js'

/** What a layout offers; the catalogue adds who offers it. */
export type Offer = Omit<Artifact, 'registry' | 'layout'>

/** Where an offer's files are, or why they are nowhere. */
export type Place = Pick<Offer, 'content' | 'form' | 'unavailable'>

export interface Found {
  offers: readonly Offer[]
  notes: readonly Note[]
}

/** One way to lay out a registry. `find` answers undefined where a tree is not laid out like this. It reads indexes and the names in
    folders, never the artifacts themselves, so that one skill out of thousands stays cheap. */
export interface Layout {
  name: string
  find(look: Look): Promise<Found | undefined>
}

/** A tree as layouts read it: every folder is listed once, whoever asks. */
export interface Look {
  readonly tree: Tree
  /** What a message calls a file of this registry. */
  source(path: string): string
  /** Sorted by path. */
  entries(folder: string): Promise<readonly Child[]>
  /** What lies at a path. Where a link or a file is in the way of the path, that one; undefined where nothing is. */
  at(path: string): Promise<Child | undefined>
  hasFile(path: string): Promise<boolean>
  /** Throws E_JSON, E_JSON_KEY, E_ENTRY_TYPE, E_LIMIT_SIZE, E_LIMIT_DEPTH. */
  json(path: string): Promise<unknown>
}

export function lookInto(tree: Tree, registry: string): Look {
  const listed = new Map<string, Promise<Folder>>()
  const source = (path: string) => `${registry}: ${path}`
  const open = (folder: string) => getOrMake(listed, folder, async () => folderOf(await tree.children(folder)))
  return {
    tree,
    source,
    entries: async (folder) => (await open(folder)).entries,
    at: (path) => entryAt(path, open),
    hasFile: async (path) => {
      const entry = await entryAt(path, open)
      return entry?.type === 'file' && entry.path === path
    },
    json: async (path) => readJson(await readNamed(tree, path, registry), source(path)),
  }
}

/** A tree's errors name only the file: here the registry is added, because there may be several. */
function readNamed(tree: Tree, path: string, registry: string): Promise<Uint8Array> {
  return onError(
    ['E_ENTRY_TYPE', 'E_LIMIT_SIZE'],
    () => tree.read(path),
    ({ code, message, details, cause }) => fail(code, `${registry}: ${message}`, { details, cause }),
  )
}

export function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** A path as an index writes it, without `./` before and `/` after; '' is the root. Throws what `pathProblem` finds, naming `what`. */
export function insidePath(written: string, what: string): string {
  const path = written.replace(/^(\.\/+)+/, '').replace(/\/+$/, '')
  if (path === '.' || (path === '' && written !== '')) return /^\/+$/.test(written) ? refuse(written, what) : ''
  return pathProblem(path) === undefined ? path : refuse(path, what)
}

/** What an index's path leads to; undefined where nothing is there. Throws E_PATH_ESCAPE for a path through a link or a file. */
export async function pointedAt(look: Look, path: string, what: string): Promise<Child | undefined> {
  const entry = await look.at(path)
  if (entry === undefined || (entry.path === path && (entry.type === 'folder' || entry.type === 'file'))) return entry
  return fail(
    'E_PATH_ESCAPE',
    `${what} names ${path}, and ${entry.path} is ${entry.type === 'link' ? 'a link' : `a ${entry.type}`}`,
  )
}

/** Where an artifact's files are, for messages. */
export function shownPlace({ path, elsewhere }: Pointer): string {
  return elsewhere === undefined ? path || 'the root' : locationOf(elsewhere.at)
}

/** A name as an index gives it: one folder's, safe on every platform. Throws E_NAME, E_JSON_KEY. */
export function givenName(name: string, where: string): string {
  if (isReserved(name)) fail('E_JSON_KEY', `${where} is named "${name}", which is never allowed`)
  if (name.includes('/')) fail('E_NAME', `${where} has a name with a slash: ${JSON.stringify(name)}`)
  return checkName(name, where)
}

/** In a folder of thousands, each is looked up without going through all. */
interface Folder {
  entries: readonly Child[]
  byPath: ReadonlyMap<string, Child>
}

function folderOf(children: readonly Child[]): Folder {
  const entries = children.toSorted(byPath)
  return { entries, byPath: new Map(entries.map((entry) => [entry.path, entry])) }
}

async function entryAt(path: string, open: (folder: string) => Promise<Folder>): Promise<Child | undefined> {
  let here: Child = { path: '', type: 'folder' }
  for (const segment of path === '' ? [] : path.split('/')) {
    if (here.type !== 'folder') return here
    const next = (await open(here.path)).byPath.get(joined(here.path, segment))
    if (next === undefined) return undefined
    here = next
  }
  return here
}

function refuse(path: string, what: string): never {
  const problem = pathProblem(path) ?? { code: 'E_PATH_FORBIDDEN' as const, why: 'is no path' }
  return fail(problem.code, `${what} names the path ${JSON.stringify(path)}, which ${problem.why}`)
}

function byPath(a: Child, b: Child): number {
  return byCodeUnit(a.path, b.path)
}
