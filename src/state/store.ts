import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { removeTree } from '../io/disk.js'
import { hasEnded, pidSpace } from '../io/host.js'
import { openPack, type Pack, type PackedFile, type PackWriter, writePack } from '../io/pack.js'
import { type Digest, digestOfHex, hexOf, type ListedFile, listingDigest } from '../model/digest.js'
import type { Disk, Stat } from '../model/disk.js'
import { fail, HaalError } from '../model/errors.js'
import { limits } from '../model/limits.js'
import { byCodeUnit, pathProblem } from '../model/names.js'
import type * as model from '../model/store.js'

/** The bytes of artifacts, each once, by their integrity: `<folder>/<2 hex>/<64 hex>` is a pack. Any number of projects and processes
    share it: an entry is written under another name, renamed into place, and never changed afterwards. */
export interface Store extends model.Store {
  /** What the entry's file is like; undefined where there is none. */
  stat(integrity: Digest): Stat | undefined
  /** Takes in what `fill` writes to the pack, and answers with its integrity. Where `fill` throws, nothing is left. */
  take(fill: Fill): Promise<Digest>
  /** Throws E_CACHE naming the integrity where the entry is absent or damaged; a damaged one is dropped, so that it can be taken in again. */
  open(integrity: Digest): Stored
  list(): Digest[]
  /** False where there was none. */
  drop(integrity: Digest): boolean
  /** Removes what killed writers left: files, and folders of dry runs, that were started more than a day before `now`, or by a process that we can
      see to be gone; never by way of a link, which a store from somebody else may bring. */
  sweep(now: Date): void
}

type Fill = (pack: PackWriter) => void | Promise<void>

/** An artifact's files. Each is verified when it is read. */
export interface Stored extends model.Stored {
  integrity: Digest
}

const day = 86_400_000

/** How the names of folders begin that hold what dry runs take in. */
export const passing = 'dry-'

/** `pid`: this process, for the names of unfinished files. */
export function openStore(disk: Disk, folder: string, pid: number): Store {
  const unfinished = path.join(folder, 'unfinished')
  const place = (integrity: Digest) => placeOf(folder, integrity)
  let names: (() => string) | undefined
  const made = new Set<string>()
  const make = (at: string): void => {
    if (!made.has(at)) disk.mkdir(at)
    made.add(at)
  }
  /** What came in last is usually read next. */
  let latest: Stored | undefined
  const drop = (integrity: Digest) => {
    if (latest?.integrity === integrity) latest = undefined
    return disk.remove(place(integrity))
  }
  return {
    stat: (integrity) => disk.stat(place(integrity)),
    take: async (fill) => {
      make(unfinished)
      names ??= namesOf(pid)
      latest = await filled(fill, { disk, place, make, pack: writePack(disk, path.join(unfinished, names())) })
      return latest.integrity
    },
    open: (integrity) => {
      if (latest?.integrity === integrity) return latest
      return orDrop(integrity, drop, () => stored(openPack(disk, place(integrity), integrity), integrity, drop))
    },
    list: () =>
      disk
        .names(folder)
        .filter(({ name, type }) => type === 'folder' && /^[0-9a-f]{2}$/.test(name))
        .flatMap(({ name }) => entriesIn(disk, path.join(folder, name))),
    drop,
    sweep: (now) => {
      for (const at of leftIn(disk, folder, now)) removeTree(disk, at)
    },
  }
}

/** What killed writers left, unfinished files and folders of dry runs. */
function leftIn(disk: Disk, folder: string, now: Date): string[] {
  const unfinished = path.join(folder, 'unfinished')
  if (disk.stat(unfinished)?.type === 'link') disk.remove(unfinished)
  const begun = disk.names(unfinished).map(({ name }) => ({ name, at: path.join(unfinished, name) }))
  const tried = disk
    .names(folder)
    .filter(({ name, type }) => type === 'folder' && name.startsWith(passing))
    .map(({ name }) => ({ name: name.slice(passing.length), at: path.join(folder, name) }))
  const isDead = ({ name, at }: { name: string; at: string }) =>
    isGone(name) || changedAt(disk, at) < now.getTime() - day
  return [...begun, ...tried].filter(isDead).map(({ at }) => at)
}

