import { sha256Hex } from '../model/digest.js'

/** One thing that was made of files of a folder. */
export interface Entry {
  about: string
  of: string
  made: string
  /** Paths, and so many numbers as `each` says for each of them. */
  from: readonly string[]
  numbers: ArrayLike<number>
}

/** By what they are about. */
export type Entries = ReadonlyMap<string, Entry>

/** Numbers that a mark has. */
export const each = 5

/** A file of entries: the SHA-256 of the rest, the length of its text, the text, then the numbers of all paths as doubles. The text has a line that says
    what the file is bound to, then a line for each entry, with tabs between; nothing in it has a tab or the end of a line. */
export function printed(bound: string, entries: readonly Entry[]): Buffer {
  const lines = entries.map(({ about, of, made, from }) => `${about}\t${of}\t${made}\t${from.join('\t')}`)
  const text = Buffer.from([bound, ...lines].join('\n'))
  const numbers = new Float64Array(entries.reduce((sum, entry) => sum + entry.numbers.length, 0))
  let next = 0
  for (const entry of entries) {
    numbers.set(entry.numbers, next)
    next += entry.numbers.length
  }
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const rest = Buffer.concat([length, text, new Uint8Array(numbers.buffer)])
  return Buffer.concat([Buffer.from(`haal-folder 1 ${sha256Hex(rest)}\n`), rest])
}

const head = /^haal-folder 1 ([0-9a-f]{64})\n/
const headLength = 79

/** None where the file is not whole, or bound to something else. */
export function entriesIn(bytes: Buffer, bound: string): Entries {
  const entries = new Map<string, Entry>()
  const digest = head.exec(bytes.toString('latin1', 0, headLength))?.[1]
  const rest = bytes.subarray(headLength)
  if (digest === undefined || sha256Hex(rest) !== digest) return entries
  const length = rest.readUInt32LE(0)
  const [first, ...lines] = rest.toString('utf8', 4, 4 + length).split('\n')
  if (first !== bound) return entries
  const from = rest.byteOffset + 4 + length
  const numbers = new Float64Array(rest.buffer.slice(from, rest.byteOffset + rest.length))
  let next = 0
  for (const line of lines) {
    const [about = '', of = '', made = '', ...names] = line.split('\t')
    const end = next + names.length * each
    entries.set(about, { about, of, made, from: names, numbers: numbers.subarray(next, end) })
    next = end
  }
  return entries
}
