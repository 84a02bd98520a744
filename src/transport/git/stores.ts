import { randomInt, randomUUID } from 'node:crypto'
import path from 'node:path'
import { removeTree } from '../../io/disk.js'
import type { Disk } from '../../model/disk.js'
import { HaalError } from '../../model/errors.js'
import { getOrMake } from '../../model/maps.js'
import type { Reach } from '../../model/transport.js'
import type { RawObject, Reader } from './engine.js'
import { enter, unlock } from './locks.js'

/** What a store holds: commits and trees with the files that were wanted, or with all files. */
export type Fullness = 'sparse' | 'full'

/** The bare stores of one repository. An object is named by its digest, so any store may give it. */
export interface Stores {
  /** The store for commits like this one, made where it is not there yet, and made anew where it is not sound. */
  make(fullness: Fullness, commit: string): string
  /** The stores that are there, for ids like this one. */
  existing(id: string): string[]
  read(ids: readonly string[]): Promise<(RawObject | undefined)[]>
  /** Starts to read all that a store holds. */
  ahead(dir: string): void
  /** Whether a store lacks the history of some commit. */
  isShallow(dir: string): boolean
  packs(dir: string): number
  /** Of all packs, those being written too. */
  bytes(dir: string): number
  /** Notes that a git works in a store; what it answers is to be called with the exit code. */
  enter(dir: string, pid: number): (code: number) => void
  /** Removes the locks that a git which was killed left behind; false where there are none, or they may be in use. */
  unlock(dir: string, now: Date): boolean
  /** When a store was made, which tells it from one in its place; undefined where there is none. */
  madeAt(dir: string): bigint | undefined
  /** Makes a store again that another haal has removed. */
  remake(dir: string): void
  /** Removes every store that this haal has used; not one that another haal has put into its place since. */
  drop(): void
}

/** `base` is the folder they lie in; `start` makes a reader for one of them. Offline, nothing could take the place of a damaged one. */
export function openStores(
  { disk, offline }: Pick<Reach, 'disk' | 'offline'>,
  base: string,
  start: (dir: string) => Reader,
): Stores {
  const readers = new Map<string, Reader>()
  const dirOf = (fullness: Fullness, id: string) => path.join(base, id.length === 64 ? `${fullness}-sha256` : fullness)
  const { madeAt, used, forget, unchanged } = storesUsed(disk)
  /** One reader for each store: that of an earlier store in the same folder is not used. */
  const readerOf = (dir: string) => getOrMake(readers, `${dir} ${madeAt(dir)}`, () => start(dir))
  const endReaders = () => {
    for (const reader of readers.values()) reader.end()
    readers.clear()
  }
  const existing = (id: string) => {
    const dirs = (['sparse', 'full'] as const).map((fullness) => dirOf(fullness, id))
    return dirs.filter((dir) => madeAt(dir) !== undefined).map(used)
  }
  return {
    ...foldersOn(disk),
    existing,
    madeAt,
    make: (fullness, commit) => {
      const dir = dirOf(fullness, commit)
      if (!offline && madeAt(dir) !== undefined && !isSound(disk, dir)) {
        endReaders()
        forget(dir)
        dropFolder(disk, dir)
      }
      makeStore(disk, dir)
      return used(dir)
    },
    remake: (dir) => makeStore(disk, dir),
    ahead: (dir) => readerOf(dir).ahead?.(),
    read: (ids) => readFirst(ids, existing(ids[0] ?? '').map(readerOf)),
    drop: () => {
      endReaders()
      for (const dir of unchanged()) dropFolder(disk, dir)
    },
  }
}

/** Which stores this haal has used, and when each was made. */
function storesUsed(disk: Disk) {
  const found = new Map<string, bigint | undefined>()
  const madeAt = (dir: string) => disk.stat(path.join(dir, 'HEAD'))?.mtime
  return {
    madeAt,
    used: (dir: string) => {
      if (!found.has(dir)) found.set(dir, madeAt(dir))
      return dir
    },
    forget: (dir: string) => void found.delete(dir),
    /** Those that nobody has made anew since; forgets all. */
    unchanged: (): string[] => {
      const same = [...found].filter(([dir, then]) => then !== undefined && madeAt(dir) === then)
      found.clear()
      return same.map(([dir]) => dir)
    },
  }
}