/** Names that nobody else gives: of a process, of this run of it, and a number. */
function namesOf(pid: number): () => string {
  const run = `${pid}-${pidSpace()}-${randomBytes(8).toString('hex')}`
  let number = 0
  return () => {
    number += 1
    return `${run}-${number}`
  }
}

function isGone(name: string): boolean {
  const [pid, space] = name.split('-')
  return hasEnded(Number(pid), space)
}

function placeOf(folder: string, integrity: Digest): string {
  const hex = hexOf(integrity)
  return `${folder}${path.sep}${hex.slice(0, 2)}${path.sep}${hex}`
}

interface Filling {
  disk: Disk
  place(integrity: Digest): string
  /** Makes a folder of the store, once. */
  make(folder: string): void
  pack: PackWriter
}

async function filled(fill: Fill, filling: Filling): Promise<Stored> {
  try {
    await fill(filling.pack)
    return settle(filling)
  } catch (e) {
    filling.pack.abandon()
    throw e
  }
}

/** Gives a filled pack its name. One that is there already has the same bytes: it is replaced, which mends it where it was damaged, or
    serves where it cannot be replaced (another process reads it on Windows, the disk is full). */
function settle({ disk, place, make, pack }: Filling): Stored {
  const integrity = listingDigest(listed(pack.files))
  const at = place(integrity)
  try {
    make(path.dirname(at))
    const done = pack.finish(at, integrity)
    return { integrity, files: listed(done.files), read: done.read }
  } catch (e) {
    if (disk.stat(at) === undefined) throw e
    pack.abandon()
    return stored(openPack(disk, at, integrity), integrity, () => disk.remove(at))
  }
}

function stored(pack: Pack, integrity: Digest, drop: (integrity: Digest) => void): Stored {
  const files = listed(pack.files)
  if (listingDigest(files) !== integrity) fail('E_CACHE', 'what lies there is another artifact')
  return { integrity, files, read: (file) => orDrop(integrity, drop, () => pack.read(file)) }
}

function listed(files: readonly PackedFile[]): readonly ListedFile[] {
  return files.every(isListed)
    ? files
    : fail('E_CACHE', 'the listing has a mode, a path or a size that haal never writes')
}

/** Nothing gets past the intake by way of a store that came from somebody else, such as a cache of CI: an entry there may have any listing, and its
    right integrity, too. */
function isListed(file: PackedFile): file is ListedFile {
  const { mode, path, size } = file
  return (mode === 0o644 || mode === 0o755) && size <= limits.file && pathProblem(path) === undefined
}

/** What cannot be trusted goes, and the error names what it was. */
function orDrop<T>(integrity: Digest, drop: (integrity: Digest) => void, attempt: () => T): T {
  try {
    return attempt()
  } catch (e) {
    if (!(e instanceof HaalError) || e.code !== 'E_CACHE') throw e
    drop(integrity)
    return fail('E_CACHE', `the store has no sound copy of ${integrity}: ${e.message}`, {
      hint: 'run the command again where the registry can be reached',
      details: { ...e.details, integrity },
      cause: e,
    })
  }
}

function entriesIn(disk: Disk, folder: string): Digest[] {
  return disk
    .names(folder)
    .filter(({ name }) => /^[0-9a-f]{64}$/.test(name))
    .map(({ name }) => digestOfHex(name))
    .sort(byCodeUnit)
}

/** Milliseconds since the epoch. */
function changedAt(disk: Disk, at: string): number {
  return Number((disk.stat(at)?.mtime ?? 0n) / 1_000_000n)
}
