import path from 'node:path'
import { type Disk, type Mark, typeOfMark } from '../model/disk.js'
import type { FolderMemory } from '../model/folder-memory.js'
import { version } from '../model/haal-version.js'
import { getOrMake } from '../model/maps.js'
import type { Site } from '../model/site.js'
import { attempt } from './attempt.js'
import {
  type Entry,
  each,
  isMark,
  type Names,
  nothing,
  printed,
  type Remembered,
  remembered,
} from './folder-memory-file.js'

/** What was made of registries that are folders, so that a command need not read, check and digest again what nobody has touched since.

    `folders/` in haal's own cache has a file for each registry. An entry of it says what it is about, what else it was made of, what was made, and the paths
    of all files and folders that were read for it, each with the five numbers of `Disk.mark`. The rule by which numbers are believed is that of
    `state/seen.ts`: who edits a file sets its ctime, which nobody can set back; what comes or goes sets its folder's. As a clock has grains, only what
    was older by a grain than the moment before it was read is written down, by the clock of the file system. A registry is never written to: its
    file system's clock is known where haal's own home lies on the same one; elsewhere, where it may be a server's, a whole day stands for the
    grain. The numbers are from before the reading: what changed meanwhile never has them again.

    Nobody else may say what a registry holds, and a cache may come from anybody: CI keeps HAAL_HOME, and with it any secret that files could be sealed
    with. So each file names the inode and the times of `folder-here`, which is made with the folder and never touched again: whoever brings a cache brings
    other ones than that file has when it is unpacked on this machine. As a second lock, what is said of an artifact's bytes counts only where it is
    what haal.lock says already (`operations/fetch/unchanged-folder.ts`): a lie could hold an update back, and bring nothing in.

    verify, install --frozen and --refresh never ask. Where a file is absent, damaged or of another haal, everything is read; it may be deleted at
    any time. */
export interface Memories {
  /** That of a registry. `folder`: absolute, a real path. */
  of(registry: string, folder: string): FolderMemory
  /** Writes down what is new; whatever goes wrong with that is no reason to fail. */
  write(): void
}

interface Around extends Pick<Site, 'disk'> {
  /** Where haal keeps what may be deleted at any time. No configuration names it. */
  cache: string
  pid: number
  /** False: what was written before is asked, and nothing changes. */
  mayWrite: boolean
}

export function openMemories(around: Around): Memories {
  const all = new Map<string, Open>()
  return {
    of: (registry, folder) =>
      getOrMake(all, JSON.stringify([registry, folder]), () => open(around, { registry, folder })),
    write: () => {
      for (const memory of all.values()) memory.write()
    },
  }
}

interface Open extends FolderMemory {
  write(): void
}

interface Which {
  registry: string
  folder: string
}

/** Bytes of one file, and files: far more than registries have. */
const most = { bytes: 64 * 1024 * 1024, files: 64 }
const day = 86_400_000

function open(around: Around, which: Which): Open {
  const { look, isReached } = lookInto(around.disk, which.folder)
  const fresh = { entries: new Map<string, Entry>(), names: new Map<string, Names>() }
  const { before, stale, clock, miss } = writtenIn(around, which)
  /** What was asked for in vain: the clock was started before it is read. Nothing else is kept. */
  const missed = new Set<string>()
  const isAsWritten = ({ from, marks }: Entry): boolean =>
    from.length > 0 && from.every((at, i) => isReached(at) && isMark(look(at), marks, i))
  return {
    look,
    recall: (about, of) => {
      const entry = before().entries.get(about)
      if (entry !== undefined && entry.of === of && isAsWritten(entry)) return entry.made
      missed.add(about)
      return miss(entry)
    },
    keep: (about, { of, made, marks }) => {
      if (!missed.has(about)) return
      const all: number[] = []
      for (const mark of marks.values()) if (clock()?.isOld(mark)) all.push(...mark)
      const from = [...marks.keys()]
      const text = `${about}${of}${made}${from.join('')}`
      const isKept =
        from.length > 0 && all.length === from.length * each && !text.includes('\t') && !text.includes('\n')
      if (isKept) fresh.entries.set(about, { about, of, made, from, marks: { all, at: 0 } })
    },
    names: (folder) => {
      const known = before().names.get(folder)
      return known && isReached(folder) && isMark(look(folder), known.mark) ? known.names : miss(known)
    },
    keepNames: (folder, names) => {
      const mark = look(folder)
      if (mark !== undefined && clock()?.isOld(mark)) fresh.names.set(folder, { names, mark: { all: mark, at: 0 } })
    },
    write: () => {
      if (fresh.entries.size + fresh.names.size > 0)
        attempt(() => write(around, which, { written: before(), stale, fresh }))
    },
  }
}

/** What earlier commands have written, and the clock from when there was first something that they had not. */
function writtenIn(around: Around, which: Which) {
  const stale = new Set<unknown>()
  let written: Remembered | undefined
  let clock: Clock | undefined
  return {
    before: (): Remembered => {
      if (written === undefined && around.mayWrite) attempt(() => sweep(around, which))
      written ??= readMemory(around, which)
      return written
    },
    stale,
    clock: () => clock,
    miss: (what: Entry | Names | undefined): undefined => {
      if (what !== undefined) stale.add(what)
      if (around.mayWrite) clock ??= startClock(around, which)
    },
  }
}

