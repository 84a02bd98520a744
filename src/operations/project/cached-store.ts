import type { Reading } from '../../model/artifact.js'
import type { Digest } from '../../model/digest.js'
import type { Ref } from '../../model/kinds.js'
import type { Store, Stored } from '../../state/store.js'

/** Bytes of files that are kept at hand: of all artifacts, and of one. Many small ones is what is read more than once. */
const most = { all: 64 * 1024 * 1024, one: 1024 * 1024 }

/** A store that has at hand what came in or was opened during this command: it is looked for, judged and placed, and read from the disk once. */
export function withRecent(store: Store): Store {
  const recent = new Map<Digest, Stored>()
  let left = most.all
  const keep = (stored: Stored): Stored => {
    const bytes = stored.files.reduce((sum, { size }) => sum + size, 0)
    if (bytes > most.one || bytes > left) return stored
    left -= bytes
    const kept = { ...stored, read: (file: string) => undamaged(stored, file) }
    recent.set(stored.integrity, kept)
    return kept
  }
  /** What turns out to be damaged is dropped where it lies, and here. */
  const undamaged = (stored: Stored, file: string): Uint8Array => {
    try {
      return stored.read(file)
    } catch (e) {
      recent.delete(stored.integrity)
      throw e
    }
  }
  return {
    ...store,
    take: async (fill) => keep(store.open(await store.take(fill))).integrity,
    open: (integrity) => recent.get(integrity) ?? keep(store.open(integrity)),
    drop: (integrity) => {
      recent.delete(integrity)
      return store.drop(integrity)
    },
  }
}

const readings = new WeakMap<Store, Map<string, Reading>>()

/** Keeps what an artifact's own files said when they came in. */
export function keepReading(store: Store, of: Read, reading: Reading): void {
  const known = readings.get(store) ?? new Map<string, Reading>()
  readings.set(store, known.set(keyOf(of), reading))
}

/** What the same files said when they came in during this command. */
export function keptReading(store: Store, of: Read): Reading | undefined {
  return readings.get(store)?.get(keyOf(of))
}

interface Read {
  ref: Ref
  integrity: Digest
  form: 'file' | 'folder'
}

function keyOf({ ref, integrity, form }: Read): string {
  return `${ref} ${form} ${integrity}`
}
