import path from 'node:path'
import type { Disk } from '../../model/disk.js'
import type { Lock } from '../../model/lock.js'
import { givenIn } from '../../model/targets.js'
import { contentOf, type Look, type Place, placesOf } from '../../plan/diff.js'
import { isAllUntouched, openSeen, type Seen } from '../../state/seen.js'
import type { Placed } from '../../state/settled-note.js'
import type { Ground, LockedGround } from '../project/ground.js'
import { strangersIn } from './strangers.js'

/** The artifacts of which a person has changed or removed what haal put there, in tools' folders too. What has not been touched since it was last
    compared byte by byte is not compared again; that is for telling only, never for deciding what to write (`state/seen.ts`). */
export async function modifiedIn(
  ground: LockedGround,
): Promise<{ modified: ReadonlySet<string>; missing: ReadonlySet<string> }> {
  const { lock, placed, site, flags } = ground
  const [modified, missing] = [new Set<string>(), new Set<string>()]
  if (placed && isAllUntouched(site, placed.seen)) return { modified, missing }
  const seen = openSeen(site)
  const touched = touchedAmong(placesOf(lock), seen)
  const given = new Set(givenIn(lock).filter((at) => !seen.isUntouched(at)))
  if (touched.length + given.size === 0) return { modified, missing }
  const { lookerOf } = await import('./compare.js')
  const look = remembering(lookerOf(ground), { seen, flags })
  for (const place of touched) {
    const { state } = look(place, place.content)
    if (state !== 'same') (state === 'absent' ? missing : modified).add(place.ref)
  }
  if (given.size > 0) {
    const { othersInTools } = await import('./modified-in-tools.js')
    const others = await othersInTools(ground, given, flags.dryRun ? undefined : seen)
    for (const { ref, isAbsent } of others) (isAbsent ? missing : modified).add(ref)
  }
  if (!flags.dryRun) seen.keep()
  return { modified, missing }
}

/** Whether everything lies where it was put, nothing was changed, and nothing lies there that an earlier haal.lock had. Not where tools have
    something: what lies there may be the other of copy and link. What was touched and is the same is remembered. */
export async function areUnchanged(ground: Ground, lock: Lock, seen: Seen): Promise<boolean> {
  const places = placesOf(lock)
  if (strangersIn(ground.site, lock).length > 0 && (await hasOtherPast(ground, lock))) return false
  if (givenIn(lock).length > 0) return false
  const touched = touchedAmong(places, seen)
  if (touched.length === 0) return true
  const { lookerOf } = await import('./compare.js')
  const look = remembering(lookerOf(ground), { seen, flags: ground.flags })
  return touched.every((place) => look(place, place.content).state === 'same')
}

/** A look that remembers what is as haal put it; a dry run writes nothing. */
export function remembering(look: Look, { seen, flags }: { seen: Seen; flags: Ground['flags'] }): Look {
  if (flags.dryRun) return look
  return (place, expected) => {
    const isThis = expected && seen.look(place.at, contentOf({ content: expected }))
    const found = look(place, expected)
    if (found.state === 'same') isThis?.()
    return found
  }
}

/** Whether what was noted still holds: all that was seen then lies there untouched, and as many artifacts lie in `.haal/` as haal.lock has. */
export function isStillPlaced({ root, site }: Ground, { seen, counts }: Placed): boolean {
  const countIn = (folder: string) => shownIn(site.disk, path.join(root, '.haal', folder)).length
  const isWhole = shownIn(site.disk, path.join(root, '.haal')).every((each) => countIn(each) === (counts[each] ?? 0))
  return isWhole && isAllUntouched(site, seen)
}

/** How many artifacts a lock has in each folder of `.haal/`. */
export function countsOf(lock: Lock): Record<string, number> {
  const ways = new Set(placesOf(lock).map(({ at }) => at.split('/').slice(1, 3).join('/')))
  const counts: Record<string, number> = {}
  for (const way of ways) {
    const [folder = ''] = way.split('/')
    counts[folder] = (counts[folder] ?? 0) + 1
  }
  return counts
}

function shownIn(disk: Disk, folder: string): string[] {
  return disk.inside(folder).filter((name) => !name.startsWith('.'))
}

/** Whether something lies here that an earlier haal.lock had: the newest, where haal.lock came by itself, or any, where haal.lock does not know it. */
async function hasOtherPast(ground: Ground, lock: Lock): Promise<boolean> {
  const { formerLockText } = await import('../../state/generations.js')
  if (formerLockText(ground.site) !== undefined) return true
  const { leftBehind } = await import('./past-places.js')
  return leftBehind(ground, lock).length > 0
}

function touchedAmong(places: readonly Place[], seen: Seen): Place[] {
  return places.filter((place) => !seen.isUntouched(place.at, contentOf(place)))
}
