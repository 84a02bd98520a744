import path from 'node:path'
import { fail } from '../model/errors.js'
import type { Site } from '../model/site.js'
import { foldersAbove, generationsFolder, isBelow, mutexFolder, relativeTo, stateFolder } from './paths.js'

type Around = Pick<Site, 'root' | 'disk'>

/** Throws E_STATE_UNSAFE where a folder that haal keeps its state in is a link, a junction or a file: what is written there would
    land elsewhere. To be asked before the first write below `.haal`. */
export function checkState(site: Around): void {
  const saved = path.join(stateFolder(site), 'saved')
  for (const folder of [stateFolder(site), generationsFolder(site), mutexFolder(site), saved])
    checkFolders(site, path.join(folder, 'x'))
}

/** The same for every folder above places that are going to change. Below `.haal` no link is let in; elsewhere (a tool's folder that a
    person shares between tools) one may lead to another folder of the project, but not into git's own. Throws E_CONFLICT where a file stands in the way. */
export function checkPlaces(site: Around, places: readonly string[]): void {
  const seen = new Set<string>()
  for (const place of places) {
    const above = path.dirname(place)
    if (seen.has(above)) continue
    seen.add(above)
    checkFolders(site, place)
  }
}

function checkFolders({ root, disk }: Around, place: string): void {
  for (const folder of foldersAbove(root, place)) {
    const type = disk.stat(folder)?.type
    if (type === undefined) return
    if (type === 'folder') continue
    const shown = relativeTo(root, folder)
    const own = shown.split('/')[0] === '.haal'
    if (own && type !== 'link') unsafe(shown, 'is a file', `move it away: mv ${shown} ${shown}.mine`)
    if (own) unsafe(shown, 'is a link')
    if (type === 'link' && !leadsWithin({ root, disk }, folder))
      unsafe(shown, 'is a link that leads out of the project, or into git’s own folder')
    if (type !== 'link')
      fail('E_CONFLICT', `${shown} is a file, a folder has to be there`, {
        hint: `move it away: mv ${shown} ${shown}.mine`,
      })
  }
}

/** Whether a place below the root is there really, and not behind a link that leads out. */
export function liesWithin({ root, disk }: Around, place: string): boolean {
  const [home, folder] = [disk.real(root), disk.real(path.dirname(place))]
  if (home === undefined || folder === undefined) return false
  return folder === home || !path.isAbsolute(relativeTo(home, folder))
}

function leadsWithin({ root, disk }: Around, link: string): boolean {
  const [home, end] = [disk.real(root), disk.real(link)]
  if (home === undefined || end === undefined || disk.stat(end)?.type !== 'folder') return false
  return isBelow(relativeTo(home, end))
}

function unsafe(
  shown: string,
  why: string,
  way = `look where it leads, then put a plain folder in its place: ls -ld ${shown}`,
): never {
  return fail('E_STATE_UNSAFE', `${shown} ${why}; haal does not write through it`, {
    hint: way,
    details: { path: shown },
  })
}
