import path from 'node:path'
import { type Digest, type ListedFile, sha256Hex } from '../../model/digest.js'
import { fail, onError } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import { getOrMake } from '../../model/maps.js'
import { placeIn } from '../../model/place.js'
import type { OnDisk } from '../../model/plan.js'
import { soundIn } from '../../model/store.js'
import type { SharedPlace } from '../../model/targets.js'
import { homeOf, type Look } from '../../plan/diff.js'
import { hasIntegrity, inspect, isLinkTo, listingWith, type PlacedAs } from '../../state/places.js'
import { lookInto } from '../../targets/merge.js'
import type { Found } from '../../targets/shared-text.js'
import type { Ground } from '../project/ground.js'

/** Looks at places of a project, each byte compared with what haal put there: a place as a whole, which needs nothing from the store, and file
    by file where it is not the same, or is only a part. What the store has lost is compared with what lies in `.haal/`. */
export function lookerOf({ root, ctx, store }: Ground): Look {
  const { disk, platform } = ctx
  const near = disk.near(root)
  const nearby = (at: string) => (at.startsWith(root + path.sep) ? near + at.slice(root.length + 1) : at)
  /** In a folder that is not there nothing has to be asked for. */
  const folders = new Map<string, boolean>()
  const isThere = (folder: string) => getOrMake(folders, folder, () => disk.mark(folder) !== undefined)
  const homes = new Map<string, readonly ListedFile[] | undefined>()
  const atHome = (ref: Ref, integrity: Digest) => {
    const home = path.resolve(root, homeOf(ref, {}) ?? '')
    return getOrMake(homes, integrity, () => listingWith(disk, home, { integrity, platform }))
  }
  return (place, expected) => {
    const at = placeIn(root, place.at)
    if (!isThere(path.dirname(at)) || disk.mark(at) === undefined) return nothing('absent')
    if (expected === undefined) return inspect(disk, at, undefined)
    if (expected.from === 'link') return isLinkTo(disk, at, path.resolve(root, expected.to)) ? nothing('same') : another
    if (expected.from === 'bytes') return inspect(disk, at, [listed(expected.bytes)], { file: '', platform })
    const as: PlacedAs = { ...expected, platform }
    if (hasIntegrity(disk, nearby(at), { ...as, integrity: expected.integrity })) return nothing('same')
    const files = soundIn(store, expected.integrity)?.files ?? atHome(place.ref, expected.integrity)
    if (files !== undefined) return inspect(disk, at, files, as)
    return disk.stat(at)?.type === 'folder' && disk.names(at).length === 0 ? emptied : nothing('edited')
  }
}

/** Something else than haal put there as a whole. */
const another: OnDisk = { state: 'edited', changed: [''], added: [], missing: [] }

/** Nothing is in there that somebody could have written. */
const emptied: OnDisk = { state: 'edited', changed: [], added: [], missing: [''] }

function listed(bytes: Uint8Array): ListedFile {
  return { path: '', mode: 0o644, size: bytes.length, sha256: sha256Hex(bytes) }
}

/** Looks into files that haal shares with people. One that cannot be read holds nothing of haal's as it was. */
export function sharedLookerOf(ground: Ground): (place: SharedPlace, among?: readonly SharedPlace[]) => Promise<Found> {
  const read = sharedReaderOf(ground)
  return (place, among) =>
    onError(
      ['E_CONFLICT'],
      () => lookInto(place, read(place.at), among),
      () => 'edited' as const,
    )
}

/** Reads files that haal shares with people, each once. Throws what `sharedBytes` throws. */
export function sharedReaderOf(ground: Ground): (at: string) => Uint8Array | undefined {
  const files = new Map<string, { bytes: Uint8Array | undefined }>()
  return (at) => getOrMake(files, at, () => ({ bytes: sharedBytes(ground, at) })).bytes
}

/** What lies in a shared file, behind a link too; undefined where there is none. Throws E_CONFLICT where it is no file. */
export function sharedBytes({ ctx, root }: Ground, at: string): Uint8Array | undefined {
  const place = path.resolve(root, at)
  const end = ctx.disk.real(place)
  if (end === undefined && ctx.disk.stat(place)?.type === 'link')
    fail('E_CONFLICT', `${at} is a link that leads nowhere; haal does not write through it`, {
      hint: `see where it should lead: ls -l ${at}`,
    })
  if (end === undefined) return undefined
  if (ctx.disk.stat(end)?.type !== 'file')
    fail('E_CONFLICT', `${at} is no file; haal does not write into it`, { hint: `move it away: mv ${at} ${at}.mine` })
  return ctx.disk.read(end)
}

function nothing(state: OnDisk['state']): OnDisk {
  return { state, changed: [], added: [], missing: [] }
}
