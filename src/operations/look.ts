import path from 'node:path'
import { type ListedFile, sha256Hex } from '../model/digest.js'
import { soundIn } from '../model/store.js'
import type { Look, OnDisk, Place } from '../plan/diff.js'
import { hasIntegrity, inspect, isLinkTo, type PlacedAs } from '../state/places.js'
import type { Ground } from './ground.js'

/** Looks at places of a project, each byte compared with what haal put there: a place as a whole, which needs nothing from the store, and file
    by file where it is not the same. */
export function lookerOf({ root, ctx, store }: Ground): Look {
  const { disk, platform } = ctx
  return (place, expected) => {
    const at = path.resolve(root, place.at)
    const lies = disk.stat(at)?.type
    if (lies === undefined) return nothing('absent')
    if (expected === undefined) return inspect(disk, at, undefined)
    if (expected.from === 'link') return isLinkTo(disk, at, path.resolve(root, expected.to)) ? nothing('same') : another
    if (expected.from === 'bytes') return inspect(disk, at, [listed(expected.bytes)], { file: '', platform })
    const as: PlacedAs = { ...expected, platform }
    if (hasIntegrity(disk, at, { ...as, integrity: expected.integrity })) return nothing('same')
    const stored = soundIn(store, expected.integrity)
    if (stored !== undefined) return inspect(disk, at, stored.files, as)
    return lies === 'folder' && disk.names(at).length === 0 ? emptied : nothing('edited')
  }
}

/** Something else than haal put there as a whole. */
const another: OnDisk = { state: 'edited', changed: [''], added: [], missing: [] }

/** Nothing is in there that somebody could have written. */
const emptied: OnDisk = { state: 'edited', changed: [], added: [], missing: [''] }

function listed(bytes: Uint8Array): ListedFile {
  return { path: '', mode: 0o644, size: bytes.length, sha256: sha256Hex(bytes) }
}

/** Whether a person has changed what haal put at a place. */
export function isModified(ground: Ground, place: Place): boolean {
  const { state } = lookerOf(ground)(place, place.content)
  return state === 'edited' || state === 'foreign'
}

function nothing(state: OnDisk['state']): OnDisk {
  return { state, changed: [], added: [], missing: [] }
}
