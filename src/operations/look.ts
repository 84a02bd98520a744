import path from 'node:path'
import type { Digest, ListedFile } from '../model/digest.js'
import { HaalError } from '../model/errors.js'
import type { Look, OnDisk, Place } from '../plan/diff.js'
import { inspect } from '../state/places.js'
import type { Session } from './session.js'

/** Looks at places of a project, each byte compared with what haal put there. */
export function lookerOf(session: Session): Look {
  const { root, ctx, store } = session
  return (place, expected) => {
    const at = path.join(root, ...place.at.split('/'))
    const { file } = place.content
    return inspect(ctx.disk, at, {
      integrity: expected,
      files: expected && listing(store, expected),
      ...(file !== undefined && { file }),
    })
  }
}

/** Whether a person has changed what haal put at a place. */
export function isModified(session: Session, place: Place): boolean {
  const seen: OnDisk = lookerOf(session)(place, place.content.integrity)
  return seen.state === 'edited' || seen.state === 'foreign'
}

/** The files of an integrity, where the store still has them: without, a place can be compared only as a whole. */
function listing(store: Session['store'], integrity: Digest): readonly ListedFile[] | undefined {
  try {
    return store.has(integrity) ? store.open(integrity).files : undefined
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_CACHE') return undefined
    throw e
  }
}
