import type { State } from '../model/plan.js'
import { renamesIn, withRenames } from '../plan/renames.js'
import { pastStates, readGeneration } from '../state/generations.js'
import type { Session } from './session.js'

type Present = Pick<Session, 'site' | 'lock' | 'renames' | 'manifest'>

/** What a rollback may go back to, newest first, its registries under the names of today. Throws as `pastStates` does. */
export function* pastOf(session: Present): Generator<State> {
  const { site, lock, renames } = session
  const asWritten = withRenames(
    lock,
    renames.map(({ was, now }) => ({ was: now, now: was })),
  )
  for (const past of pastStates(site, asWritten)) yield named(session, past)
}

/** The same of one generation. Throws E_NO_GENERATION. */
export function pastAt(session: Present, number: number): State {
  return named(session, readGeneration(session.site, number))
}

function named({ manifest: { registries } }: Present, { wishes, lock }: State): State {
  return { wishes, lock: withRenames(lock, renamesIn(lock, registries)) }
}
