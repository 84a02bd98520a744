import path from 'node:path'
import { removeTree } from '../../io/disk.js'
import { sameBoot } from '../../io/host.js'
import { sha256Hex } from '../../model/digest.js'
import type { Site } from '../../model/site.js'
import { soundIn } from '../../model/store.js'
import { generationFile } from '../generations.js'
import { absoluteFrom, generationsFolder, isBelow, stateFolder } from '../paths.js'
import { hasIntegrity, inspect, isLinkTo } from '../places.js'
import { foldersFile } from './found-folders.js'
import { type Begun, besideOf, dropJournal, type Journal, type Put, type Swap } from './journal.js'
import { madeOutside, type Path, pathsOf, refuseToUndo } from './moves.js'
import { keepAside } from './set-aside.js'

/** Brings back the state from before a command, by its own moves backwards, and leaves nothing of it. May be interrupted at any point and
    begun again. Throws E_RECOVERY, before anything is moved, where a person has changed or re-created what is in the way. */
export function undo(site: Site, begun: Begun): void {
  const { phase, journal } = begun
  const paths = pathsOf(site, journal)
  if (phase !== 'staging') goBack(site, journal, paths)
  clearNew(site, journal, paths)
  dropJournal(site, begun)
  tidyState(site)
}

/** Removes the state folder where it holds nothing but what comes with it. */
export function tidyState(site: Pick<Site, 'root' | 'disk'>): void {
  const { disk } = site
  const state = stateFolder(site)
  disk.remove(generationsFolder(site))
  const comes = ['mutex', '.gitignore', path.basename(foldersFile(site))]
  if (disk.names(state).some(({ name }) => !comes.includes(name))) return
  for (const name of comes.slice(1)) disk.remove(path.join(state, name))
  if (disk.remove(state)) disk.remove(path.dirname(state))
}

/** haal.lock first, because its text is what recovery goes by. */
function goBack(site: Site, journal: Journal, paths: readonly Path[]): void {
  const ways = paths.map((each) => ({ ...each, way: wayBack(site, each, journal) }))
  const conflicts = ways.filter(({ way }) => way === 'conflict').map(({ place }) => place)
  refuseToUndo(site, conflicts, journal.command)
  restoreText(site, journal, { swap: journal.lock, which: 'lock' })
  restoreText(site, journal, { swap: journal.manifest, which: 'manifest' })
  site.disk.remove(generationFile(site, journal.generation))
  for (const { way, place, fresh, aside } of ways.toReversed()) {
    if (way === 'conflict') continue
    if (way.take === 'remove') site.disk.rename(place, fresh)
    if (way.take === 'keep') keepAside(site, { from: place, place, generation: journal.generation })
    if (way.putBack) site.disk.rename(aside, place)
  }
}

/** What has to happen at one place: take away what lies there (ours is removed, anything else kept), and put the old back. */
type Way = 'conflict' | { take?: 'remove' | 'keep'; putBack: boolean }

function wayBack(site: Site, { move, place, fresh, aside, mark }: Path, journal: Journal): Way {
  const { disk } = site
  if (!isBelow(move.place) && disk.stat(mark) === undefined) return { putBack: false }
  const putBack = disk.stat(aside) !== undefined
  const cameIn = move.put !== undefined && (putBack || !move.had) && disk.stat(fresh) === undefined
  if (disk.stat(place) === undefined || (!putBack && !cameIn)) return { putBack }
  if (!cameIn) return 'conflict'
  if (isOurs(site, place, move.put)) return { take: 'remove', putBack }
  const powerLoss = !sameBoot(journal.boot, site.process.boot)
  return powerLoss ? { take: 'keep', putBack } : 'conflict'
}

/** Whether a place still holds exactly what haal put there. */
function isOurs(site: Site, place: string, put: Put | undefined): boolean {
  const { disk, platform } = site
  if (put === undefined) return false
  if ('sha256' in put) return disk.stat(place)?.type === 'file' && sha256Hex(disk.read(place)) === put.sha256
  if ('link' in put) return isLinkTo(disk, place, absoluteFrom(site.root, put.link))
  if (hasIntegrity(disk, place, { ...put, platform })) return true
  // A part of an artifact has no digest of its own, so the store is asked.
  const files = soundIn(site.store, put.integrity)?.files
  return inspect(disk, place, files, { ...put, platform }).state === 'same'
}

interface Restoring {
  swap: Swap | null
  which: 'manifest' | 'lock'
}

/** A file that has neither its old nor its new text any more is the person's. */
function restoreText(site: Site, journal: Journal, { swap, which }: Restoring): void {
  if (swap === null) return
  const { root, disk, lockFile, manifestFile } = site
  const file = absoluteFrom(root, swap.file)
  const text = disk.text(file)
  if (text === undefined || sha256Hex(text) !== swap.after) return
  const backup = besideOf(file, journal, which).aside
  const own = isBelow(swap.file) || file === lockFile || file === manifestFile
  if (swap.before === null && own) disk.remove(file)
  else if (disk.stat(backup)) disk.rename(backup, file)
}

/** Newcomers, copies of texts, and the folders that were made for them. A folder that is not empty stays. */
function clearNew(site: Site, journal: Journal, paths: readonly Path[]): void {
  const { root, disk } = site
  const marked = paths.filter(({ move, mark }) => !isBelow(move.place) && disk.stat(mark) !== undefined)
  const outside = madeOutside(journal).filter(({ mark }) => disk.stat(mark) !== undefined)
  const isMarked = (at: string): boolean =>
    outside.some(({ folder }) => at === folder || at.startsWith(folder + path.sep))
  const made = journal.made.map((folder) => absoluteFrom(root, folder))
  for (const { fresh } of paths) removeTree(disk, fresh)
  for (const at of textsOf(site, journal)) disk.remove(at)
  const ours = made.filter((folder, index) => isBelow(journal.made[index] ?? '') || isMarked(folder))
  for (const { mark } of marked) disk.remove(mark)
  for (const folder of ours.reverse()) disk.remove(folder)
  for (const { mark } of outside) disk.remove(mark)
}

/** Where new texts wait to come in, and old ones to be put back. */
export function textsOf(site: Site, journal: Journal): string[] {
  const generation = besideOf(generationFile(site, journal.generation), journal, 'generation').fresh
  const swaps = { manifest: journal.manifest, lock: journal.lock }
  const texts = Object.entries(swaps).flatMap(([which, swap]) => {
    if (swap === null) return []
    const file = absoluteFrom(site.root, swap.file)
    const { fresh, aside } = besideOf(file, journal, which)
    return [fresh, aside]
  })
  return [generation, ...texts]
}
