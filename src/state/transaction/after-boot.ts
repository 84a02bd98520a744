import path from 'node:path'
import type { ListedFile } from '../../model/digest.js'
import { HaalError } from '../../model/errors.js'
import type { Site } from '../../model/site.js'
import { currentGeneration, generationFile, readGeneration, type Wrote } from '../generations.js'
import { readLock } from '../lockfile.js'
import { checkPlaces } from '../no-links.js'
import { absoluteFrom, isBelow } from '../paths.js'
import { contentsOf, hasIntegrity, placedFiles } from '../places.js'
import { isAfterBoot, noteBoot } from './leftovers.js'

/* An install does not flush every file: that would make it six times slower. Instead the last transaction is noted with the boot in which it
   happened. Where the machine has started anew since, power may have gone before the bytes of its files were on the medium, while haal.lock,
   which is flushed, outlived them. Then what that transaction wrote is looked through once, and mended from the store. */

/** To be called while the mutex is held; does nothing in the same boot. Only what power can have taken is mended: a file that is empty, or ends in
    zeros or too early, and is as old as the transaction. Everything else that differs is a person's edit. Answers the places, as haal.lock writes
    them, that have lost bytes which the store does not have either. Throws what reading haal.lock throws. */
export function mendAfterBoot(site: Site): readonly string[] {
  if (!isAfterBoot(site)) return []
  const generation = currentGeneration(site)
  const date = site.disk.stat(generationFile(site, generation))?.mtime
  const lock = readLock(site.disk, site.lockFile)
  const locked = new Set(Object.values(lock?.artifacts ?? {}).map(({ integrity }) => integrity))
  const all = wroteBy(site, generation).filter(({ place, integrity }) => isBelow(place) && locked.has(integrity))
  checkPlaces(
    site,
    all.map(({ place }) => absoluteFrom(site.root, place)),
  )
  const lost: string[] = []
  for (const wrote of all) if (!mendPlace(site, wrote, date ?? 0n)) lost.push(wrote.place)
  if (lost.length === 0 && generation > 0) noteBoot(site, { boot: site.process.boot, generation })
  return lost
}

function wroteBy(site: Site, generation: number): readonly Wrote[] {
  try {
    return readGeneration(site, generation).wrote
  } catch (e) {
    if (e instanceof HaalError) return []
    throw e
  }
}

/** False where the store has lost what the place has lost. */
function mendPlace(site: Site, wrote: Wrote, date: bigint): boolean {
  const place = absoluteFrom(site.root, wrote.place)
  try {
    const stored = site.store.open(wrote.integrity)
    for (const [name, file] of placedFiles(stored.files, wrote)) {
      const at = path.join(place, name)
      const bytes = stored.read(file.path)
      if (!isLost(site, at, { date, expected: bytes })) continue
      checkPlaces(site, [at])
      restore(site, at, { file, place, bytes })
    }
    return true
  } catch (e) {
    // Power may have taken bytes of the store, too.
    if (!(e instanceof HaalError) || e.code !== 'E_CACHE') throw e
    return !hasLost(site, wrote, { date, place })
  }
}

function hasLost({ disk, platform }: Site, wrote: Wrote, { date, place }: { date: bigint; place: string }): boolean {
  const isFolder = disk.stat(place)?.type === 'folder'
  const files = isFolder ? contentsOf(disk, place).map(({ name }) => path.join(place, name)) : [place]
  const stats = files.map((file) => disk.stat(file))
  const empty = stats.some((stat) => stat !== undefined && stat.size === 0 && stat.mtime <= date)
  return empty && !hasIntegrity(disk, place, { ...wrote, platform })
}

/** A missing file was lost where its folder has not been touched since; an artifact that is missing as a whole was removed by a person. */
function isLost({ disk }: Site, at: string, { date, expected }: { date: bigint; expected: Uint8Array }): boolean {
  const stat = disk.stat(at)
  if (stat === undefined) return (disk.stat(path.dirname(at))?.mtime ?? date + 1n) <= date
  if (stat.type !== 'file' || stat.mtime > date || stat.size > expected.length) return false
  const bytes = disk.read(at)
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1
  const kept = Buffer.compare(bytes.subarray(0, end), expected.subarray(0, end)) === 0
  return kept && (bytes.length < expected.length || end < bytes.length) && Buffer.compare(bytes, expected) !== 0
}

/** The new bytes come in whole, from a name that the next command clears away. */
function restore(
  { disk }: Site,
  at: string,
  { file, place, bytes }: { file: ListedFile; place: string; bytes: Uint8Array },
): void {
  const temporary = path.join(path.dirname(place), `.haal-new-${'0'.repeat(12)}-mend`)
  disk.write(temporary, bytes, file.mode)
  disk.flush(temporary)
  disk.rename(temporary, at)
}
