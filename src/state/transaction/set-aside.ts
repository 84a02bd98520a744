import path from 'node:path'
import { HaalError } from '../../model/errors.js'
import { note } from '../../model/notes.js'
import type { Site } from '../../model/site.js'
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

/** Puts something of a person's aside and says where, in a warning. Never on top of what was put aside before. */
export function keepAside(site: Site, { from, place, generation }: Keeping): void {
  const wanted = savedPlace(site, { place, generation })
  const kept = moveTo(site, from, free(site, wanted)) ?? moveTo(site, from, free(site, `${place}.haal-saved`)) ?? from
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
