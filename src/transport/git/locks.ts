import path from 'node:path'
import { hasEnded, pidSpace } from '../../io/host.js'
import type { Disk } from '../../model/disk.js'
import { HaalError } from '../../model/errors.js'

/** Leaves a note in a store that a git works there. The answer, called with its exit code, removes the note; not where a signal ended git and locks
    are left. */
export function enter(disk: Disk, dir: string, pid: number): (code: number) => void {
  const note = path.join(dir, `at-work.${pid}.${pidSpace()}`)
  unlessDisk(() => disk.write(note, ''))
  return (code) => {
    if (code >= 0 || locksIn(disk, dir).length === 0) unlessDisk(() => disk.remove(note))
  }
}

/** Removes the locks of dead gits; false where there are none, or they may be in use. They are dead once every git that left a note has ended; without
    notes, or with one of another pid space, once neither they nor a pack that is being written (`growing`) have changed for a minute: a fetch that
    stalls for half of that ends itself. */
export function unlock(disk: Disk, dir: string, { now, growing }: { now: Date; growing: readonly string[] }): boolean {
  const locks = locksIn(disk, dir)
  const notes = disk.names(dir).filter(({ name }) => noteName.test(name))
  const isLeft = notes.length > 0 && notes.every(({ name }) => isGone(name))
  const dead = BigInt(now.getTime() - 60_000) * 1_000_000n
  const isOld = [...locks, ...growing].every((file) => (disk.stat(file)?.mtime ?? 0n) <= dead)
  if (locks.length === 0 || !(isLeft || isOld)) return false
  for (const file of [...locks, ...notes.map(({ name }) => path.join(dir, name))]) disk.remove(file)
  return true
}

const noteName = /^at-work\.(\d{1,10})\.([0-9a-f]{16})$/
const lockable = ['shallow', 'config', 'packed-refs', 'HEAD']

function isGone(note: string): boolean {
  const [, pid = '', space] = noteName.exec(note) ?? []
  return hasEnded(Number(pid), space)
}

function locksIn(disk: Disk, dir: string): string[] {
  return lockable.map((name) => path.join(dir, `${name}.lock`)).filter((lock) => disk.stat(lock) !== undefined)
}

/** Where nothing can be written, git will report it. */
function unlessDisk(act: () => void): void {
  try {
    act()
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
  }
}
