import { hash } from 'node:crypto'
import { byCodeUnit } from './names.js'

/** `sha256-` and the base64 of 32 bytes, as npm and browsers write it. */
export type Digest = `sha256-${string}`

/** One file of an artifact as its integrity sees it. `mode` is 0o644 or 0o755, `size` in bytes, `sha256` in hex. */
export interface ListedFile {
  path: string
  mode: FileMode
  size: number
  sha256: string
}

export type FileMode = 0o644 | 0o755

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && /^sha256-[A-Za-z0-9+/]{43}=$/.test(text)
}

/** The 64 hex digits of a digest: how shells print it and how the store names its files. */
export function hexOf(digest: Digest): string {
  return Buffer.from(digest.slice('sha256-'.length), 'base64').toString('hex')
}

/** The reverse of `hexOf`, for 64 hex digits in either case. */
export function digestOfHex(hex: string): Digest {
  return `sha256-${Buffer.from(hex, 'hex').toString('base64')}`
}

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256-${hash('sha256', bytes, 'base64')}`
}

/** 64 hex digits, lower case. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex')
}

/** The integrity of an artifact: SHA-256 over one line a file, `<sha256 hex> <100644|100755> <path>\n`, sorted by the bytes of the path
    (docs/file-formats.md). Any shell can do the same:

        find . -type f | sed 's|^\./||' | LC_ALL=C sort | while IFS= read -r f; do
          if [ -x "$f" ]; then mode=100755; else mode=100644; fi
          printf '%s %s %s\n' "$(openssl dgst -sha256 -r <"$f" | cut -c1-64)" "$mode" "$f"
        done | openssl dgst -sha256 -binary | base64 */
export function listingDigest(files: readonly Pick<ListedFile, 'path' | 'mode' | 'sha256'>[]): Digest {
  const order = files.some(({ path }) => /[\ud800-\udfff]/.test(path)) ? byPathBytes : byPathUnits
  const lines = files.toSorted(order).map(({ sha256, mode, path }) => `${sha256} 100${mode.toString(8)} ${path}\n`)
  return digestOf(lines.join(''))
}

/** UTF-8 and UTF-16 order differ only beyond the basic plane, where surrogates sort below U+E000. */
function byPathBytes(a: { path: string }, b: { path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))
}

function byPathUnits(a: { path: string }, b: { path: string }): number {
  return byCodeUnit(a.path, b.path)
}
