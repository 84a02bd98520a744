import path from 'node:path'
import { HaalError } from '../model/errors.js'
import { placeIn } from '../model/place.js'
import type { ApprovedPlan } from '../model/plan.js'
import { placesOf } from '../plan/diff.js'
import { generationFile } from '../state/generations.js'
import { type Kept, openSeen } from '../state/seen.js'
import { contentOf, givenIn } from './places/modified.js'
import type { Session } from './session/session.js'
import { noteSettled } from './up-to-date/settled.js'

interface Committed {
  plan: ApprovedPlan
  generation: number
  /** By absolute place, the names of what was put there. */
  unpacked: ReadonlyMap<string, readonly string[]>
}

/** Writes down, after a commit, what the next command need not find out again. What is odd or goes wrong is no reason to fail: everything is
    done. With --global tools have their things elsewhere than in a project, though the texts of both may be the same. */
export async function noteForNext(session: Session, committed: Committed): Promise<void> {
  try {
    const seen = notePlaces(session, committed)
    const { inTools, byTheTableOfThen } = committed.plan
    const isForProjects = inTools !== undefined && !byTheTableOfThen && !session.flags.global
    await noteSettled(session, { looked: isForProjects ? session.manifest : undefined, seen })
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
  }
}

/** The places that were just put as they shall be, or left alone. The generation is written when everything is staged. Answers what tells
    what is known now, where that is all that haal.lock has. */
function notePlaces({ site }: Session, { plan, generation, unpacked }: Committed): Kept | undefined {
  const staged = site.disk.mark(generationFile(site, generation))?.[3]
  if (staged === undefined) return undefined
  const homes = placesOf(plan.to.lock)
  const { whole, shared } = plan.inTools ?? { whole: [], shared: [] }
  const seen = openSeen(site)
  const written = new Set(plan.steps.map(({ place }) => place))
  const note = (at: string, content: string): void => {
    const place = placeIn(site.root, at)
    if (written.has(place)) seen.put(at, content, { staged, names: unpacked.get(place) })
    else seen.stay(at, content)
  }
  for (const place of [...homes, ...whole]) note(place.at, contentOf(place))
  for (const at of shared) if (site.disk.stat(path.resolve(site.root, at))?.type === 'file') note(at, 'shared')
  if (plan.inTools === undefined) seen.keep()
  else seen.keepAlone()
  return homes.length === 0 ? undefined : seen.keptWith([...homes.map(({ at }) => at), ...givenIn(plan.to.lock)])
}
