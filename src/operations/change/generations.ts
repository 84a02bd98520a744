import type { Lock } from '../../model/lock.js'
import type { State } from '../../model/plan.js'
import { entriesRenamed, renamesIn, withRenames } from '../../plan/renames.js'
import { pastStates, readGeneration } from '../../state/generations.js'
import type { Session } from '../session/session.js'

type Present = Pick<Session, 'site' | 'lock' | 'renames' | 'manifest'>

/** What a rollback may go back to, newest first, its registries under the names of today. Throws as `pastStates` does. */
export function* pastOf(session: Present): Generator<State> {
  for (const past of pastStates(session.site, asWritten(session))) yield named(session, past)
}

/** haal.lock with the names that it has itself. */
export function asWritten({ lock, renames }: Pick<Present, 'lock' | 'renames'>): Lock {
  return withRenames(
    lock,
    renames.map(({ was, now }) => ({ was: now, now: was })),
  )
}

/** The same of one generation. Throws E_NO_GENERATION. */
export function pastAt(session: Present, number: number): State {
  return named(session, readGeneration(session.site, number))
}

function named({ manifest: { registries } }: Present, { wishes, lock }: State): State {
  const renames = renamesIn(lock, registries)
  const [artifacts, pins] = [entriesRenamed(wishes.artifacts, renames), entriesRenamed(wishes.pins, renames)]
  return { wishes: { ...wishes, artifacts, pins }, lock: withRenames(lock, renames) }
}
