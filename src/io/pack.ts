import { createHash, type Hash, randomBytes } from 'node:crypto'
import { sha256Hex } from '../model/digest.js'
import type { Disk } from '../model/disk.js'
import { fail } from '../model/errors.js'

/** One file that holds many: their bytes one after another, then the listing, then a trailer of 80 bytes.

    listing  `haal-pack 1 <label>\n`, then one line an entry: `<sha256 hex> <mode, octal> <size> <path>\n`,
             or `link|other <mode> 0 <path>\n` for what was there and is no plain file
    trailer  `<sha256 hex of the listing> <its length, 14 digits>\n`

    A pack is written under another name and renamed: it is whole or absent. */
export interface Pack {
  readonly path: string
  /** What the writer says these bytes are: a revision, an integrity. */
  readonly label: string
  readonly files: readonly PackedFile[]
  readonly odd: readonly OddEntry[]
  /** Throws E_CACHE where the bytes are damaged, E_ENTRY_MISSING where there is no such file. */
  read(path: string): Uint8Array
}

/** `mode` as the source had it, setuid bits included. */
export interface PackedFile {
  path: string
  mode: number
  size: number
  sha256: string
}

/** A link or device: kept so that intake can refuse it. */
interface OddEntry {
  path: string
  type: 'link' | 'other'
  mode: number
}

/** Bytes given to it are kept until they are written: the caller must not change them afterwards. */
export interface PackWriter {
  readonly files: readonly PackedFile[]
  add(path: string, mode: number, bytes: Uint8Array): void
  /** A file that comes in pieces. It must end before the next one starts. */
  begin(path: string, mode: number): FileWriter
  odd(entry: OddEntry): void
  /** Writes the listing and moves the pack to its place. Where the same bytes are there already, only sets their time: nobody removes them as old. */
  finish(path: string, label: string): Pack
  /** Leaves nothing behind. */
  abandon(): void
}

export interface FileWriter {
  write(piece: Uint8Array): void
  end(): PackedFile
}

/** Bytes that are collected before the disk is touched; a pack up to this size is read in one go. */
const chunk = 1024 * 1024
const trailerLength = 80
/** Bytes: far more than the entries that any archive may have. */
const longestListing = 64 * 1024 * 1024

/** Starts a pack at `temporary`, which must be on the file system of its later place. */
export function writePack(disk: Disk, temporary: string): PackWriter {
  const files: PackedFile[] = []
  const odd: OddEntry[] = []
  const out = buffered(disk, temporary)
  return {
    files,
    add: (path, mode, bytes) => {
      out.push(bytes)
      files.push({ path, mode, size: bytes.length, sha256: sha256Hex(bytes) })
    },
    begin: (path, mode) => inPieces(out, (size, sha256) => keep(files, { path, mode, size, sha256 })),
    odd: (entry) => keep(odd, entry),
    finish: (path, label) => {
      const listing = Buffer.from(printListing({ label, files, odd }))
      out.push(listing)
      out.push(Buffer.from(`${sha256Hex(listing)} ${String(listing.length).padStart(14, '0')}\n`))
      const whole = out.whole()
      if (whole !== undefined && isThere(disk, path, whole)) disk.touch(path)
      else {
        out.end()
        disk.rename(temporary, path)
      }
      const slice = whole ? within(whole) : fromDisk(disk, path)
      return packOf(path, { label, files, odd }, { slice, known: whole !== undefined })
    },
    abandon: () => {
      disk.remove(temporary)
    },
  }
}

