import path from 'node:path'
import type { Disk } from '../model/disk.js'
import { isGits } from '../model/names.js'
import type { Site } from '../model/site.js'

/** Where haal keeps what it has to remember about one project: `<root>/.haal/.state`. */
export function stateFolder({ root }: Pick<Site, 'root'>): string {
  return path.join(root, '.haal', '.state')
}

export function generationsFolder(site: Pick<Site, 'root'>): string {
  return path.join(stateFolder(site), 'generations')
}

export function mutexFolder(site: Pick<Site, 'root'>): string {
  return path.join(stateFolder(site), 'mutex')
}

type Spelling = Pick<typeof path, 'sep' | 'relative' | 'isAbsolute'>

/** A place below the root as the journal writes it, with `/`; one elsewhere stays absolute. */
export function relativeTo(root: string, place: string, on: Spelling = path): string {
  if (on.sep === '/' && place.startsWith(`${root}/`) && !/\/\.|\/\/|\/$/.test(place.slice(root.length + 1)))
    return place.slice(root.length + 1)
  const relative = on.relative(root, place)
  const inside = relative !== '' && !on.isAbsolute(relative) && relative.split(on.sep)[0] !== '..'
  return inside ? relative.split(on.sep).join('/') : place
}

/** A place as haal.lock writes it: with `/` elsewhere, too. undefined for one on a network share, which no lockfile may name. */
export function lockedPlace(root: string, place: string, on: Spelling = path): string | undefined {
  const written = relativeTo(root, place, on).replaceAll(on.sep, '/')
  return written.startsWith('//') ? undefined : written
}

/** Whether a written place lies below the root: the only ones that a file which may come with a cloned project can be trusted to name. git's own
    folder is none: a clone cannot bring what lies there, and programs of it are run. */
export function isBelow(written: string): boolean {
  const plain = (name: string): boolean => name !== '' && name !== '.' && name !== '..'
  return !path.isAbsolute(written) && !isInGit(written) && written.split(/[/\\]/).every(plain)
}

/** Whether a path leads through git's own folder. */
export function isInGit(written: string): boolean {
  return written.split(/[/\\]/).some(isGits)
}

export function absoluteFrom(root: string, written: string): string {
  return path.isAbsolute(written) ? written : path.join(root, ...written.split('/'))
}

/** Folders above a place and below the root, outermost first; [] for a place elsewhere. */
export function foldersAbove(root: string, place: string): string[] {
  const inside = relativeTo(root, place)
  if (path.isAbsolute(inside)) return []
  const names = inside.split('/').slice(0, -1)
  return names.map((_, index) => path.join(root, ...names.slice(0, index + 1)))
}

/** Where a file is or will be, links followed as far as there is anything; the root for a link that leads nowhere yet. */
export function realPlace(disk: Disk, at: string): string {
  const real = disk.real(at)
  if (real !== undefined) return real
  const folder = path.dirname(at)
  if (disk.stat(at) !== undefined) return path.parse(at).root
  return folder === at ? at : path.join(realPlace(disk, folder), path.basename(at))
}
