import fs from 'node:fs'
import path from 'node:path'
import type { Disk, Mark } from '../model/disk.js'
import { currentFolder } from './folder.js'

/* Calls that are made for each file of a project: nothing slow here. */

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
  /** The part of a folder's path that names begin with. */
  above: string
  longest: number
  see: Parameters<Disk['readBelow']>[2]
}

export function readBelow({ folder, above, longest, see }: Below): boolean {
  const at = above === '' ? folder : `${folder}/${above}`
  const found = fs.lstatSync(at, quietly)
  if (found?.isDirectory()) {
    const names = fs.readdirSync(at).sort()
    return names.every((name) => readBelow({ folder, above: above === '' ? name : `${above}/${name}`, longest, see }))
  }
  if (above === '' || found?.isFile() !== true || found.size > longest) return false
  see({ name: above, mode: found.mode & 0o7777, bytes: readReused(at, found.size) })
  return true
}

/** The bytes of a file in a buffer that is used again for the next. */
function readReused(at: string, size: number): Buffer {
  if (size > reusedSize) return slice(at, 0, size)
  reused ??= Buffer.allocUnsafeSlow(reusedSize)
  const fd = fs.openSync(at, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  try {
    const got = fs.readSync(fd, reused, 0, size, 0)
    return got === size ? reused.subarray(0, got) : slice(at, 0, size)
  } finally {
    fs.closeSync(fd)
  }
}

let reused: Buffer | undefined
const reusedSize = 64 * 1024

export function slice(at: string, offset: number, length: number): Buffer {
  const fd = fs.openSync(at, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
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
