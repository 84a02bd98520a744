import path from 'node:path'
import type { ApprovedPlan } from '../model/plan.js'
import { placesOf } from '../plan/diff.js'
import { generationFile } from '../state/generations.js'
import { openSeen } from '../state/seen.js'
import { contentOf } from './modified.js'
import type { Session } from './session.js'

interface Committed {
  plan: ApprovedPlan
  generation: number
}

/** Writes down that a commit has just put the places of a project as they shall be, or left them alone: the next command need not read them
    again. What --frozen installs is as a rule used once. The generation is written when everything is staged. */
export function noteCommitted({ site, flags }: Session, { plan, generation }: Committed): void {
  if (flags.frozen) return
  const staged = site.disk.mark(generationFile(site, generation))?.[3]
  if (staged === undefined) return
  const seen = openSeen(site)
  const written = new Set(plan.steps.map(({ place }) => place))
  for (const place of placesOf(plan.to.lock)) {
    if (written.has(path.join(site.root, place.at))) seen.put(place.at, contentOf(place), staged)
    else seen.stay(place.at, contentOf(place))
  }
  seen.keep()
}
