import type { Ref } from '../../model/kinds.js'
import type { Problem } from '../../model/results.js'
import type { SharedPlace } from '../../model/targets.js'
import { type Look, type Place, placesOf } from '../../plan/diff.js'
import type { LockedGround } from '../project/ground.js'
import { lookerOf, sharedLookerOf } from './compare.js'
import { recordedPlaces } from './tool-places.js'

/** What lies otherwise than haal.lock says, in `.haal/` and in tools' folders, of the artifacts that are meant. */
export async function problemsIn(
  ground: LockedGround,
  isMeant: (ref: Ref) => boolean = () => true,
): Promise<Problem[]> {
  const look = lookerOf(ground)
  const homes = placesOf(ground.lock).filter(({ ref }) => isMeant(ref))
  return [
    ...homes.flatMap((place) => problemsAt(look, place)),
    ...(await problemsInTools(ground, ({ ref }) => isMeant(ref))),
  ]
}

/** What lies in tools' folders otherwise than haal.lock says, in the places that are meant. */
export async function problemsInTools(ground: LockedGround, isMeant: IsMeant<Place | SharedPlace>): Promise<Problem[]> {
  const look = lookerOf(ground)
  const lookInto = sharedLookerOf(ground)
  const { whole, shared } = await recordedPlaces(ground, ground.lock)
  const files = (await filtered(whole, isMeant)).flatMap((place) => problemsAt(look, place))
  const values = await Promise.all(
    (await filtered(shared, isMeant)).map(async (place): Promise<Problem[]> => {
      const found = await lookInto(place, shared)
      const problem = found === 'absent' ? 'missing' : 'changed'
      return found === 'same' ? [] : [{ artifact: place.ref, path: place.at, problem }]
    }),
  )
  return [...files, ...values.flat()]
}

type IsMeant<P> = (place: P) => Promise<boolean> | boolean

/** `filter` by a test that may take time. */
export async function filtered<P>(places: readonly P[], isMeant: IsMeant<P>): Promise<P[]> {
  const kept = await Promise.all(places.map(isMeant))
  return places.filter((_, at) => kept[at])
}

/** What lies at one place otherwise than haal put it there. */
function problemsAt(look: Look, place: Place): Problem[] {
  const { ref: artifact, at, content } = place
  const seen = look(place, content)
  const all = (files: readonly string[], problem: Problem['problem']) =>
    files.map((file): Problem => ({ artifact, path: file === '' ? at : `${at}/${file}`, problem }))
  if (seen.state === 'absent') return [{ artifact, path: at, problem: 'missing' }]
  if (seen.state === 'same') return []
  if (seen.added.includes('')) return [{ artifact, path: at, problem: 'changed' }]
  const found = [...all(seen.missing, 'missing'), ...all(seen.changed, 'changed'), ...all(seen.added, 'added')]
  return found.length > 0 ? found : [{ artifact, path: at, problem: 'changed' }]
}
