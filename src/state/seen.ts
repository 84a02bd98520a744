import path from 'node:path'
import { sha256Hex } from '../model/digest.js'
import { type Mark, typeOfMark } from '../model/disk.js'
import type { Site } from '../model/site.js'
import { tried } from './attempt.js'
import { checkState } from './no-links.js'
import { stateFolder } from './paths.js'

type Around = Pick<Site, 'root' | 'disk' | 'process'>

/** What places were like when every byte of them was last found to be what haal put there, so that `list` need not read them all again.

    `.haal/.state/seen` has a line for each place: where it is, what it holds, how many names follow, then the names of the place itself ('') and of
    every folder and file below it, with tabs between. Behind the lines stand five numbers for each name: type and mode, size, inode, and the times
    of the last change of its bytes and of anything at all (mtime and ctime). A place whose numbers are all as written has not been touched: an edit
    sets ctime, which nobody can set back; a file that is added, removed or exchanged sets its folder's.

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
  /** When, in milliseconds by the file system's clock, everything new had been written, and nothing was to be seen of it yet. */
  staged: number
  /** All that is below the place, where that is known. */
  names?: readonly string[] | undefined
}

export function openSeen(site: Around): Seen {
  const { entries: written, sum } = readSeen(site)
  let last: { kept: Kept | undefined; all: readonly Entry[] } | undefined
  /** What was asked about; undefined where it is not to be believed. */
  const found = new Map<string, Entry | undefined>()
  const writtenAs = (at: string, content?: string) => (isOf(written.get(at), content) ? written.get(at) : undefined)
  const keep = (others: readonly Entry[]): void => {
    const all = [...found.values(), ...others].filter((entry) => entry !== undefined)
    const isSame = all.length === written.size && all.every((entry) => written.get(entry.at) === entry)
    last = { kept: isSame ? keptNow(site, sum) : undefined, all }
    if (!isSame) tried(() => (last = { kept: keptNow(site, write(site, all)), all }))
    if (clock || !isSame) tried(() => void site.disk.remove(temporary(site)))
  }
  let clock: { started: bigint } | undefined
  return {
    isUntouched: (at, content) => {
      const entry = writtenAs(at, content)
      found.set(at, entry && isAsWritten(site, entry) ? entry : undefined)
      return found.get(at) !== undefined
    },
    look: (at, content) => {
      clock ??= startClock(site)
      const isOld = clock && olderThan(clock.started, site)
      const entry = isOld && entryOf(site, { at, content, isOld })
      return () => void found.set(at, entry)
    },
    put: (at, content, { staged, names }) =>
      void found.set(at, entryOf(site, { at, content, isOld: olderThanStaging(staged), names })),
    stay: (at, content) => void found.set(at, writtenAs(at, content)),
    keep: () => keep([...written.values()].filter(({ at }) => !found.has(at))),
    keepAlone: () => keep([]),
    keptWith: (places) => (last && hasAll(last.all, places) ? last.kept : undefined),
  }
}

function keptNow(site: Around, sum: string | undefined): Kept | undefined {
  const mark = site.disk.mark(seenFile(site))
  return sum === undefined || mark === undefined ? undefined : { sum, mark }
}

function isOf(entry: Entry | undefined, content: string | undefined): boolean {
  return content === undefined || entry?.content === content
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
    const parts = line.split('\t')
    const names = parts.slice(beforeNames)
    if (!site.disk.areMarked(near + native(parts[0] ?? ''), names, { kept: whole.kept, from })) return false
    from += names.length * each
  }
  return from === whole.kept.length
}

interface Entry {
  at: string
  content: string
  /** With tabs between. */
  names: string
  count: number
  /** `each` for every name. */
  marks: { kept: ArrayLike<number>; from: number }
}

/** Numbers that a mark has. */
const each = 5
/** What stands in a line before them. */
const beforeNames = 3
const head = /^haal-seen 2 (\d{1,9}) (\d{1,9}) ([0-9a-f]{64})\n/

interface Whole {
  /** Of the lines. */
  sum: string
  lines: string
  kept: ArrayLike<number>
}

/** None where the file is not as haal wrote it. */
function readSeen(site: Around): { sum?: string; entries: Map<string, Entry> } {
  const whole = wholeSeen(site)
  if (whole === undefined) return { entries: new Map() }
  const entries = new Map<string, Entry>()
  let count = 0
  for (const entry of entriesOf(whole)) {
    entries.set(entry.at, entry)
    count += entry.count
  }
  return count * each === whole.kept.length ? { sum: whole.sum, entries } : { entries: new Map() }
}

function wholeSeen({ root, disk }: Around): Whole | undefined {
  let read: Uint8Array | undefined
  tried(() => {
    read = disk.stat(seenFile({ root })) && disk.read(seenFile({ root }))
  })
  return read === undefined ? undefined : wholeIn(Buffer.from(read.buffer, read.byteOffset, read.length))
}

