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
