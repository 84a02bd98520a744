import { typeOfMode } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import { limits, sizeText } from '../../model/limits.js'
import { getOrMake } from '../../model/maps.js'
import type { Revision } from '../../model/registry.js'
import { checkReadable, type Tree, type TreeEntry } from '../../model/tree.js'
import type { RawObject } from './engine.js'
import type { GitEntry, Objects } from './objects.js'

/** An entry with its path in the tree. */
interface Found extends TreeEntry {
  id: string
}

/** More than any registry has; folders that hold one another many times over end here. */
const mostEntries = 200_000
/** Folders within folders, likewise. */
const mostLevels = 128
/** Bytes of files that are kept in memory after `prefetch`. */
const mostHeld = 64 * 1024 * 1024

/** The files of a commit, as they are stored: no attributes, filters or line ends are applied. Folders are read when they
    are asked for, files when they are read; reads that are asked for together are fetched together. Files below the paths in `likely` are fetched
    at once, before anybody asks for them. */
export async function gitTree(revision: Revision, objects: Objects, likely: readonly string[] = []): Promise<Tree> {
  const { tree: root, committed } = await objects.commit()
  const { get, bring } = atHand(objects)
  const load = together(async (ids) => {
    const found = new Map<string, RawObject>()
    await objects.blobs(ids, found)
    return found
  })
  const walk = walker(objects, root)
  const filesIn = async (under: readonly string[]) => {
    const entries = (await Promise.all(under.map(walk.below))).flat()
    return new Set(entries.filter(({ type }) => type === 'file').map(({ id }) => id))
  }
  await beginWith(likely, { filesIn, bring })
  return {
    revision,
    committed,
    children: async (folder) => {
      const found = await walk.find(folder)
      return found?.type === 'folder' ? [...(await walk.inside(found)).values()].map(shown) : []
    },
    list: async (under) => (await walk.below(under)).map(shown),
    read: async (path) => {
      const found = await walk.find(path)
      checkReadable(path, found)
      const object = (await get(found.id)) ?? (await load(found.id))
      if (object?.type !== 'blob') return fail('E_ENTRY_TYPE', `${path} is no file, whatever its folder says`)
      return object.bytes ?? fail('E_LIMIT_SIZE', `${path} is larger than ${sizeText(limits.file)}`)
    },
    prefetch: async (under) => bring(await filesIn(under)),
  }
}

interface Bringing {
  filesIn(under: readonly string[]): Promise<ReadonlySet<string>>
  bring(files: ReadonlySet<string>): Promise<void>
}

/** Returns as soon as the fetch has started. What fails here is asked for again, and told, when somebody reads the files; perhaps nobody does.
    `bring` sees to its own failure. */
async function beginWith(likely: readonly string[], { filesIn, bring }: Bringing): Promise<void> {
  const files = await filesIn(likely).catch(() => undefined)
  if (files) void bring(files)
}

function shown({ path, type, mode, size }: Found): TreeEntry {
  return { path, type, mode, size }
}

interface Walker {
  find(path: string): Promise<Found | undefined>
  /** By path. */
  inside(folder: Found): MaybePromise<ReadonlyMap<string, Found>>
  /** Everything below a folder, depth first, folders left out; or the one thing that has this path. */
  below(path: string): Promise<Found[]>
}

function walker(objects: Objects, root: string): Walker {
  const top: Found = { path: '', type: 'folder', mode: 0o755, size: -1, id: root }
  const asked = together((ids) => objects.tree(ids))
  const entriesOf: EntriesOf = once(String, async (id) => (await asked(id)) ?? [])
  const inside: Walker['inside'] = once(placeOf, async ({ id, path }) => {
    const entries = await entriesOf(id)
    return new Map(entries.map((entry) => [pathIn(path, entry.name), foundIn(path, entry)]))
  })
  const find = async (path: string) => {
    let found: Found | undefined = top
    for (const segment of path === '' ? [] : path.split('/')) {
      if (found?.type !== 'folder') return undefined
      const folder: Found = found
      found = (await inside(folder)).get(pathIn(folder.path, segment))
    }
    return found
  }
  const below = async (path: string) => {
    const found = await find(path)
    if (found?.type !== 'folder') return found === undefined ? [] : [found]
    return [...filesOf(found, await allBelow(found.id, entriesOf), { left: mostEntries })]
  }
  return { find, inside, below }
}

