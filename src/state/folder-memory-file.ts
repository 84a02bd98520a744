import { createHash } from 'node:crypto'
import { sha256Hex } from '../model/digest.js'
import type { Mark } from '../model/disk.js'

/** What a file remembers of a folder. */
export interface Remembered {
  /** By what they are about. */
  entries: ReadonlyMap<string, Entry>
  /** By the path of a folder: the names in it, as one text. */
  names: ReadonlyMap<string, Names>
}

/** One thing that was made of files of a folder. */
export interface Entry {
  about: string
  of: string
  made: string
  /** Paths, and the marks that they had. */
  from: readonly string[]
  marks: Numbers
}

export interface Names {
  names: string
  mark: Numbers
}

/** Marks one after another: from where on, so many numbers for each as `each` says. */
interface Numbers {
  all: ArrayLike<number>
  at: number
}

/** Numbers that a mark has. */
export const each = 5

export function isMark(mark: Mark | undefined, { all, at }: Numbers, which = 0): boolean {
  if (mark === undefined) return false
  const start = at + which * each
  for (let k = 0; k < each; k += 1) if (mark[k] !== all[start + k]) return false
  return true
}

export const nothing: Remembered = { entries: new Map(), names: new Map() }

/** A file: the SHA-256 of the rest, the length of its text, the text, then the numbers of all paths as doubles. The text has a line that says what the
    file is bound to, one with the names in folders, then a line for each entry, with tabs between; nothing else in it has a tab or the end of a line. */
export function printed(bound: string, { names, entries }: Remembered): Buffer {
  const lines = Array.from(
    entries.values(),
    ({ about, of, made, from }) => `${about}\t${of}\t${made}\t${from.join('\t')}`,
  )
  const folders = JSON.stringify(Array.from(names, ([folder, all]) => [folder, all.names]))
  const text = Buffer.from([bound, folders, ...lines].join('\n'))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const parts = [length, text, new Uint8Array(numbersOf({ names, entries }).buffer)]
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return Buffer.concat([Buffer.from(`haal-folder 1 ${hash.digest('hex')}\n`), ...parts])
}

function numbersOf({ names, entries }: Remembered): Float64Array {
  let count = names.size
  for (const { from } of entries.values()) count += from.length
  const numbers = new Float64Array(count * each)
  let next = 0
  const put = ({ all, at }: Numbers, marks: number): void => {
    for (let k = 0; k < marks * each; k += 1, next += 1) numbers[next] = all[at + k] ?? 0
  }
  for (const { mark } of names.values()) put(mark, 1)
  for (const { marks, from } of entries.values()) put(marks, from.length)
  return numbers
}

const head = /^haal-folder 1 ([0-9a-f]{64})\n/
const headLength = 79

/** Nothing where the file is not whole, or bound to something else. */
export function remembered(bytes: Buffer, bound: string): Remembered {
  const digest = head.exec(bytes.toString('latin1', 0, headLength))?.[1]
  const rest = bytes.subarray(headLength)
  if (digest === undefined || sha256Hex(rest) !== digest) return nothing
  try {
    return wholeIn(rest, bound)
  } catch {
    return nothing
  }
}

/** Throws what it likes where another haal that calls itself by the same version wrote otherwise. */
function wholeIn(rest: Buffer, bound: string): Remembered {
  const end = 4 + rest.readUInt32LE(0)
  const [first, folders = '', ...lines] = rest.toString('utf8', 4, end).split('\n')
  if (first !== bound) return nothing
  const all = new Float64Array(rest.buffer.slice(rest.byteOffset + end, rest.byteOffset + rest.length))
  return readIn(JSON.parse(folders) as [string, string][], lines, all)
}

function readIn(folders: readonly [string, string][], lines: readonly string[], all: Float64Array): Remembered {
  const names = new Map<string, Names>()
  const entries = new Map<string, Entry>()
  let at = 0
  for (const folder of folders) {
    names.set(folder[0], { names: folder[1], mark: { all, at } })
    at += each
  }
  for (const line of lines) {
    const [about = '', of = '', made = '', ...from] = line.split('\t')
    entries.set(about, { about, of, made, from, marks: { all, at } })
    at += from.length * each
  }
  return { names, entries }
}
