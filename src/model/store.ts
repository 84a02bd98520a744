import type { Digest, ListedFile } from './digest.js'

/** The files of one artifact as the store holds them. */
export interface Stored {
  /** Sorted by path. */
  readonly files: readonly ListedFile[]
  /** Throws E_CACHE where the bytes are damaged. */
  read(path: string): Uint8Array
}

/** The bytes of artifacts by their integrity: what rollback, recovery and a frozen install take them from. */
export interface Store {
  /** Throws E_CACHE where the entry is absent or damaged. */
  open(integrity: Digest): Stored
}