/** What is done with the folder of a store, whoever reads it. */
function foldersOn(disk: Disk): Pick<Stores, 'isShallow' | 'bytes' | 'packs' | 'enter' | 'unlock'> {
  return {
    isShallow: (dir) => (disk.stat(path.join(dir, 'shallow'))?.size ?? 0) > 0,
    bytes: (dir) => packNames(disk, dir).reduce((sum, name) => sum + (disk.stat(packPath(dir, name))?.size ?? 0), 0),
    packs: (dir) => packNames(disk, dir).filter((name) => name.endsWith('.pack')).length,
    enter: (dir, pid) => enter(disk, dir, pid),
    unlock: (dir, now) => unlock(disk, dir, { now, growing: growing(disk, dir) }),
  }
}

/** Each object from the first store that has it. */
async function readFirst(ids: readonly string[], readers: readonly Reader[]): Promise<(RawObject | undefined)[]> {
  let found: (RawObject | undefined)[] = ids.map(() => undefined)
  for (const reader of readers) {
    const missing = ids.filter((_, i) => found[i] === undefined)
    if (missing.length === 0) break
    const more = (await reader.read(missing)).values()
    found = found.map((object) => object ?? more.next().value)
  }
  return found
}

function packPath(dir: string, name: string): string {
  return path.join(dir, 'objects', 'pack', name)
}

function packNames(disk: Disk, dir: string): string[] {
  return disk.names(path.join(dir, 'objects', 'pack')).map(({ name }) => name)
}

/** Packs that are being written. */
function growing(disk: Disk, dir: string): string[] {
  return packNames(disk, dir).flatMap((name) => (name.startsWith('tmp_') ? [packPath(dir, name)] : []))
}

/** Makes an empty bare repository where there is none. Written by hand: `git init` takes longer than all of it, and copies
    templates of the machine. Nobody ever sees half of its settings, although several may make it at once, and take it away meanwhile. */
function makeStore(disk: Disk, dir: string): void {
  for (let tries = 0; disk.stat(path.join(dir, 'HEAD')) === undefined; tries += 1)
    unlessGone(tries, () => {
      disk.mkdir(path.join(dir, 'objects', 'pack'))
      disk.mkdir(path.join(dir, 'refs'))
      const temporary = path.join(dir, `config.${randomUUID()}.new`)
      disk.write(temporary, configOf(dir))
      disk.rename(temporary, path.join(dir, 'config'))
      disk.write(path.join(dir, 'HEAD'), 'ref: refs/heads/none\n')
    })
}

/** Whether the files that git reads first are as haal or git wrote them (objects are checked by their ids), and nothing is there that haal never has:
    git would use another repository that a store names, settings included. */
function isSound(disk: Disk, dir: string): boolean {
  const shallow = disk.text(path.join(dir, 'shallow')) ?? ''
  const isAlone = foreign.every((name) => disk.stat(path.join(dir, name)) === undefined)
  const isHere = written.every((name) => disk.stat(path.join(dir, name))?.type !== 'link')
  const asWritten = disk.text(path.join(dir, 'config')) === configOf(dir)
  return isAlone && isHere && asWritten && /^([0-9a-f]{40,64}\n)*$/.test(shallow)
}

function configOf(dir: string): string {
  return dir.endsWith('-sha256') ? sha256Config : sha1Config
}

/** What haal's stores never have: names of other repositories, and logs, which git would append to through a link. */
const foreign = ['objects/info/alternates', 'logs']
/** Where git would write through a link. */
const written = [
  ...['FETCH_HEAD', 'HEAD', 'config', 'newest', 'packed-refs', 'shallow'],
  ...['objects', 'objects/info', 'objects/pack', 'refs', 'refs/haal', 'refs/haal/commits', 'refs/haal/new'],
]

/** The remote is for the embedded git; the system's git gets it by its arguments. */
const sha1Config =
  '[core]\n\trepositoryformatversion = 0\n\tbare = true\n[remote "embedded"]\n\tfetch = +refs/heads/*:refs/haal/heads/*\n'
const sha256Config = '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n'

/** Renamed first: another haal, which may do the same, finds all of it or nothing. */
function dropFolder(disk: Disk, dir: string): void {
  const aside = `${dir}.old-${randomInt(2 ** 47)}`
  unlessGone(0, () => disk.rename(dir, aside))
  removeTree(disk, aside)
}

/** For what another haal may remove meanwhile. */
function unlessGone(tries: number, act: () => void): void {
  try {
    act()
  } catch (e) {
    if (!(e instanceof HaalError) || e.details.errno !== 'ENOENT' || tries > 50) throw e
  }
}
