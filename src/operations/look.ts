import path from 'node:path'
import type { Digest, ListedFile } from '../model/digest.js'
import { HaalError } from '../model/errors.js'
import type { Look, OnDisk, Place } from '../plan/diff.js'
import { inspect, integrityOf, type PlacedAs } from '../state/places.js'
import type { Ground } from './ground.js'

/** Looks at places of a project, each byte compared with what haal put there. Where the store has lost the files' digests, a place is
    compared as a whole. */
export function lookerOf({ root, ctx, store }: Ground): Look {
  return (place, expected) => {
    const at = path.join(root, ...place.at.split('/'))
    const as: PlacedAs = { file: place.content.file, rename: place.content.rename, platform: ctx.platform }
    const files = expected && listing(store, expected)
    if (expected === undefined || files !== undefined) return inspect(ctx.disk, at, files, as)
    if (ctx.disk.stat(at) === undefined) return nothing('absent')
    return nothing(integrityOf(ctx.disk, at, as) === expected ? 'same' : 'edited')
  }
}

/** Whether a person has changed what haal put at a place. */
export function isModified(ground: Ground, place: Place): boolean {
  const { state } = lookerOf(ground)(place, place.content.integrity)
  return state === 'edited' || state === 'foreign'
}

function nothing(state: OnDisk['state']): OnDisk {
  return { state, changed: [], added: [], missing: [] }
}

function listing(store: Ground['store'], integrity: Digest): readonly ListedFile[] | undefined {
  try {
    return store.has(integrity) ? store.open(integrity).files : undefined
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_CACHE') return undefined
    throw e
  }
}
