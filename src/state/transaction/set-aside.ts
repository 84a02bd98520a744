import path from 'node:path'
import { removeTree } from '../../io/disk.js'
import type { Disk } from '../../model/disk.js'
import { HaalError } from '../../model/errors.js'
import { note } from '../../model/notes.js'
import type { Site } from '../../model/site.js'
import { attempt } from '../attempt.js'
import { relativeTo, stateFolder } from '../paths.js'

/** Where a command puts what a person had at a place, when haal takes that place. */
function savedPlace(site: Pick<Site, 'root'>, { place, generation }: { place: string; generation: number }): string {
  const inside = relativeTo(site.root, place)
  const kept = path.isAbsolute(inside) ? path.basename(place) : path.join(...inside.split('/'))
  return path.join(stateFolder(site), 'saved', String(generation), kept)
}

interface Keeping {
  /** Where it lies now. */
  from: string
  /** Where it belongs. */
  place: string
  generation: number
}

/** Puts something of a person's aside and says where, in a warning. Never on top of what was put aside before, and beside its place, where a tool
    may take it for one more of its own, only if it can be neither moved nor copied. */
export function keepAside(site: Site, { from, place, generation }: Keeping): void {
  const wanted = free(site, savedPlace(site, { place, generation }))
  const kept =
    moveTo(site, from, wanted) ??
    carryTo(site, from, wanted) ??
    moveTo(site, from, free(site, `${place}.haal-saved`)) ??
    from
  const [what, where] = [relativeTo(site.root, place), relativeTo(site.root, kept)]
  site.emit({ type: 'warning', note: note('W_SAVED', `what you had at ${what} is kept in ${where}`) })
}

function free({ disk }: Site, wanted: string): string {
  for (let number = 1; ; number += 1) {
    const at = number === 1 ? wanted : `${wanted}.${number}`
    if (disk.stat(at) === undefined) return at
  }
}

/** undefined where the two lie on different file systems. */
function moveTo({ disk }: Site, from: string, to: string): string | undefined {
  try {
    disk.mkdir(path.dirname(to))
    disk.rename(from, to)
    return to
  } catch (e) {
    if (e instanceof HaalError && e.details.errno === 'EXDEV') return undefined
    throw e
  }
}

/** To another file system: the original goes when its copy is whole and on the medium. Killed before that, it is begun again. undefined where it
    cannot be copied: something in it is neither file nor folder, or there is no room. */
function carryTo({ disk }: Site, from: string, to: string): string | undefined {
  if (!isPlain(disk, from)) return undefined
  const part = path.join(path.dirname(to), `.haal-part-${path.basename(to)}`)
  removeTree(disk, part)
  if (attempt(() => copyTree(disk, from, part)) !== undefined) {
    removeTree(disk, part)
    return undefined
  }
  disk.rename(part, to)
  disk.flush(path.dirname(to))
  removeTree(disk, from)
  return to
}

function isPlain(disk: Disk, at: string): boolean {
  const type = disk.stat(at)?.type
  return (
    type === 'file' || (type === 'folder' && disk.names(at).every(({ name }) => isPlain(disk, path.join(at, name))))
  )
}

function copyTree(disk: Disk, from: string, to: string): void {
  const { type, mode } = disk.stat(from) ?? {}
  if (type !== 'folder') {
    disk.write(to, disk.read(from), mode)
    disk.flush(to)
    return
  }
  disk.mkdir(to)
  for (const { name } of disk.names(from)) copyTree(disk, path.join(from, name), path.join(to, name))
}
