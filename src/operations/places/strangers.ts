import path from 'node:path'
import { kindNames, kinds, refOf } from '../../model/kinds.js'
import type { Lock } from '../../model/lock.js'
import type { Problem } from '../../model/results.js'
import type { Site } from '../../model/site.js'
import { type Place, placesOf } from '../../plan/diff.js'

/** What lies in `.haal/<kinds>/` and `lock` does not know: agents read it all the same. */
export function strangersIn({ root, disk }: Pick<Site, 'root' | 'disk'>, lock: Pick<Lock, 'artifacts'>): Problem[] {
  const known = new Set(placesOf(lock).map(topOf))
  return kindNames.flatMap((kind) => {
    const { folder } = kinds[kind]
    if (folder === null) return []
    const names = disk.inside(path.join(root, '.haal', folder)).filter((name) => !name.startsWith('.'))
    return names
      .map((name) => ({ name, at: `.haal/${folder}/${name}` }))
      .filter(({ at }) => !known.has(at))
      .map(({ name, at }): Problem => ({ artifact: refOf(kind, name), path: at, problem: 'not-locked' }))
  })
}

/** What of `.haal/<kinds>/` a place is, or is in. */
export function topOf({ at }: Place): string {
  return at.split('/', 3).join('/')
}
