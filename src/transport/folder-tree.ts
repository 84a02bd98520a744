import path from 'node:path'
import { type Disk, type Mark, type Named, typeOfMark } from '../model/disk.js'
import { fail, HaalError } from '../model/errors.js'
import type { FolderMemory, Marks, Memory } from '../model/folder-memory.js'
import { pathProblem } from '../model/names.js'
import type { Revision } from '../model/registry.js'
import { isScript } from '../model/shebang.js'
import { type Child, checkReadable, type Tree, type TreeEntry } from '../model/tree.js'

/** A live folder as a tree. Links below the root (`root` itself is a real path) are listed, never followed. What `list` saw is remembered: `read`
    and `lookAgain` throw E_CHANGED where a file or a folder is another by then, or a link. Listing the root leaves out git's own folder. On
    Windows, where no file has an executable bit, scripts are listed with one. With a memory, the names in a folder that has not changed are
    not read again. */
export function folderTree({ disk, root, platform, memory }: Folder, revision: Revision): Tree {
  const lists = new Map<string, Seen>()
  const at = (below: string) => (below === '' ? root : `${root}${path.sep}${native(below)}`)
  const live: Live = {
    disk,
    platform,
    memory,
    listed: new Map(),
    whole: new Map(),
    before: new Map(),
    at,
    mark: (below) => disk.mark(at(below)),
  }
  return {
    revision,
    children: async (folder) => {
      refuseLeaving(folder)
      const isThere = () => onTheWay(folder, memory?.look ?? live.mark) === undefined
      return recalled(folder, live) ?? (isThere() ? childrenOf(folder, live) : [])
    },
    list: async (under) => {
      const seen: Seen = { above: new Map(), below: new Map() }
      const obstacle = onTheWay(parentOf(under), live.mark, seen.above)
      if (obstacle) return [obstacle]
      lists.set(under, seen)
      const listed = listOf(under, live, seen.below)
      if (memory && !live.whole.has(under)) live.whole.set(under, seen.below)
      return listed
    },
    read: async (file) => read(file, live),
    lookAgain: async (under) => {
      const seen = lists.get(under)
      lists.delete(under)
      if (seen) lookAgain(seen, live)
    },
    ...(memory && { memory: memoryOf(memory, live) }),
  }
}

interface Folder {
  disk: Disk
  /** Absolute, a real path. */
  root: string
  platform: NodeJS.Platform
  memory?: FolderMemory | undefined
}

const native: (below: string) => string =
  path.sep === '/' ? (below) => below : (below) => below.replaceAll('/', path.sep)

interface Live {
  disk: Disk
  platform: NodeJS.Platform
  memory: FolderMemory | undefined
  /** Files that were listed and not read since, by their tree path. */
  listed: Map<string, Mark>
  /** The first marks of everything at and below each path that was listed; undefined once the memory has them. */
  whole: Map<string, Marks | undefined>
  /** The first mark of each file and folder, from before anything of it was read. */
  before: Map<string, Mark>
  /** The absolute path of a tree path. */
  at(below: string): string
  /** What lies at a tree path now. */
  mark(below: string): Mark | undefined
}

interface Seen {
  /** Folders on the way to what was listed. */
  above: Map<string, Mark>
  below: Map<string, Mark>
}

/** The first mark of each file and folder is kept, from before it was read: where it changed since, the next command sees another mark. */
function memoryOf(memory: FolderMemory, { whole, before }: Live): Memory {
  return {
    recall: memory.recall,
    keep: (about, { of, made, ...from }) => {
      const all = 'listed' in from ? from.listed.map((at) => whole.get(at)) : [some(from.read, before)]
      const [first] = all
      if (first === undefined || all.includes(undefined)) return
      const marks = all.length === 1 ? first : new Map(all.flatMap((each) => [...(each ?? [])]))
      memory.keep(about, { of, made, marks })
      if ('listed' in from) for (const at of from.listed) whole.set(at, undefined)
    },
  }
}

/** undefined where one of them is not known. */
function some(paths: readonly string[], marks: Marks): Marks | undefined {
  const found = new Map<string, Mark>()
  for (const at of paths) {
    const mark = marks.get(at)
    if (mark === undefined) return undefined
    found.set(at, mark)
  }
  return found
}

/** Keeps the first mark of a path; to be called before anything of it is read. */
function keepFirst(at: string, mark: Mark | undefined, { memory, before }: Live): void {
  if (memory && mark && !before.has(at)) before.set(at, mark)
}

