import fs from 'node:fs'
import path from 'node:path'
import type { Disk, Mark } from '../model/disk.js'
import { currentFolder } from './folder.js'

/* Calls that are made for each file of a project: nothing slow here. */

/** Windows has only the first. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants

export const quietly = { throwIfNoEntry: false } as const

/** The type is among the bits of the mode. Times are in milliseconds with their fractions, to a quarter of a microsecond. */
export function mark(at: string): Mark | undefined {
  const s = fs.lstatSync(at, quietly)
  return s && markOf(s)
}

export function markOf({ mode, size, ino, mtimeMs, ctimeMs }: fs.Stats): Mark {
  return [mode, size, ino, mtimeMs, ctimeMs]
}

export function marks(folder: string, names: readonly string[]): number[] | undefined {
  const found: number[] = []
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i]
    const s = fs.lstatSync(name === '' ? folder : `${folder}/${name}`, quietly)
    if (s === undefined) return undefined
    found.push(s.mode, s.size, s.ino, s.mtimeMs, s.ctimeMs)
  }
  return found
}

/** `marks` and the comparison in one plain loop: haal ends before V8 could optimize anything better. */
export function areMarked(
  folder: string,
  names: readonly string[],
  { kept, from }: Parameters<Disk['areMarked']>[2],
): boolean {
  for (let i = 0, k = from; i < names.length; i += 1, k += 5) {
    const name = names[i]
    const s = fs.lstatSync(name === '' ? folder : `${folder}/${name}`, quietly)
    if (s === undefined || s.mode !== kept[k] || s.size !== kept[k + 1] || s.ino !== kept[k + 2]) return false
    if (s.mtimeMs !== kept[k + 3] || s.ctimeMs !== kept[k + 4]) return false
  }
  return true
}

/** Compares the current folder with its name, too: `process.cwd()` is what it was called, and another folder may have that name by now. */
export function near(folder: string): string {
  const here = currentFolder()
  const start = folder + path.sep
  if (process.platform === 'win32' || here === undefined || !start.startsWith(here + path.sep)) return start
  const [now, named] = ['.', here].map((each) => fs.statSync(each, { bigint: true }))
  return now?.dev === named?.dev && now?.ino === named?.ino ? start.slice(here.length + 1) : start
}

interface Below {
  folder: string
  /** The way from `folder` to what is read, each name after a `/`. */
  above: string
  longest: number
  see: Parameters<Disk['readBelow']>[2]
}

/** A folder says what in it is a file: that spares one look at each. Each folder is looked at when it is its turn, so that none is read through a link
    that has taken its place since. */
export function readBelow({ folder, above, longest, see }: Below): boolean {
  const at = folder + above
  if (fs.lstatSync(at, quietly)?.isDirectory() !== true) return false
  return fs.readdirSync(at, { withFileTypes: true }).every((entry) => {
    const name = `${above}/${entry.name}`
    if (entry.isDirectory()) return readBelow({ folder, above: name, longest, see })
    return (
      entry.isFile() && readFile(folder + name, longest, (mode, bytes) => see({ name: name.slice(1), mode, bytes }))
    )
  })
}

/** A link that has taken a file's place since is not followed: size, mode and bytes are those of the open one. */
function readFile(at: string, longest: number, see: (mode: number, bytes: Buffer) => void): boolean {
  const fd = fs.openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const found = fs.fstatSync(fd)
    if (!found.isFile() || found.size > longest) return false
    see(found.mode & 0o7777, readReused(fd, found.size))
    return true
  } finally {
    fs.closeSync(fd)
  }
}

/** The bytes of a file in a buffer that is used again for the next. */
function readReused(fd: number, size: number): Buffer {
  if (size > reusedSize) return filled(fd, { offset: 0, length: size })
  reused ??= Buffer.allocUnsafeSlow(reusedSize)
  const got = fs.readSync(fd, reused, 0, size, 0)
  return got === size ? reused.subarray(0, got) : filled(fd, { offset: 0, length: size })
}

let reused: Buffer | undefined
const reusedSize = 64 * 1024

export function slice(at: string, offset: number, length: number): Buffer {
  const fd = fs.openSync(at, O_RDONLY | O_NONBLOCK)
  try {
    return filled(fd, { offset, length })
  } finally {
    fs.closeSync(fd)
  }
}

/** So many bytes, or as many as there are. */
export function filled(fd: number, { offset, length }: { offset: number; length: number }): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let got = 0
  while (got < length) {
    const n = fs.readSync(fd, bytes, got, length - got, offset + got)
    if (n === 0) break
    got += n
  }
  return bytes.subarray(0, got)
}
