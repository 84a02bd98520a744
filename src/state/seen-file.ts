import path from 'node:path'
import { sha256Hex } from '../model/digest.js'
import type { Site } from '../model/site.js'
import { attempt } from './attempt.js'
import { checkState } from './no-links.js'
import { stateFolder } from './paths.js'

export type Around = Pick<Site, 'root' | 'disk' | 'process'>

/** What is known of one place. `.haal/.state/seen` has a line for each: where it is, what it holds, how many names follow, then the names of the
    place itself ('') and of every folder and file below it, with tabs between. Behind the lines stand five numbers for each name. */
export interface Entry {
  at: string
  content: string
  /** With tabs between. */
  names: string
  count: number
  /** `each` for every name. */
  marks: { kept: readonly number[] | Float64Array; from: number }
}

/** Numbers that a mark has. */
export const each = 5
/** What stands in a line before them. */
const beforeNames = 3
const head = /^haal-seen 2 (\d{1,9}) (\d{1,9}) ([0-9a-f]{64})\n/

interface Whole {
  /** Of the lines. */
  sum: string
  lines: string
  kept: Float64Array
}

/** None where the file is not as haal wrote it. */
export function readSeen(site: Around): { sum?: string; entries: Map<string, Entry> } {
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

/** undefined where there is none, or not the whole of one. */
export function wholeSeen({ root, disk }: Around): Whole | undefined {
  let read: Uint8Array | undefined
  attempt(() => {
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

/** Of one line, for who looks at all of them. */
export function namesIn(line: string): { at: string; names: string[] } {
  const parts = line.split('\t')
  return { at: parts[0] ?? '', names: parts.slice(beforeNames) }
}

/** Answers the sum of what is written. */
export function writeSeen(site: Around, entries: readonly Entry[]): string {
  const { disk } = site
  checkState(site)
  const line = ({ at, content, names, count }: Entry) => [at, content, count, names].join('\t')
  const lines = Buffer.from(entries.map(line).join('\n'))
  const numbers = new Float64Array(entries.reduce((sum, { count }) => sum + count * each, 0))
  let to = 0
  for (const { count, marks } of entries) {
    numbers.set(marks.kept.slice(marks.from, marks.from + count * each), to)
    to += count * each
  }
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

export function seenFile(site: Pick<Site, 'root'>): string {
  return path.join(stateFolder(site), 'seen')
}

/** A name for a file of this process alone. */
export function temporary(site: Around): string {
  return path.join(stateFolder(site), `seen-${site.process.pid}.tmp`)
}