/** The first thing on the way to a folder, itself included, that is no folder; undefined where the way is clear or ends. */
function onTheWay(folder: string, mark: Live['mark'], seen?: Map<string, Mark>): TreeEntry | undefined {
  refuseLeaving(folder)
  for (const step of waysTo(folder)) {
    const found = mark(step)
    if (found === undefined) return undefined
    if (typeOfMark(found) !== 'folder') return entryOf(step, found)
    seen?.set(step, found)
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

/** As an earlier command found them. */
function recalled(folder: string, live: Live): Child[] | undefined {
  const { memory } = live
  const text = memory?.names(folder)
  if (text === undefined) return undefined
  keepFirst(folder, memory?.look(folder), live)
  const names = text === '' ? [] : text.split('/')
  return names.map((name) => ({ path: joined(folder, name.slice(1)), type: typesByLetter[name[0] ?? ''] ?? 'other' }))
}

/** Names as one text: no name has a slash in it. */
const typesByLetter: Readonly<Record<string, Child['type']>> = { f: 'file', d: 'folder', l: 'link', o: 'other' }
const letters: Readonly<Record<Child['type'], string>> = { file: 'f', folder: 'd', link: 'l', other: 'o' }

function childrenOf(folder: string, live: Live): Child[] {
  const { memory } = live
  keepFirst(folder, memory?.look(folder), live)
  const children = namesOf(folder, live)
  memory?.keepNames(folder, children.map(({ path: below, type }) => `${letters[type]}${leafOf(below)}`).join('/'))
  return children
}

function namesOf(folder: string, live: Live): Child[] {
  return entriesIn(folder, live).flatMap(({ name, type }) => {
    const below = joined(folder, name)
    const isGone = name.includes('\ufffd') && live.mark(below) === undefined
    return isGone ? unreadable(below) : [{ path: below, type }]
  })
}

function entriesIn(folder: string, { disk, at }: Live): Named[] {
  return disk.names(at(folder)).filter(({ name }) => folder !== '' || name !== '.git')
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

function listOf(under: string, live: Live, seen: Map<string, Mark>): TreeEntry[] {
  const mark = live.mark(under)
  if (mark === undefined) return unreadable(under)
  seen.set(under, mark)
  if (typeOfMark(mark) !== 'folder') {
    live.listed.set(under, mark)
    return [withBit(entryOf(under, mark), live)]
  }
  return entriesIn(under, live).flatMap(({ name }) => listOf(joined(under, name), live, seen))
}

/** A name that was listed, where nothing is found: it is gone meanwhile, or it is not UTF-8. The latter is listed, for intake to refuse. */
function unreadable(below: string): TreeEntry[] {
  return below.includes('\ufffd') ? [{ path: below, type: 'other', mode: 0, size: 0 }] : []
}

function withBit(entry: TreeEntry, { disk, platform, at }: Live): TreeEntry {
  if (platform !== 'win32' || entry.type !== 'file') return entry
  return { ...entry, mode: isScript(disk.readAt(at(entry.path), 0, 2)) ? 0o755 : 0o644 }
}

function entryOf(path: string, mark: Mark): TreeEntry {
  return { path, type: typeOfMark(mark), mode: mark[0] & 0o7777, size: mark[1] }
}

function parentOf(below: string): string {
  return below.slice(0, Math.max(0, below.lastIndexOf('/')))
}

function leafOf(below: string): string {
  return below.slice(below.lastIndexOf('/') + 1)
}

function read(file: string, live: Live): Uint8Array {
  refuseLeaving(file)
  const before = live.listed.get(file)
  const mark = before ?? unlisted(file, live)
  keepFirst(file, mark, live)
  checkReadable(file, mark && entryOf(file, mark))
  if (before === undefined) return live.disk.read(live.at(file))
  const bytes = readListed(file, before, live)
  live.listed.delete(file)
  return bytes
}

/** Reads a file that was listed. Its mark, taken with the bytes, shows that it is the same one, so that `lookAgain` need not look. */
function readListed(file: string, before: Mark, { disk, at }: Live): Uint8Array {
  try {
    const { bytes, mark } = disk.readMarked(at(file), before[1])
    return isSame(before, mark) ? bytes : changed(file)
  } catch (e) {
    if (e instanceof HaalError && !isSame(before, disk.mark(at(file)))) changed(file)
    throw e
  }
}

function unlisted(file: string, live: Live): Mark | undefined {
  const obstacle = onTheWay(parentOf(file), live.mark)
  if (obstacle)
    fail('E_ENTRY_TYPE', `${obstacle.path} is a link, and haal follows none`, { details: { path: obstacle.path } })
  return live.mark(file)
}

/** Folders above may have got other entries meanwhile, and must only be the same folders; what lies below must have the same marks. Files that were
    read since have been compared by `read`. */
function lookAgain({ above, below }: Seen, { mark, listed }: Live): void {
  for (const [path, before] of above) if (!isSameThing(before, mark(path))) changed(path)
  for (const [path, before] of below) {
    const isToSee = listed.delete(path) || typeOfMark(before) === 'folder'
    if (isToSee && !isSame(before, mark(path))) changed(path)
  }
}

function changed(path: string): never {
  return fail('E_CHANGED', `${path} was changed while it was read`, {
    hint: 'run the command again',
    details: { path },
  })
}

function isSameThing(before: Mark, now: Mark | undefined): boolean {
  return now !== undefined && now[2] === before[2] && typeOfMark(now) === typeOfMark(before)
}

function isSame(before: Mark, now: Mark | undefined): boolean {
  return now !== undefined && before.every((number, i) => number === now[i])
}
