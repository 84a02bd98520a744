import path from 'node:path'
import { sha256Hex } from '../model/digest.js'
import { typeOfMark } from '../model/disk.js'
import { attempt } from './attempt.js'
import { checkState } from './no-links.js'
import { mutexFolder } from './paths.js'
import {
  type Around,
  type Entry,
  each,
  namesIn,
  readSeen,
  seenFile,
  temporary,
  wholeSeen,
  writeSeen,
} from './seen-file.js'

/** What places were like when every byte of them was last found to be what haal put there, so that `list` need not read them all again.

    For every name of a place its type and mode, size, inode, and the times of the last change of its bytes and of anything at all (mtime and ctime)
    are kept. A place of which all are as written has not been touched: an edit sets ctime, which nobody can set back; a file that is added, removed
    or exchanged sets its folder's.

    A clock has grains: an edit in the same grain as the change before it leaves the same time. So a place that was read is written down only
    where its last change is older, by the file system's own clock, than the moment before its bytes were read by more than a grain. What is
    younger is compared byte by byte the next time, too. A place that haal itself has just put there is written down at once where nothing of it
    is younger than the end of staging, until when it was hidden. The journal is flushed between that and the moment when it shows; only an edit
    in the very tick of the clock in which staging ended would pass for none.

    verify and install --frozen never ask this file, nor does anybody about a place that is to be changed. Where it is absent, or odd in any way,
    everything is compared byte by byte; it may be deleted at any time. */
export interface Seen {
  /** Whether a place has not been touched since it was found to hold `content`; without that, since it was found to hold what it shall. */
  isUntouched(at: string, content?: string): boolean
  /** To be called before the bytes of a place are read, and what it answers, when they turned out to be `content`. */
  look(at: string, content: string): () => void
  /** To be called after a commit that put `content` there. */
  put(at: string, content: string, how: PutDown): void
  /** To be called after a commit that left a place alone. */
  stay(at: string, content: string): void
  /** Writes down what was found, and leaves what nobody asked about; whatever goes wrong with that is no reason to fail. */
  keep(): void
  /** The same, and forgets what nobody asked about: no such place is left. */
  keepAlone(): void
  /** To be asked after that: what tells the file, where that has all of these places. */
  keptWith(places: readonly string[]): Kept | undefined
}

/** The sum of the lines in the file, and its mark: a clone of the project may bring another file that says to have this sum. */
export interface Kept {
  sum: string
  mark: readonly number[]
}

interface PutDown {
  /** When all that is new was written, before any of it came to its place: milliseconds by the file system's clock. */
  staged: number
  /** All that is below the place, where that is known. */
  names?: readonly string[] | undefined
}

export function openSeen(site: Around, { isHeld = false } = {}): Seen {
  let read: ReturnType<typeof readSeen> | undefined
  const file = () => {
    read ??= readSeen(site)
    return read
  }
  let last: ReturnType<typeof keptOf> | undefined
  /** What was asked about; undefined where it is not to be believed. */
  const found = new Map<string, Entry | undefined>()
  const writtenAs = (at: string, content?: string) => thatIs(content, file().entries.get(at))
  const keep = (others: readonly Entry[]): void => {
    const all = [...found.values(), ...others].filter((entry) => entry !== undefined)
    last = keptOf(site, file(), all)
    if (clock) attempt(() => void site.disk.remove(temporary(site)))
  }
  let clock: { started: bigint } | undefined
  let near: string | undefined
  return {
    isUntouched: (at, content) => {
      const entry = writtenAs(at, content)
      found.set(at, entry && isAsWritten(site, entry) ? entry : undefined)
      return found.get(at) !== undefined
    },
    look: (at, content) => {
      clock ??= isHeld ? sinceHeld(site) : startClock(site)
      const entry = clock && walked(site, { at, content, isOld: olderThan(clock.started, site) })
      return () => void found.set(at, entry)
    },
    put: (at, content, { staged, names }) => {
      near ??= site.disk.near(site.root)
      found.set(at, named(site, { at, content, isOld: olderThanStaging(staged), near, names }))
    },
    stay: (at, content) => void found.set(at, thatIs(content, found.get(at)) ?? writtenAs(at, content)),
    keep: () => keep([...file().entries.values()].filter(({ at }) => !found.has(at))),
    keepAlone: () => keep([]),
    keptWith: (places) => (last && hasAll(last.all, places) ? last.kept : undefined),
  }
}

/** Writes all of these down where that is anything new. */
function keptOf(site: Around, { entries, sum }: ReturnType<typeof readSeen>, all: readonly Entry[]) {
  const isSame = all.length === entries.size && all.every((entry) => entries.get(entry.at) === entry)
  if (isSame) return { kept: keptNow(site, sum), all }
  let kept: Kept | undefined
  const failed = attempt(() => {
    kept = keptNow(site, writeSeen(site, all))
  })
  if (failed !== undefined) attempt(() => void site.disk.remove(temporary(site)))
  return { kept, all }
}

function keptNow(site: Around, sum: string | undefined): Kept | undefined {
  const mark = site.disk.mark(seenFile(site))
  return sum === undefined || mark === undefined ? undefined : { sum, mark }
}

function thatIs(content: string | undefined, entry: Entry | undefined): Entry | undefined {
  return content === undefined || entry?.content === content ? entry : undefined
}

