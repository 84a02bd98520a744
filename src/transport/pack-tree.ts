import path from 'node:path'
import { type Archive, unpack } from '../io/archive.js'
import { openPack, type Pack, temporaryFor, writePack } from '../io/pack.js'
import { onError } from '../model/errors.js'
import { kindOf } from '../model/kinds.js'
import { byCodeUnit } from '../model/names.js'
import type { Revision } from '../model/registry.js'
import type { Reach } from '../model/transport.js'
import { checkReadable, type Tree, type TreeEntry } from '../model/tree.js'
import { atAndBelow } from './sorted.js'

/** The tree of a registry that is an archive, unpacked into the cache once. Where the pack is damaged or gone when it is read, it is made
    again. `archive` is called when the cache does not hold it, or holds it damaged. */
export async function archiveTree(revision: Revision, reach: Reach, archive: () => Archive): Promise<Tree> {
  const key = `archive ${revision.id}`
  const make = (at: string) => unpackTo(at, { reach, key, archive: archive() })
  const at = await reach.cache.pack(key, make)
  const renew = async () => {
    await make(at)
    return openPack(reach.disk, at, key)
  }
  const pack = await onError(['E_CACHE'], () => openPack(reach.disk, at, key), renew)
  return packTree(revision, pack, { root: registryRoot(pack), renew })
}

/** Where everything in a pack lies under one top folder, that folder; else ''. */
export function topFolder({ files, odd }: Pick<Pack, 'files' | 'odd'>): string {
  const tops = new Set([...files, ...odd].map(({ path }) => path.split('/', 1)[0] ?? ''))
  const [top = ''] = tops
  const isFolder = [...files, ...odd].every(({ path }) => path !== top)
  return tops.size === 1 && isFolder ? top : ''
}

/** An archive may hold the registry or one folder that is the registry. A lone folder that a layout knows by name is not that one. */
export function registryRoot(pack: Pack): string {
  const top = topFolder(pack)
  return kindOf(top) !== undefined || top.startsWith('.') || top === 'registry' ? '' : top
}

interface PackTreeTerms {
  root: string
  /** Makes a sound pack in the place of one that turned out to be damaged. */
  renew(): Promise<Pack>
}

/** What a pack holds below `root`, as a tree. */
export function packTree(revision: Revision, pack: Pack, { root, renew }: PackTreeTerms): Tree {
  const entries = entriesBelow(root, pack)
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const folders = foldersOf(entries)
  let current = pack
  return {
    revision,
    children: async (folder) => folders.get(folder) ?? [],
    list: async (under) => (under === '' ? [...entries] : [...inTheWay(under, byPath), ...atAndBelow(entries, under)]),
    read: async (at) => {
      checkReadable(at, byPath.get(at))
      const read = () => current.read(root === '' ? at : `${root}/${at}`)
      return onError(['E_CACHE'], read, async () => {
        current = await renew()
        return read()
      })
    },
  }
}

async function unpackTo(
  at: string,
  { reach, key, archive }: { reach: Reach; key: string; archive: Archive },
): Promise<void> {
  reach.disk.mkdir(path.dirname(at))
  const pack = writePack(reach.disk, temporaryFor(at))
  try {
    await unpack(archive, pack)
    pack.finish(at, key)
  } catch (e) {
    pack.abandon()
    throw e
  }
}

function entriesBelow(root: string, { files, odd }: Pack): TreeEntry[] {
  const all: TreeEntry[] = [
    ...files.map(({ path, mode, size }) => ({ path, type: 'file' as const, mode, size })),
    ...odd.map(({ path, type, mode }) => ({ path, type, mode, size: 0 })),
  ]
  const below = root === '' ? '' : `${root}/`
  return all
    .filter(({ path }) => path.startsWith(below))
    .map((entry) => ({ ...entry, path: entry.path.slice(below.length) }))
    .sort((a, b) => byCodeUnit(a.path, b.path))
}

/** Links on the way to `under`: listed too, because an unpacker would have followed them to another place. */
function inTheWay(under: string, byPath: ReadonlyMap<string, TreeEntry>): TreeEntry[] {
  const ways = under.split('/').map((_, i, segments) => segments.slice(0, i).join('/'))
  return ways.flatMap((way) => byPath.get(way) ?? []).filter(({ type }) => type !== 'file')
}

function foldersOf(entries: readonly TreeEntry[]): Map<string, TreeEntry[]> {
  const folders = new Map<string, TreeEntry[]>([['', []]])
  const put = (entry: TreeEntry) => {
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')))
    if (!folders.has(parent)) {
      folders.set(parent, [])
      put({ path: parent, type: 'folder', mode: 0o755, size: 0 })
    }
    folders.get(parent)?.push(entry)
  }
  for (const entry of entries) put(entry)
  for (const children of folders.values()) children.sort((a, b) => byCodeUnit(a.path, b.path))
  return folders
}
