import { gzipSync } from 'node:zlib'

/** One entry exactly as the archive will hold it, however unsound. */
export interface RawEntry {
  path: string
  body?: string | Uint8Array
  /** tar's own letters: 0 file, 1 hard link, 2 symbolic link, 3 device, 5 folder, 6 fifo. */
  type?: '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | 'x' | 'g' | 'L' | 'K' | 'S'
  mode?: number
  link?: string
  uid?: number
  /** Seconds since 1970. */
  mtime?: number
  /** What the header says; the body is written as it is. */
  size?: number
  badChecksum?: boolean
}

export interface ArchiveOptions {
  /** false leaves out the two empty blocks at the end. */
  end?: boolean
  /** Bytes of the unpacked archive to keep. */
  cut?: number
  /** 0 to 9; false for a plain .tar. */
  gzip?: number | false
}

/** A tar archive from its parts, without any of the checks of a real archiver. Format: POSIX ustar, pax for long paths. */
export function tarOf(entries: readonly RawEntry[], { end = true, cut, gzip = 6 }: ArchiveOptions = {}): Buffer {
  const blocks = entries.flatMap((entry) =>
    Buffer.byteLength(entry.path) > 100 ? [...paxOf(entry), ...blocksOf(entry)] : blocksOf(entry),
  )
  const whole = Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)])
  const bytes = whole.subarray(0, cut)
  return gzip === false ? bytes : gzipSync(bytes, { level: gzip })
}

function paxOf({ path }: RawEntry): Buffer[] {
  const rest = ` path=${path}\n`
  const digits = String(Buffer.byteLength(rest) + 3).length
  const length = Buffer.byteLength(rest) + digits
  return blocksOf({ path: 'PaxHeader', type: 'x', body: `${length}${rest}` })
}

function blocksOf(entry: RawEntry): Buffer[] {
  const body = Buffer.from(entry.body ?? '')
  return [headerOf(entry, body.length), body, Buffer.alloc((512 - (body.length % 512)) % 512)]
}

function headerOf(entry: RawEntry, size: number): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  header.write(entry.path, 0, 100, 'utf8')
  octal(entry.mode ?? (entry.type === '5' ? 0o755 : 0o644), 100, 8)
  octal(entry.uid ?? 0, 108, 8)
  octal(0, 116, 8)
  octal(entry.size ?? size, 124, 12)
  octal(entry.mtime ?? 0, 136, 12)
  header.write('        ', 148, 'latin1')
  header.write(entry.type ?? '0', 156, 'latin1')
  header.write(entry.link ?? '', 157, 100, 'utf8')
  header.write('ustar\x0000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, entry.badChecksum ? 1 : 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
