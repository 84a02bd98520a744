import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { HaalError } from '../../model/errors.js'
import { placeIn } from '../../model/place.js'
import type { ApprovedPlan } from '../../model/plan.js'
import { givenIn } from '../../model/targets.js'
import { contentOf, placesOf } from '../../plan/diff.js'
import { generationFile } from '../../state/generations.js'
import type { Kept } from '../../state/seen.js'
import { notedProject } from '../project/ground.js'
import type { Session } from '../session/session.js'
import { isRuled } from './check.js'
import { noteSettled, questionsOf } from './settled.js'

interface Committed {
  plan: ApprovedPlan
  generation: number
  /** By absolute place, the names of what was put there. */
  unpacked: ReadonlyMap<string, readonly string[]>
}

/** Writes down, after a commit, what the next command need not find out again. */
export async function noteForNext(session: Session, committed: Committed): Promise<void> {
  const { plan } = committed
  await ignoringFailure(async () => {
    const seen = notePlaces(session, committed)
    await noteSettled(session, { looked: lookedAt(session, plan), seen: () => seen })
  })
}

/** The same where an install has found nothing to do, and no note says so, or one that does not hold any more. */
export async function noteNothingToDo(session: Session, plan: ApprovedPlan): Promise<void> {
  if (session.command !== 'install' || isRuled(session, questionsOf(session.manifest))) return
  await ignoringFailure(async () => {
    const seen = keepSeen(session, plan, (at, content) => session.seen.stay(at, content))
    if (seen === undefined || isDeepStrictEqual(notedProject(session)?.placed?.seen, seen)) return
    await noteSettled(session, { looked: lookedAt(session, plan), seen: () => seen })
  })
}

/** The command has done its work: a failure here is no reason for it to fail. */
async function ignoringFailure(act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
  }
}

/** With --global tools have their things elsewhere than in a project, though the texts of both may be the same. */
function lookedAt({ flags, manifest }: Session, { inTools, byFormerTable }: ApprovedPlan) {
  return inTools !== undefined && !byFormerTable && !flags.global ? manifest : undefined
}

/** The places that were just put as they shall be, or left alone. The generation is written when everything is staged. */
function notePlaces(session: Session, { plan, generation, unpacked }: Committed): Kept | undefined {
  const { site, seen } = session
  const staged = site.disk.mark(generationFile(site, generation))?.[3]
  if (staged === undefined) return undefined
  const written = new Set(plan.steps.map(({ place }) => place))
  return keepSeen(session, plan, (at, content) => {
    const place = placeIn(site.root, at)
    if (written.has(place)) seen.put(at, content, { staged, names: unpacked.get(place) })
    else seen.stay(at, content)
  })
}

/** Answers what tells what is known now, where that is all that haal.lock has. */
function keepSeen({ site, seen }: Session, { to, inTools }: ApprovedPlan, note: Note): Kept | undefined {
  const homes = placesOf(to.lock)
  const { whole, shared } = inTools ?? { whole: [], shared: [] }
  for (const place of [...homes, ...whole]) note(place.at, contentOf(place))
  for (const at of shared) if (site.disk.stat(path.resolve(site.root, at))?.type === 'file') note(at, 'shared')
  if (inTools === undefined) seen.keep()
  else seen.keepAlone()
  return homes.length === 0 ? undefined : seen.keptWith([...homes.map(({ at }) => at), ...givenIn(to.lock)])
}

type Note = (at: string, content: string) => void
