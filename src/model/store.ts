import type { Digest, ListedFile } from './digest.js'
import { HaalError } from './errors.js'

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

/** An entry of a store; undefined where it is absent or damaged. A file of it may still turn out to be damaged when it is read. */
export function soundIn(store: Store, integrity: Digest): Stored | undefined {
  try {
    return store.open(integrity)
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_CACHE') return undefined
    throw e
  }
}
