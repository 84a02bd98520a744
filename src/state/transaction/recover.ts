import path from 'node:path'
import { removeTree } from '../../io/disk.js'
import { sha256Hex } from '../../model/digest.js'
import { HaalError } from '../../model/errors.js'
import { isGits } from '../../model/names.js'
import { note } from '../../model/notes.js'
import type { Site } from '../../model/site.js'
import { attempt } from '../attempt.js'
import { hold } from '../mutex.js'
import { checkPlaces, checkState } from '../no-links.js'
import { absoluteFrom, generationsFolder, stateFolder } from '../paths.js'
import { mendAfterBoot } from './after-boot.js'
import { finish } from './finish.js'
import { type Begun, type Journal, openJournals } from './journal.js'
import { needsMending } from './leftovers.js'
import { keepAside } from './set-aside.js'
import { tidyState, undo } from './undo.js'

/** Brings a project to exactly the state before or after a command that was interrupted, and clears away what such commands leave. The
    mutex must be held. Throws E_RECOVERY and E_STATE_NEWER with nothing changed, E_STATE_UNSAFE, E_DISK. */
export function recover(site: Site): void {
  checkState(site)
  const { begun, unreadable } = openJournals(site)
  for (const each of begun) recoverOne(site, each)
  sweep(site, unreadable.length > 0)
  for (const file of unreadable) site.disk.remove(file)
  tidyState(site)
}

/** For commands that only read: takes the mutex and recovers where that is needed. While another command works nothing is done, and where the
    disk cannot be written only what is needed is insisted on. Answers what `mendAfterBoot` does. */
export async function mend(site: Site, command: string): Promise<readonly string[]> {
  if (!needsMending(site)) return []
  try {
    const held = await hold(site, { wait: 0, command })
    try {
      recover(site)
      return mendAfterBoot(site)
    } finally {
      held.release()
    }
  } catch (e) {
    if (e instanceof HaalError && (e.code === 'E_BUSY' || (e.code === 'E_DISK' && !hasJournal(site)))) return []
    throw e
  }
}

function hasJournal(site: Pick<Site, 'root' | 'disk'>): boolean {
  return site.disk.names(stateFolder(site)).some(({ name }) => name.startsWith('journal.'))
}

function recoverOne(site: Site, begun: Begun): void {
  const { journal } = begun
  const swaps = [journal.manifest, journal.lock].flatMap((swap) => (swap ? [swap.file] : []))
  const places = [...journal.moves.map(({ place }) => place), ...swaps, ...journal.made]
  checkPlaces(
    site,
    places.map((place) => absoluteFrom(site.root, place)),
  )
  const isDone = begun.phase === 'committed' || (begun.phase === 'swapping' && isCommitted(site, journal))
  if (isDone) finish(site, begun)
  else undo(site, begun)
}

/** haal.lock has the text it was to get. */
function isCommitted({ root, disk }: Site, { lock }: Journal): boolean {
  if (lock === null) return false
  const text = disk.text(absoluteFrom(root, lock.file))
  return text !== undefined && sha256Hex(text) === lock.after
}

/** What lies about without a journal. New things go. Old ones are put back where the journal was there and could not be read, and their place
    is free; else they are kept aside. One that would get the name of git's own folder, where haal takes no place, came with a clone, to have
    git run what it says: it stays. What cannot be moved is no reason to stop. */
function sweep(site: Site, lost: boolean): void {
  const { root, disk } = site
  const haal = path.join(root, '.haal')
  const kinds = disk.names(haal).filter(({ name, type }) => type === 'folder' && name !== '.state')
  const folders = [root, haal, ...kinds.map(({ name }) => path.join(haal, name)), generationsFolder(site)]
  for (const folder of folders)
    for (const { name } of disk.names(folder))
      if (leftover.test(name)) clear(site, { at: path.join(folder, name), name, lost })
  const temporary = disk.names(stateFolder(site)).filter(({ name }) => name.endsWith('.tmp'))
  for (const { name } of temporary) disk.remove(path.join(stateFolder(site), name))
}

const leftover = /^\.haal-(?:(new|own)-[0-9a-f]{12}-\w+|old-[0-9a-f]{12}-(\w+)-(.+))$/s

function clear(site: Site, { at, name, lost }: { at: string; name: string; lost: boolean }): void {
  const [, fresh, which, original] = leftover.exec(name) ?? []
  const place = path.join(path.dirname(at), original ?? '')
  const problem = attempt(() => {
    if (fresh !== undefined || which === 'lock' || which === 'manifest') removeTree(site.disk, at)
    else if (original === undefined || isGits(original)) return
    else if (lost && site.disk.stat(place) === undefined) site.disk.rename(at, place)
    else keepAside(site, { from: at, place, generation: 0 })
  })
  if (problem !== undefined) site.emit({ type: 'warning', note: note('W_LEFT', problem) })
}