function placeOf({ path }: Found): string {
  return path
}

/** Asks once for each key. Known answers come without a promise: thousands of reads look into the same few folders. */
function once<K, T>(keyOf: (asked: K) => string, find: (asked: K) => Promise<T>): (asked: K) => MaybePromise<T> {
  const known = new Map<string, MaybePromise<T>>()
  return (asked) => {
    const key = keyOf(asked)
    const ask = async () => {
      const found = await find(asked)
      known.set(key, found)
      return found
    }
    return getOrMake(known, key, ask)
  }
}

type MaybePromise<T> = T | Promise<T>

type EntriesOf = (tree: string) => MaybePromise<readonly GitEntry[]>

/** All folders below one, a level at a time, each read once however often it occurs. */
async function allBelow(id: string, entriesOf: EntriesOf): Promise<Map<string, readonly GitEntry[]>> {
  const all = new Map<string, readonly GitEntry[]>()
  let level = [id]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostLevels) fail('E_LIMIT_DEPTH', `a git repository has folders more than ${mostLevels} deep`)
    await Promise.all(level.map(async (tree) => all.set(tree, await entriesOf(tree))))
    const folders = level.flatMap((tree) =>
      (all.get(tree) ?? []).filter((entry) => typeOfMode(entry.mode) === 'folder'),
    )
    level = [...new Set(folders.map((entry) => entry.id))].filter((tree) => !all.has(tree))
  }
  return all
}

function* filesOf(folder: Found, trees: Map<string, readonly GitEntry[]>, count: { left: number }): Generator<Found> {
  for (const entry of trees.get(folder.id) ?? []) {
    count.left -= 1
    if (count.left < 0) fail('E_LIMIT_ENTRIES', `a git repository has more than ${mostEntries} files`)
    const found = foundIn(folder.path, entry)
    if (found.type === 'folder') yield* filesOf(found, trees, count)
    else yield found
  }
}

function foundIn(folder: string, { mode, name, id }: GitEntry): Found {
  return { path: pathIn(folder, name), type: typeOfMode(mode), mode: mode & 0o7777, size: -1, id }
}

function pathIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

/** What is asked for in one turn of the event loop is asked for together. */
function together<T>(
  ask: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): (id: string) => Promise<T | undefined> {
  let waiting = new Set<string>()
  let next: Promise<ReadonlyMap<string, T>> | undefined
  const send = () => {
    const ids = [...waiting]
    waiting = new Set()
    next = undefined
    return ask(ids)
  }
  return async (id) => {
    waiting.add(id)
    next ??= new Promise<void>((turn) => setImmediate(turn)).then(send)
    return (await next).get(id)
  }
}

/** Files that are kept in memory. Fetches run one after another, so that none asks for what an earlier one has brought; a read waits for the file that
    is being fetched. */
function atHand(objects: Objects) {
  const held = new Map<string, RawObject>()
  const coming = new Set<string>()
  let last: Promise<unknown> = Promise.resolve()
  const unheld = (files: ReadonlySet<string>) => [...files].filter((id) => !held.has(id))
  const bring = (files: ReadonlySet<string>): Promise<void> => {
    for (const id of files) coming.add(id)
    const own = last.then(() => hold(unheld(files), objects, held))
    last = own
      .catch(() => undefined)
      .then(() => {
        for (const id of files) coming.delete(id)
      })
    return own
  }
  const get = async (id: string) => {
    if (coming.has(id)) await last
    return held.get(id)
  }
  return { get, bring }
}

/** Keeps the first `mostHeld` bytes of files; the rest is read from the store when it is asked for. */
async function hold(ids: readonly string[], objects: Objects, held: Map<string, RawObject>): Promise<void> {
  let left = mostHeld
  await objects.blobs(ids, {
    set: (id, object) => {
      left -= object.size
      if (left >= 0) held.set(id, object)
    },
  })
}
