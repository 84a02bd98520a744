import { fail } from '../model/errors.js'
import type { Site } from '../model/site.js'
import { type Beside, besideOf, type Journal, type Move } from './journal.js'
import { absoluteFrom, relativeTo } from './paths.js'

/** A move and the paths it goes between, absolute. */
export interface Path extends Beside {
  move: Move
  place: string
}

export function pathsOf(
  { root }: Pick<Site, 'root'>,
  journal: Pick<Journal, 'transaction' | 'moves'>,
  which: (move: Move) => boolean = () => true,
): Path[] {
  return journal.moves.flatMap((move, number) => {
    if (!which(move)) return []
    const place = absoluteFrom(root, move.place)
    return [{ move, place, ...besideOf(place, journal, number) }]
  })
}

/** Throws E_RECOVERY where there are any. */
export function refuseConflicts({ root }: Pick<Site, 'root'>, places: readonly string[], command: string): void {
  const shown = places.map((place) => relativeTo(root, place))
  const [first] = shown
  if (first === undefined) return
  fail('E_RECOVERY', `an interrupted "${command}" cannot be undone: ${shown.join(', ')} changed meanwhile`, {
    hint: `move it away, then run any haal command: mv ${first} ${first}.mine`,
    details: { places: shown },
  })
}