/** undefined where something is missing, or too much. */
function wholeIn(bytes: Buffer): Whole | undefined {
  const [line = '', length, count, sum = ''] = head.exec(bytes.toString('latin1', 0, longestHead)) ?? []
  const end = line.length + Number(length)
  const size = Number(count) * 8
  if (bytes.length !== end + size) return undefined
  const kept = new Float64Array(bytes.buffer.slice(bytes.byteOffset + end, bytes.byteOffset + end + size))
  return { sum, lines: bytes.toString('utf8', line.length, end), kept }
}

const longestHead = 100

function* entriesOf({ lines, kept }: Whole): Generator<Entry> {
  let from = 0
  for (const line of lines.split('\n')) {
    const entry = entryIn(line, { kept, from })
    from += entry.count * each
    yield entry
  }
}

/** The names are taken apart when they are looked at. */
function entryIn(text: string, marks: Entry['marks']): Entry {
  const a = text.indexOf('\t')
  const b = text.indexOf('\t', a + 1)
  const c = text.indexOf('\t', b + 1)
  const count = Number(text.slice(b + 1, c))
  return { at: text.slice(0, a), content: text.slice(a + 1, b), names: text.slice(c + 1), count, marks }
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
  tried(() => {
    checkState(site)
    site.disk.write(temporary(site), '')
    started = site.disk.stat(temporary(site))?.mtime
  })
  return started === undefined ? undefined : { started }
}

/** Whether a name below a place ('' is the place itself) has been as it is for long enough. */
type IsOld = (name: string, mark: Mark, file: string) => boolean

interface Looked {
  at: string
  content: string
  isOld: IsOld
  /** All that is below the place, where that is known. */
  names?: readonly string[] | undefined
}

/** undefined where something has changed too lately, or has a name that cannot be written. */
function entryOf({ root, disk }: Around, { at, content, isOld, names: known }: Looked): Entry | undefined {
  const names: string[] = []
  const numbers: number[] = []
  const place = below(root, at)
  const isSettled = (name: string): boolean => {
    const file = below(place, name)
    const mark = disk.mark(file)
    if (mark === undefined || !isOld(name, mark, file)) return false
    names.push(name)
    for (let k = 0; k < each; k += 1) numbers.push(mark[k] ?? 0)
    if (known !== undefined || typeOfMark(mark) !== 'folder') return true
    return disk.names(file).every((one) => isSettled(name === '' ? one.name : `${name}/${one.name}`))
  }
  if (!(known ?? ['']).every(isSettled) || [at, content, ...names].some((text) => /[\t\n]/.test(text))) return undefined
  return { at, content, names: names.join('\t'), count: names.length, marks: { kept: numbers, from: 0 } }
}

/** Clocks tick in milliseconds or less, those of old file systems in up to 2 seconds: theirs show whole milliseconds only. */
function olderThan(started: bigint, { disk }: Around): IsOld {
  return (_name, _mark, file) => {
    const { mtime, ctime } = disk.stat(file) ?? { mtime: started, ctime: started }
    const last = ctime > mtime ? ctime : mtime
    const grain = last % 1_000_000n === 0n ? 2_000_000_000n : 50_000_000n
    return last + grain < started
  }
}

/** Coming in by rename sets the ctime of the place itself. With whole milliseconds the tick of the clock may last until a person has edited something. */
function olderThanStaging(staged: number): IsOld {
  const isCoarse = Number.isInteger(staged)
  return (name, mark) => !isCoarse && mark[3] <= staged && (name === '' || mark[4] <= staged)
}

/** Answers the sum of what is written. */
function write(site: Around, entries: readonly Entry[]): string {
  const { disk } = site
  checkState(site)
  const line = ({ at, content, names, count }: Entry) => [at, content, count, names].join('\t')
  const lines = Buffer.from(entries.map(line).join('\n'))
  const numbers = new Float64Array(entries.reduce((sum, { count }) => sum + count * each, 0))
  let to = 0
  for (const { count, marks } of entries)
    for (let i = 0; i < count * each; i += 1, to += 1) numbers[to] = marks.kept[marks.from + i] ?? 0
  const sum = sha256Hex(lines)
  const first = `haal-seen 2 ${lines.length} ${numbers.length} ${sum}\n`
  disk.write(temporary(site), Buffer.concat([Buffer.from(first), lines, new Uint8Array(numbers.buffer)]))
  disk.rename(temporary(site), seenFile(site))
  sweepSeen(site)
  return sum
}

/** What a killed command has left. */
function sweepSeen(site: Pick<Site, 'root' | 'disk'>): void {
  const folder = stateFolder(site)
  for (const { name } of site.disk.names(folder))
    if (/^seen-\d+\.tmp$/.test(name)) site.disk.remove(path.join(folder, name))
}

function seenFile(site: Pick<Site, 'root'>): string {
  return path.join(stateFolder(site), 'seen')
}

function temporary(site: Around): string {
  return path.join(stateFolder(site), `seen-${site.process.pid}.tmp`)
}
