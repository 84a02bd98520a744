import path from 'node:path'
import type { Digest, ListedFile } from '../../model/digest.js'
import { onError } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import { type Locked, lockedEntries } from '../../model/lock.js'
import type { Plan } from '../../model/plan.js'
import { placesOf } from '../../plan/diff.js'
import { listingWith } from '../../state/places.js'
import type { Session } from '../session/session.js'

/** Takes what a plan replaces or removes in to the store, where that lacks it, from where it lies to the byte as haal.lock says: in a checkout whose
    `.haal/` came with it nobody else has it. What can run in it is known then, and rollback brings it back. A dry run keeps only what it compares
    with. */
export async function keepReplaced(session: Session, { from, to, changes }: Plan): Promise<void> {
  const { ctx, root, store, flags } = session
  const { disk, platform } = ctx
  const changed = new Set(changes.map(({ artifact }) => artifact))
  const isReplaced = ([ref, { integrity }]: [Ref, Locked]): boolean => {
    const now = to.lock.artifacts[ref]
    return changed.has(ref) && now?.integrity !== integrity && !(flags.dryRun && !now)
  }
  const artifacts = Object.fromEntries(lockedEntries(from.lock).filter(isReplaced))
  for (const { at, content } of placesOf({ ...from.lock, artifacts })) {
    const { integrity, file } = content
    if (store.stat(integrity) !== undefined) continue
    const place = path.resolve(root, at)
    const files = listingWith(disk, place, { ...content, platform })
    if (files === undefined) continue
    const fileAt = (name: string) => (file === undefined ? path.join(place, ...name.split('/')) : place)
    await taken(session, files, (name) => disk.read(fileAt(name)))
  }
}

/** What cannot be kept is no reason to stop: the command itself needs nothing of it. */
function taken(
  { store }: Session,
  files: readonly ListedFile[],
  read: (name: string) => Uint8Array,
): Promise<Digest | undefined> {
  return onError(
    ['E_DISK'],
    () =>
      store.take((pack) => {
        for (const { path: name, mode } of files) pack.add(name, mode, read(name))
      }),
    () => undefined,
  )
}
