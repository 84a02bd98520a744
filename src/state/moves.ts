import { fail } from '../model/errors.js'
import type { Site } from '../model/site.js'
import { asideOf, type Journal, type Move, markOf, newcomerOf } from './journal.js'
import { absoluteFrom, relativeTo } from './paths.js'

/** A move and the paths it goes between, absolute. */
export interface Path {
  move: Move
  place: string
  /** Where the new waits before it comes in. */
  fresh: string
  /** Where the old waits until it goes. */
  aside: string
  /** Only for a place outside the root. */
  mark: string
}

export function pathsOf({ root }: Pick<Site, 'root'>, journal: Journal): Path[] {
  return journal.moves.map((move, number) => {
    const place = absoluteFrom(root, move.place)
    return {
      move,
      place,
      fresh: newcomerOf(place, journal, number),
      aside: asideOf(place, journal, number),
      mark: markOf(place, journal, number),
    }
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
