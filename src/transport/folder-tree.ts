import path from 'node:path'
import { type Disk, type Mark, type Stat, typeOfMode } from '../model/disk.js'
import { fail, HaalError } from '../model/errors.js'
import { pathProblem } from '../model/names.js'
import type { Revision } from '../model/registry.js'
import { isScript } from '../model/script.js'
import { checkReadable, type Tree, type TreeEntry } from '../model/tree.js'

/** A live folder as a tree. Links below the root (`root` itself is a real path) are told, never followed. What a list saw is remembered
    until it is read or `lookAgain`, which so tell whether a file or a folder was changed meanwhile, or exchanged for a link, say. Listing
    the root passes over git's own folder. On Windows, where no file has an executable bit, scripts are listed with one. */
export function folderTree({ disk, root, platform }: Folder, revision: Revision): Tree {
  const lists = new Map<string, Seen>()
  const live: Live = {
    disk,
    platform,
    known: new Map(),
    listed: new Map(),
    at: (below) => (below === '' ? root : `${root}${path.sep}${native(below)}`),
  }
  return {
    revision,
    children: async (folder) => (onTheWay(folder, live) === undefined ? childrenOf(folder, live, live.known) : []),
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

type Marks = Map<string, Mark>

interface Live {
  disk: Disk
  platform: NodeJS.Platform
  /** Files by their tree path, as they were when their folder was looked into. */
  known: Marks
  /** Files that were listed and not read since, by their tree path: where they stand in what was seen. */
  listed: Map<string, Marks>
  /** The absolute path of a tree path. */
  at(below: string): string
}

interface Seen {
  /** Folders on the way to what was listed. */
  above: Map<string, Stat>
  /** What is still to be looked at again. */
  below: Marks
}

/** The first thing on the way to a folder, itself included, that is no folder; undefined where the way is clear or ends. */
function onTheWay(folder: string, { disk, at }: Live, seen?: Seen['above']): TreeEntry | undefined {
  refuseLeaving(folder)
  for (const step of waysTo(folder)) {
    const stat = disk.stat(at(step))
    if (stat === undefined) return undefined
    if (stat.type !== 'folder') return { path: step, type: stat.type, mode: stat.mode, size: stat.size }
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

/** Notes the marks of what is no folder. */
function childrenOf(folder: string, live: Live, marks: Marks): TreeEntry[] {
  const names = live.disk.names(live.at(folder)).filter(({ name }) => folder !== '' || name !== '.git')
  return names.flatMap(({ name, type }) => {
    const below = folder === '' ? name : `${folder}/${name}`
    if (type === 'folder') return [{ path: below, type, mode: 0o755, size: 0 }]
    const mark = live.disk.mark(live.at(below))
    if (mark === undefined) return unreadable(below)
    marks.set(below, mark)
    return [entryOf(below, mark)]
  })
}

function listOf(under: string, live: Live, seen: Marks): TreeEntry[] {
  const mark = live.disk.mark(live.at(under))
  if (mark === undefined) return unreadable(under)
  seen.set(under, mark)
  const entry = entryOf(under, mark)
  const entries = entry.type === 'folder' ? childrenOf(under, live, seen) : [entry]
  return entries.flatMap((each) => {
    if (each.type === 'folder') return listOf(each.path, live, seen)
    live.listed.set(each.path, seen)
    return [withBit(each, live)]
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

function entryOf(path: string, mark: Mark): TreeEntry {
  const mode = mark[0]
  return { path, type: typeOfMode(mode), mode: mode & 0o7777, size: mark[1] }
}

function parentOf(below: string): string {
  return below.slice(0, Math.max(0, below.lastIndexOf('/')))
}

function read(file: string, live: Live): Uint8Array {
  refuseLeaving(file)
  const seen = live.listed.get(file)
  const before = seen?.get(file)
  const mark = before ?? live.known.get(file)
  checkReadable(file, mark ? entryOf(file, mark) : unlisted(file, live))
  if (before === undefined) return live.disk.read(live.at(file))
  const bytes = readListed(file, before, live)
  live.listed.delete(file)
  seen?.delete(file)
  return bytes
}

/** The very file that was listed, as it was then: that is known when it has been read, and need not be looked at again. */
function readListed(file: string, before: Mark, { disk, at }: Live): Uint8Array {
  try {
    const { bytes, mark } = disk.readMarked(at(file), before[1])
    return isSame(before, mark) ? bytes : changed(file)
  } catch (e) {
    if (e instanceof HaalError && !isSame(before, disk.mark(at(file)))) changed(file)
    throw e
  }
}

function unlisted(file: string, live: Live): Stat | undefined {
  const obstacle = onTheWay(parentOf(file), live)
  if (obstacle)
    fail('E_ENTRY_TYPE', `${obstacle.path} is a link, and haal follows none`, { details: { path: obstacle.path } })
  return live.disk.stat(live.at(file))
}

/** Folders above may get new neighbours meanwhile; what lies below must be the same to the moment of its last change. */
function lookAgain({ above, below }: Seen, { disk, at, listed }: Live): void {
  for (const [path, before] of above) if (!isSameThing(before, disk.stat(at(path)))) changed(path)
  for (const [path, before] of below) {
    listed.delete(path)
    if (!isSame(before, disk.mark(at(path)))) changed(path)
  }
}

function changed(path: string): never {
  return fail('E_CHANGED', `${path} was changed while it was read`, {
    hint: 'run the command again',
    details: { path },
  })
}

function isSameThing(before: Stat, now: Stat | undefined): boolean {
  return now?.ino === before.ino && now.dev === before.dev && now.type === before.type
}

function isSame(before: Mark, now: Mark | undefined): boolean {
  return now !== undefined && before.every((number, i) => number === now[i])
}
