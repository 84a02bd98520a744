import type { Place } from '../plan/diff.js'
import { openSeen } from '../state/seen.js'
import type { Ground } from './ground.js'

/** The places where a person has changed what haal put there. What has not been touched since it was last compared byte by byte is not
    compared again; that is for telling only, never for deciding what to write (`state/seen.ts`). */
export async function modifiedAmong(ground: Ground, places: readonly Place[]): Promise<Place[]> {
  const seen = openSeen(ground.site)
  const contentOf = ({ content }: Place) => JSON.stringify(content)
  const touched = places.filter((place) => !seen.isUntouched(place.at, contentOf(place)))
  if (touched.length === 0) return []
  const { lookerOf } = await import('./look.js')
  const look = lookerOf(ground)
  const modified = touched.filter((place) => {
    const found = seen.look(place.at, contentOf(place))
    const { state } = look(place, place.content)
    if (state === 'same') found()
    return state === 'edited' || state === 'foreign'
  })
  if (!ground.flags.dryRun) seen.keep()
  return modified
}
