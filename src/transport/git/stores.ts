import { randomInt, randomUUID } from 'node:crypto'
import path from 'node:path'
import { removeTree } from '../../io/disk.js'
import type { Disk } from '../../model/disk.js'
import { kept } from '../../model/shared.js'
import type { Reach } from '../../model/transport.js'
import type { RawObject, Reader } from './engine.js'
import { enter, unlock } from './locks.js'

/** What a store holds: commits and trees with the files that were wanted, or with all files. */
export type Fullness = 'sparse' | 'full'

/** The bare stores of one repository. An object is named by its digest, so any store may give it. */
export interface Stores {
  /** The store for commits like this one, made where it is not there yet. */
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
  /** Notes that a git works in a store; what it answers is told its exit code. */
  enter(dir: string, pid: number): (code: number) => void
  /** Removes the locks that a git which was killed left behind; false where there are none, or they may be in use. */
  unlock(dir: string, now: Date): boolean
  /** Forgets everything; false where there was nothing. */
  drop(now: Date): boolean
}

/** `base` is the folder they lie in; `start` makes a reader for one of them. Offline, nothing could take the place of a damaged one. */
export function openStores(
  { disk, offline }: Pick<Reach, 'disk' | 'offline'>,
  base: string,
  start: (dir: string) => Reader,
): Stores {
  const readers = new Map<string, Reader>()
  const readerOf = (dir: string) => kept(readers, dir, () => start(dir))
  const dirOf = (fullness: Fullness, id: string) => path.join(base, id.length === 64 ? `${fullness}-sha256` : fullness)
  const existing = (id: string) =>
    (['sparse', 'full'] as const).map((fullness) => dirOf(fullness, id)).filter((dir) => hasStore(disk, dir))
  return {
    existing,
    isShallow: (dir) => (disk.stat(path.join(dir, 'shallow'))?.size ?? 0) > 0,
    bytes: (dir) => packNames(disk, dir).reduce((sum, name) => sum + (disk.stat(packPath(dir, name))?.size ?? 0), 0),
    packs: (dir) => packNames(disk, dir).filter((name) => name.endsWith('.pack')).length,
    enter: (dir, pid) => enter(disk, dir, pid),
    unlock: (dir, now) => unlock(disk, dir, { now, growing: growing(disk, dir) }),
    make: (fullness, commit) => {
      const dir = dirOf(fullness, commit)
      const config = commit.length === 64 ? sha256Config : sha1Config
      if (!offline && hasStore(disk, dir) && !isSound(disk, dir, config)) {
        readers.get(dir)?.end()
        readers.delete(dir)
        dropFolder(disk, dir, randomInt(2 ** 47))
      }
      makeStore(disk, dir, config)
      return dir
    },
    ahead: (dir) => readerOf(dir).ahead?.(),
    read: (ids) => readFirst(ids, existing(ids[0] ?? '').map(readerOf)),
    drop: (now) => {
      for (const reader of readers.values()) reader.end()
      readers.clear()
      return dropFolder(disk, base, now.getTime())
    },
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
    templates of the machine. Nobody ever sees half of its settings, although several may make it at once. */
function makeStore(disk: Disk, dir: string, config: string): void {
  if (hasStore(disk, dir)) return
  disk.mkdir(path.join(dir, 'objects', 'pack'))
  disk.mkdir(path.join(dir, 'refs'))
  const temporary = path.join(dir, `config.${randomUUID()}.new`)
  disk.write(temporary, config)
  disk.rename(temporary, path.join(dir, 'config'))
  disk.write(path.join(dir, 'HEAD'), 'ref: refs/heads/none\n')
}

function hasStore(disk: Disk, dir: string): boolean {
  return disk.stat(path.join(dir, 'HEAD')) !== undefined
}

/** Whether what git reads of a store before anything else is as it was written; objects are checked by their ids. git says of each of these another
    thing when it is not. */
function isSound(disk: Disk, dir: string, config: string): boolean {
  const shallow = disk.text(path.join(dir, 'shallow')) ?? ''
  return disk.text(path.join(dir, 'config')) === config && /^([0-9a-f]{40,64}\n)*$/.test(shallow)
}

/** The embedded git names its remote and wants it told; the system's is told everything by its arguments. */
const sha1Config =
  '[core]\n\trepositoryformatversion = 0\n\tbare = true\n[remote "embedded"]\n\tfetch = +refs/heads/*:refs/haal/heads/*\n'
const sha256Config = '[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n'

/** Renamed first: another haal finds all of it or nothing. */
function dropFolder(disk: Disk, dir: string, mark: number): boolean {
  if (disk.stat(dir) === undefined) return false
  const aside = `${dir}.old-${mark}`
  disk.rename(dir, aside)
  removeTree(disk, aside)
  return true
}
