import path from 'node:path'
import type { Disk, Stat } from '../model/disk.js'
import { fail } from '../model/errors.js'
import { pathProblem } from '../model/names.js'
import type { Revision } from '../model/registry.js'
import { isScript } from '../model/script.js'
import { checkReadable, type Tree, type TreeEntry } from '../model/tree.js'

/** A live folder as a tree. Links below the root (`root` itself is a real path) are told, never followed. What a list saw is remembered
    until `lookAgain`, which can so tell whether a file or a folder was exchanged, for a link say, while it was read. Listing the root
    passes over git's own folder. On Windows, where no file has an executable bit, scripts are listed with one. */
export function folderTree({ disk, root, platform }: Folder, revision: Revision): Tree {
  const lists = new Map<string, Seen>()
  const live: Live = {
    disk,
    platform,
    known: new Map(),
    at: (below) => (below === '' ? root : `${root}${path.sep}${native(below)}`),
  }
  return {
    revision,
    children: async (folder) => (onTheWay(folder, live) === undefined ? childrenOf(folder, live) : []),
    list: async (under) => {
      const seen: Seen = { above: new Map(), below: new Map() }
      const obstacle = onTheWay(parentOf(under), live, seen.above)
      if (obstacle) return [obstacle]
      lists.set(under, seen)
      return listOf(under, live, seen.below)
    },
    read: async (file) => read(file, live),
    lookAgain: async (under) => {
      const seen = lists.get(under)
      lists.delete(under)
      if (seen) lookAgain(seen, live)
    },
  }
}

interface Folder {
  disk: Disk
  /** Absolute, a real path. */
  root: string
  platform: NodeJS.Platform
}

const native: (below: string) => string =
  path.sep === '/' ? (below) => below : (below) => below.replaceAll('/', path.sep)

type Stats = Map<string, Stat>

interface Live {
  disk: Disk
  platform: NodeJS.Platform
  /** Files by their tree path, as they were when they were listed. */
  known: Stats
  /** The absolute path of a tree path. */
  at(below: string): string
}

interface Seen {
  /** Folders on the way to what was listed. */
  above: Stats
  below: Stats
}

/** The first thing on the way to a folder, itself included, that is no folder; undefined where the way is clear or ends. */
function onTheWay(folder: string, { disk, at }: Live, seen?: Stats): TreeEntry | undefined {
  refuseLeaving(folder)
  for (const step of waysTo(folder)) {
    const stat = disk.stat(at(step))
    if (stat === undefined) return undefined
    if (stat.type !== 'folder') return entryOf(step, stat)
    seen?.set(step, stat)
  }
  return undefined
}

function refuseLeaving(below: string): void {
  const problem = below === '' ? undefined : pathProblem(below)
  if (problem?.code === 'E_PATH_ESCAPE' || problem?.code === 'E_PATH_ABSOLUTE')
    fail(problem.code, `${JSON.stringify(below)} ${problem.why}`, { details: { path: below } })
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function waysTo(below: string): string[] {
  const segments = below === '' ? [] : below.split('/')
  return segments.map((_, i) => segments.slice(0, i + 1).join('/'))
}

function childrenOf(folder: string, live: Live): TreeEntry[] {
  const names = live.disk.names(live.at(folder)).filter(({ name }) => folder !== '' || name !== '.git')
  return names.flatMap(({ name, type }) => {
    const below = folder === '' ? name : `${folder}/${name}`
    if (type === 'folder') return [{ path: below, type, mode: 0o755, size: 0 }]
    const stat = live.disk.stat(live.at(below))
    if (stat === undefined) return unreadable(below)
    live.known.set(below, stat)
    return [entryOf(below, stat)]
  })
}

function listOf(under: string, live: Live, seen: Stats): TreeEntry[] {
  const stat = live.disk.stat(live.at(under))
  if (stat === undefined) return unreadable(under)
  seen.set(under, stat)
  live.known.set(under, stat)
  if (stat.type !== 'folder') return [withBit(entryOf(under, stat), live)]
  return childrenOf(under, live).flatMap((entry) => {
    if (entry.type === 'folder') return listOf(entry.path, live, seen)
    const known = live.known.get(entry.path)
    if (known) seen.set(entry.path, known)
    return [withBit(entry, live)]
  })
}

/** What was listed and cannot be looked at is gone meanwhile, or its name is no text: then it is told, for the intake to refuse. */
function unreadable(below: string): TreeEntry[] {
  return below.includes('\ufffd') ? [{ path: below, type: 'other', mode: 0, size: 0 }] : []
}

function withBit(entry: TreeEntry, { disk, platform, at }: Live): TreeEntry {
  if (platform !== 'win32' || entry.type !== 'file') return entry
  return { ...entry, mode: isScript(disk.readAt(at(entry.path), 0, 2)) ? 0o755 : 0o644 }
}

function entryOf(below: string, { type, mode, size }: Stat): TreeEntry {
  return { path: below, type, mode, size }
}

function parentOf(below: string): string {
  return below.slice(0, Math.max(0, below.lastIndexOf('/')))
}

function read(file: string, live: Live): Uint8Array {
  refuseLeaving(file)
  checkReadable(file, live.known.get(file) ?? unlisted(file, live))
  return live.disk.read(live.at(file))
}

function unlisted(file: string, live: Live): Stat | undefined {
  const obstacle = onTheWay(parentOf(file), live)
  if (obstacle)
    fail('E_ENTRY_TYPE', `${obstacle.path} is a link, and haal follows none`, { details: { path: obstacle.path } })
  return live.disk.stat(live.at(file))
}

/** Folders above may get new neighbours meanwhile; what lies below must be the same to the moment of its last change. */
function lookAgain({ above, below }: Seen, { disk, at, known }: Live): void {
  const changed = (path: string) =>
    fail('E_CHANGED', `${path} was changed while it was read`, { hint: 'run the command again', details: { path } })
  for (const [path, before] of above) if (!isSameThing(before, disk.stat(at(path)))) changed(path)
  for (const [path, before] of below) {
    known.delete(path)
    if (!isUntouched(before, disk.stat(at(path)))) changed(path)
  }
}

function isSameThing(before: Stat, now: Stat | undefined): now is Stat {
  return now?.ino === before.ino && now.dev === before.dev && now.type === before.type
}

function isUntouched(before: Stat, now: Stat | undefined): boolean {
  if (!isSameThing(before, now)) return false
  return now.mtime === before.mtime && now.ctime === before.ctime && now.size === before.size
}
