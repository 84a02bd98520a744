import path from 'node:path'
import type { Ref } from '../../model/kinds.js'
import type { Lock, Locked } from '../../model/lock.js'
import { givenIn, splitTarget } from '../../model/targets.js'
import { contentOf, placesOf } from '../../plan/diff.js'
import type { Seen } from '../../state/seen.js'
import type { LockedGround } from '../project/ground.js'
import { lookerOf, sharedLookerOf } from './compare.js'
import { placeOnDisk, recordedPlaces } from './tool-places.js'

interface Other {
  ref: Ref
  isAbsent: boolean
}

/** Whether a person has changed what haal put down of one artifact, or removed it, in a tool's folder too. */
export async function stateHere(ground: LockedGround, ref: Ref): Promise<{ modified: boolean; missing: boolean }> {
  const own: Pick<Lock, 'artifacts'> = { artifacts: { [ref]: ground.lock.artifacts[ref] as Locked } }
  const look = lookerOf(ground)
  const [home] = placesOf({ ...ground.lock, ...own }).map((place) => look(place, place.content).state)
  const others = (await othersInTools(ground, new Set(givenIn(own)), undefined)).filter((other) => other.ref === ref)
  return {
    modified: home === 'edited' || home === 'foreign' || others.some(({ isAbsent }) => !isAbsent),
    missing: home === 'absent' || others.some(({ isAbsent }) => isAbsent),
  }
}

/** What is not as haal put it, of what tools have at the `touched` places. What is as haal put it is noted in `seen`, where that is given; but not
    what lies behind a link: an edit of that leaves the link as it is. */
export async function othersInTools(
  ground: LockedGround,
  touched: ReadonlySet<string>,
  seen: Seen | undefined,
): Promise<Other[]> {
  const look = lookerOf(ground)
  const lookInto = sharedLookerOf(ground)
  const { whole, shared } = await recordedPlaces(ground, having(touched, ground.lock))
  const others: Other[] = []
  const places = new Set([...touched].map((at) => placeOnDisk(ground, at)))
  const isMeant = (at: string) => places.has(path.resolve(ground.root, at))
  for (const place of whole.filter(({ at }) => isMeant(at))) {
    const found = seen?.look(place.at, contentOf(place))
    const { state } = look(place, place.content)
    if (state === 'same') found?.()
    else others.push({ ref: place.ref, isAbsent: state === 'absent' })
  }
  for (const at of new Set(shared.map((place) => place.at).filter(isMeant))) {
    const isFile = ground.ctx.disk.stat(path.resolve(ground.root, at))?.type === 'file'
    const found = isFile ? seen?.look(at, 'shared') : undefined
    const before = others.length
    for (const place of shared.filter((each) => each.at === at)) {
      const state = await lookInto(place, shared)
      if (state !== 'same') others.push({ ref: place.ref, isAbsent: state === 'absent' })
    }
    if (others.length === before) found?.()
  }
  return others
}

/** The artifacts of which tools have something at one of these places: the others need not be opened. */
function having(places: ReadonlySet<string>, lock: Lock): Lock {
  const isThere = ({ targets = [] }: Locked) => targets.some((target) => places.has(splitTarget(target)[1]))
  const artifacts = Object.entries(lock.artifacts).filter(([, locked]) => isThere(locked))
  return { ...lock, artifacts: Object.fromEntries(artifacts) }
}