interface Looker extends Pick<FolderMemory, 'look'> {
  /** Whether folders alone lead to a path: a link on the way would lead to another place. */
  isReached(at: string): boolean
}

function lookInto(disk: Disk, folder: string): Looker {
  const looked = new Map<string, Mark | undefined>()
  const ways = new Set([''])
  const look = (at: string): Mark | undefined => {
    const known = looked.get(at)
    if (known !== undefined) return known
    const mark = disk.mark(at === '' ? folder : below(folder, at))
    looked.set(at, mark)
    return mark
  }
  const isReached = (at: string): boolean => {
    const above = at.slice(0, Math.max(0, at.lastIndexOf('/')))
    if (ways.has(above)) return true
    const mark = look(above)
    const isOpen = mark !== undefined && typeOfMark(mark) === 'folder' && isReached(above)
    if (isOpen) ways.add(above)
    return isOpen
  }
  return { look, isReached }
}

function below(folder: string, at: string): string {
  return `${folder}${path.sep}${path.sep === '/' ? at : at.replaceAll('/', path.sep)}`
}

interface Clock {
  /** Whether what has this mark can not be changed any more without getting another one. */
  isOld(mark: Mark): boolean
}

/** undefined where nothing can be written. Clocks tick in milliseconds or less, those of old file systems in up to 2 seconds: theirs show whole
    milliseconds only. */
function startClock(around: Around, which: Which): Clock | undefined {
  const { disk } = around
  let clock: Clock | undefined
  attempt(() => {
    if (disk.stat(placeOf(around))?.type === 'link') return
    disk.mkdir(placeOf(around))
    disk.create(hereFile(around), '')
    disk.write(temporary(around, which), '')
    const now = disk.stat(temporary(around, which))
    disk.remove(temporary(around, which))
    if (now === undefined) return
    const started = Number(now.mtime) / 1e6
    const isOurs = disk.stat(which.folder)?.dev === now.dev
    const grain = (last: number): number => (isOurs ? (Number.isInteger(last) ? 2000 : 50) : day)
    clock = {
      isOld: (mark) => {
        const last = Math.max(mark[3], mark[4])
        return last + grain(last) < started
      },
    }
  })
  return clock
}

/** Nothing where the file is not whole, or not of this home. */
function readMemory(around: Around, which: Which): Remembered {
  const { disk } = around
  const at = memoryFile(around, which)
  let found = nothing
  attempt(() => {
    const { type, size = 0 } = disk.stat(at) ?? {}
    const bound = boundTo(around, which)
    if (type !== 'file' || size > most.bytes || bound === undefined) return
    const bytes = disk.read(at)
    found = remembered(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), bound)
  })
  return found
}

interface Found {
  written: Remembered
  stale: ReadonlySet<unknown>
  fresh: Remembered
}

/** What nobody asked about stays, as long as there is room. Its digest stands in the file, so that one that is not whole says nothing, and needs no
    other name until it is. */
function write(around: Around, which: Which, { written, stale, fresh }: Found): void {
  const { disk } = around
  const bound = boundTo(around, which)
  if (bound === undefined) return
  const staying = <T>(all: ReadonlyMap<string, T>) => [...all].filter(([, each]) => !stale.has(each))
  const whole = printed(bound, {
    entries: new Map([...staying(written.entries), ...fresh.entries]),
    names: new Map([...staying(written.names), ...fresh.names]),
  })
  const bytes = whole.length > most.bytes ? printed(bound, fresh) : whole
  if (bytes.length > most.bytes) return
  disk.write(memoryFile(around, which), bytes)
}

/** Removes what killed commands have left, and the memories of too many other registries: none of them tells whether anybody will ask it again. Never
    by way of a link, which a cache from somebody else may bring. */
function sweep(around: Around, which: Which): void {
  const { disk } = around
  const folder = placeOf(around)
  if (disk.stat(folder)?.type !== 'folder') return
  const stays = new Set([hereName, path.basename(memoryFile(around, which))])
  const others = disk.names(folder).filter(({ name }) => name.startsWith('folder-') && !stays.has(name))
  const isTooMuch = others.length > most.files
  for (const { name } of others) if (isTooMuch || name.endsWith('.tmp')) disk.remove(path.join(folder, name))
}

/** What has to be the same for a memory to be used: another version of haal may check otherwise, and messages name the registry. undefined without
    `folder-here`: a cache that others filled could have been written for its absence. */
function boundTo(around: Around, { registry, folder }: Which): string | undefined {
  const here = around.disk.mark(hereFile(around))
  return here && JSON.stringify([version, registry, folder, here])
}

const hereName = 'folder-here'

function hereFile(around: Around): string {
  return path.join(placeOf(around), hereName)
}

function placeOf({ cache }: Around): string {
  return path.join(cache, 'folders')
}

/** Registries whose names end alike may share a file; then it is of one of them. */
function memoryFile(around: Around, { registry, folder }: Which): string {
  return path.join(placeOf(around), `folder-${Buffer.from(`${registry}\n${folder}`).toString('hex').slice(-200)}`)
}

function temporary(around: Around, which: Which): string {
  return `${memoryFile(around, which)}.${around.pid}.tmp`
}
