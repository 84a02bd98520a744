import { gzipSync } from 'node:zlib'

/** One entry of an archive made by hand: anything can be wrong in it. */
export interface Made {
  name: string
  body?: string | Uint8Array
  mode?: number
  /** The type flag: '0' file, '1' hard link, '2' link, '3' device, '5' folder, '6' pipe, 'x' and 'g' extended headers, 'L' long name. */
  type?: string
  link?: string
  prefix?: string
  uid?: number
  mtime?: number
  /** Says another size than the body has. */
  size?: number
  badChecksum?: boolean
}

export const end: Buffer = Buffer.alloc(1024)

/** A tar archive with its end-of-archive mark. */
export function tar(...entries: readonly Made[]): Buffer {
  return Buffer.concat([...entries.map(entry), end])
}

export function tgz(...entries: readonly Made[]): Buffer {
  return gzipSync(tar(...entries))
}

export function entry({ name, body = '', mode = 0o644, type = '0', link = '', prefix = '', ...more }: Made): Buffer {
  const bytes = Buffer.from(body as string)
  const head = Buffer.alloc(512)
  head.write(name, 0, 100)
  octal(head, mode, 100, 8)
  octal(head, more.uid ?? 0, 108, 8)
  octal(head, 0, 116, 8)
  octal(head, more.size ?? bytes.length, 124, 12)
  octal(head, more.mtime ?? 0, 136, 12)
  head.write(type, 156)
  head.write(link, 157, 100)
  head.write('ustar\u000000', 257)
  head.write(prefix, 345, 155)
  head.fill(' ', 148, 156)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${(more.badChecksum ? sum + 1 : sum).toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** An extended header for the entry that follows. */
export function pax(fields: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): Made {
  return { name: 'PaxHeader', type, body: Object.entries(fields).map(record).join('') }
}

function record([key, value]: [string, string]): string {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  const digits = String(bytes + String(bytes).length).length
  return `${bytes + digits}${rest}`
}

function octal(head: Buffer, value: number, at: number, length: number): void {
  head.write(value.toString(8).padStart(length - 1, '0'), at, length - 1)
}