/** A name beside a pack's place for the time it is written. */
export function temporaryFor(path: string): string {
  return `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
}

/** Opens a pack whose listing is sound; where `label` is given, only if it is that one. Throws E_CACHE naming the path. */
export function openPack(disk: Disk, path: string, label?: string): Pack {
  const found = disk.readUpTo(path, chunk) ?? damaged(path, 'is missing')
  const isLarge = typeof found === 'number'
  const slice = isLarge ? fromDisk(disk, path) : within(found)
  const listing = readListing(path, isLarge ? found : found.length, slice)
  if (label !== undefined && listing.label !== label) damaged(path, `holds ${listing.label}, not ${label}`)
  return packOf(path, listing, { slice, known: false })
}

interface Listing {
  label: string
  files: readonly PackedFile[]
  odd: readonly OddEntry[]
}

type Slice = (offset: number, length: number) => Uint8Array

interface Out {
  push(bytes: Uint8Array): void
  /** Everything that was pushed, where none of it had to leave memory early. */
  whole(): Buffer | undefined
  end(): void
}

function buffered(disk: Disk, path: string): Out {
  let parts: Uint8Array[] = []
  let held = 0
  let started = false
  const flush = () => {
    const bytes = Buffer.concat(parts)
    if (started) disk.append(path, bytes)
    else disk.write(path, bytes)
    started = true
    parts = []
    held = 0
  }
  return {
    push: (bytes) => {
      parts.push(bytes)
      held += bytes.length
      if (held > chunk) flush()
    },
    whole: () => {
      if (started) return undefined
      const bytes = Buffer.concat(parts)
      parts = [bytes]
      return bytes
    },
    end: flush,
  }
}

function isThere(disk: Disk, path: string, bytes: Buffer): boolean {
  return disk.stat(path)?.size === bytes.length && bytes.equals(disk.read(path))
}

function inPieces(out: Out, done: (size: number, sha256: string) => PackedFile): FileWriter {
  const hash: Hash = createHash('sha256')
  let size = 0
  return {
    write: (piece) => {
      out.push(piece)
      hash.update(piece)
      size += piece.length
    },
    end: () => done(size, hash.digest('hex')),
  }
}

function keep<T extends { path: string }>(list: T[], entry: T): T {
  list.push(entry)
  return entry
}

function printListing({ label, files, odd }: Listing): string {
  const lines = [`haal-pack 1 ${label}`]
  for (const { sha256, mode, size, path } of files) lines.push(`${sha256} ${mode.toString(8)} ${size} ${path}`)
  for (const { type, mode, path } of odd) lines.push(`${type} ${mode.toString(8)} 0 ${path}`)
  const torn = [...files, ...odd].find(({ path }) => path.includes('\n'))
  if (torn) fail('E_PATH_FORBIDDEN', `${JSON.stringify(torn.path)} has a line break in its name`)
  return `${lines.join('\n')}\n`
}

function within(bytes: Uint8Array): Slice {
  return (offset, length) => bytes.subarray(Math.max(0, offset), offset + length)
}

/** A cache may be emptied while it is in use. */
function fromDisk(disk: Disk, path: string): Slice {
  return (offset, length) =>
    disk.stat(path) ? disk.readAt(path, Math.max(0, offset), length) : damaged(path, 'is missing')
}

function readListing(path: string, size: number, slice: Slice): Listing {
  const trailer = /^([0-9a-f]{64}) (\d{14})\n$/.exec(textOf(slice(size - trailerLength, trailerLength)))
  if (!trailer) return damaged(path, 'is cut short or no pack')
  const length = Number(trailer[2])
  const end = size - trailerLength
  if (length > end || length > longestListing) return damaged(path, 'is cut short')
  const bytes = slice(end - length, length)
  if (sha256Hex(bytes) !== trailer[1]) return damaged(path, 'has a damaged listing')
  const listing = parseListing(path, textOf(bytes))
  const held = listing.files.reduce((sum, file) => sum + file.size, 0)
  return held === end - length ? listing : damaged(path, 'is not as long as its listing says')
}

const entryLine = /^([0-9a-f]{64}|link|other) ([0-7]{1,4}) (\d{1,12}) ([^\n]+)$/

function parseListing(path: string, text: string): Listing {
  const [head = '', ...lines] = text.split('\n')
  const files: PackedFile[] = []
  const odd: OddEntry[] = []
  if (!head.startsWith('haal-pack 1 ') || lines.pop() !== '') damaged(path, 'is no pack that this haal can read')
  for (const line of lines) {
    const {
      1: what = '',
      2: octal,
      3: size,
      4: at = '',
    } = entryLine.exec(line) ?? damaged(path, 'has a damaged listing')
    const mode = Number.parseInt(octal ?? '', 8)
    if (what === 'link' || what === 'other') odd.push({ path: at, type: what, mode })
    else files.push({ path: at, mode, size: Number(size), sha256: what })
  }
  return { label: head.slice('haal-pack 1 '.length), files, odd }
}

/** `known`: the bytes have not left memory since they were digested. */
function packOf(path: string, listing: Listing, { slice, known }: { slice: Slice; known: boolean }): Pack {
  const places = placesOf(listing.files)
  return {
    path,
    ...listing,
    read: (at) => {
      const place = places.get(at) ?? fail('E_ENTRY_MISSING', `${at} is not in ${path}`)
      const bytes = slice(place.offset, place.file.size)
      return known || sha256Hex(bytes) === place.file.sha256 ? bytes : damaged(path, `has damaged bytes for ${at}`)
    },
  }
}

function placesOf(files: readonly PackedFile[]): Map<string, { file: PackedFile; offset: number }> {
  const places = new Map<string, { file: PackedFile; offset: number }>()
  let offset = 0
  for (const file of files) {
    places.set(file.path, { file, offset })
    offset += file.size
  }
  return places
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

function damaged(path: string, why: string): never {
  return fail('E_CACHE', `${path} ${why}`, {
    hint: 'run the command again: what is damaged is fetched anew',
    details: { path },
  })
}
