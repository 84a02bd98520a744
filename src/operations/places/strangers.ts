import path from 'node:path'
import { kindNames, kinds, refOf } from '../../model/kinds.js'
import type { Lock } from '../../model/lock.js'
import { twinKey } from '../../model/names.js'
import { placeIn } from '../../model/place.js'
import type { Problem } from '../../model/results.js'
import type { Site } from '../../model/site.js'
import { type Place, placesOf } from '../../plan/diff.js'

/** What lies in `.haal/<kinds>/` and `lock` does not know: agents read it all the same. A disk that ignores case may list what the lock knows in another
    spelling, and has it under both. */
export function strangersIn({ root, disk }: Pick<Site, 'root' | 'disk'>, lock: Pick<Lock, 'artifacts'>): Problem[] {
  const known = new Set(placesOf(lock).map(topOf))
  const isThere = (at: string) => disk.mark(placeIn(root, at)) !== undefined
  return kindNames.flatMap((kind) => {
    const { folder } = kinds[kind]
    if (folder === null) return []
    const above = `.haal/${folder}/`
    const names = disk.inside(path.join(root, above)).filter((name) => !name.startsWith('.'))
    const there = names.map((name) => ({ name, at: above + name }))
    const others = there.filter(({ at }) => !known.has(at))
    if (others.length === 0) return []
    const listed = new Set(there.map(({ at }) => at))
    const unlisted = [...known].filter((at) => at.startsWith(above) && !listed.has(at))
    const respelt = new Set(unlisted.filter(isThere).map(twinKey))
    return others
      .filter(({ at }) => !respelt.has(twinKey(at)))
      .map(({ name, at }): Problem => ({ artifact: refOf(kind, name), path: at, problem: 'not-locked' }))
  })
}

/** What of `.haal/<kinds>/` a place is, or is in. */
export function topOf({ at }: Place): string {
  return at.split('/', 3).join('/')
}