function hasAll(entries: readonly Entry[], places: readonly string[]): boolean {
  const there = new Set(entries.map(({ at }) => at))
  return places.every((at) => there.has(at))
}

/** Whether of all that stands in the file nothing has been touched, and the file is the one that was kept: then nobody has to know what should be
    there, nor where. One that was written since then has its lines digested, for which Node's cryptography has to be loaded. */
export function isAllUntouched(site: Around, { sum, mark }: Kept): boolean {
  const isKept = site.disk.areMarked(seenFile(site), [''], { kept: mark, from: 0 })
  const whole = wholeSeen(site)
  if (whole?.sum !== sum || !(isKept || sha256Hex(whole.lines) === sum)) return false
  const near = site.disk.near(site.root)
  let from = 0
  for (const line of whole.lines.split('\n')) {
    const { at, names } = namesIn(line)
    if (!site.disk.areMarked(near + native(at), names, { kept: whole.kept, from })) return false
    from += names.length * each
  }
  return from === whole.kept.length
}

/** The place itself is among its names, always the first: what a file from elsewhere names instead may have the same numbers on many machines. */
function isAsWritten({ disk, root }: Around, { at, names, count, marks }: Entry): boolean {
  const all = names.split('\t')
  return all[0] === '' && all.length === count && disk.areMarked(below(root, at), all, marks)
}

/** `path.join` without taking apart what is whole, which is most of what it does. */
function below(place: string, name: string): string {
  return name === '' ? place : `${place}${path.sep}${native(name)}`
}

function native(name: string): string {
  return path.sep === '/' ? name : name.replaceAll('/', path.sep)
}

/** The file system's own time now, which may differ from ours on a network. undefined where nothing can be written. */
function startClock(site: Around): { started: bigint } | undefined {
  let started: bigint | undefined
  attempt(() => {
    checkState(site)
    site.disk.write(temporary(site), '')
    started = site.disk.stat(temporary(site))?.mtime
  })
  return started === undefined ? undefined : { started }
}

/** When the project's mutex was last taken, by the same clock: a file for that would stay where a command fails. */
function sinceHeld(site: Around): { started: bigint } | undefined {
  const started = site.disk.stat(mutexFolder(site))?.ctime
  return started === undefined ? undefined : { started }
}

/** Whether a name below a place ('' is the place itself) has been as it is for long enough. */
type IsOld = (name: string, times: Times, file: string) => boolean

/** In milliseconds. */
interface Times {
  mtime: number
  ctime: number
}

/** Of one mark among several. What is not there is never old. */
function timesIn(marks: readonly number[] = [], from = 0): Times {
  return { mtime: marks[from + 3] ?? Infinity, ctime: marks[from + 4] ?? Infinity }
}

interface Looked {
  at: string
  content: string
  isOld: IsOld
}

/** undefined where something has changed too lately, or has a name that cannot be written. */
function walked({ root, disk }: Around, { at, content, isOld }: Looked): Entry | undefined {
  const names: string[] = []
  const numbers: number[] = []
  const place = below(root, at)
  const isSettled = (name: string): boolean => {
    const file = below(place, name)
    const mark = disk.mark(file)
    if (mark === undefined || !isOld(name, timesIn(mark), file)) return false
    names.push(name)
    numbers.push(...mark)
    if (typeOfMark(mark) !== 'folder') return true
    return disk.names(file).every((one) => isSettled(name === '' ? one.name : `${name}/${one.name}`))
  }
  return isSettled('') ? entryWith({ at, content, names, numbers }) : undefined
}

interface Named extends Looked {
  near: string
  names: readonly string[] | undefined
}

/** The same where all the names are known. */
function named(site: Around, { at, content, isOld, near, names }: Named): Entry | undefined {
  const { disk } = site
  if (names === undefined || path.isAbsolute(at)) return walked(site, { at, content, isOld })
  const place = near + native(at)
  const numbers = disk.marks(place, names)
  const areOld = names.every((name, i) => isOld(name, timesIn(numbers, i * each), place))
  return numbers && areOld ? entryWith({ at, content, names, numbers }) : undefined
}

interface Marked {
  at: string
  content: string
  names: readonly string[]
  /** Their marks, one behind the other. */
  numbers: readonly number[]
}

function entryWith({ at, content, names, numbers }: Marked): Entry | undefined {
  if (/[\t\n]/.test(at + content + names.join(''))) return undefined
  return { at, content, names: names.join('\t'), count: names.length, marks: { kept: numbers, from: 0 } }
}

/** Clocks tick in milliseconds or less, those of old file systems in up to 2 seconds: theirs show whole milliseconds only. */
function olderThan(started: bigint, { disk }: Around): IsOld {
  return (_name, _times, file) => {
    const { mtime, ctime } = disk.stat(file) ?? { mtime: started, ctime: started }
    const last = ctime > mtime ? ctime : mtime
    const grain = last % 1_000_000n === 0n ? 2_000_000_000n : 50_000_000n
    return last + grain < started
  }
}

/** Coming in by rename sets the ctime of the place itself. With whole milliseconds the tick of the clock may last until a person has edited something. */
function olderThanStaging(staged: number): IsOld {
  const isCoarse = Number.isInteger(staged)
  return (name, { mtime, ctime }) => !isCoarse && mtime <= staged && (name === '' || ctime <= staged)
}
