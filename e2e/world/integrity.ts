import { createHash } from 'node:crypto'
import type { Files } from './place.js'
import { entriesOf } from './registries.js'

/** The integrity of an artifact with these files, written from docs/file-formats.md and not from haal. */
export function integrityOf(files: Files): string {
  const lines = entriesOf(files)
    .map(({ path, body = '', mode = 0 }) => ({
      path: Buffer.from(path),
      line: `${sha256(body)} ${mode & 0o111 ? '100755' : '100644'} ${path}\n`,
    }))
    .sort((a, b) => Buffer.compare(a.path, b.path))
    .map(({ line }) => line)
  return sri(lines.join(''))
}

/** `sha256-` and base64, for `integrity`, `archiveIntegrity` and `checksum`. */
export function sri(bytes: string | Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
