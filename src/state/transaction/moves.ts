import path from 'node:path'
import { fail } from '../../model/errors.js'
import type { Site } from '../../model/site.js'
import { absoluteFrom, relativeTo } from '../paths.js'
import { type Beside, besideOf, type Journal, type Move } from './journal.js'

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

/** A folder that is made outside the root, with what lies there first, and the mark beside it that shows it. */
interface Made {
  folder: string
  mark: string
}

/** The outermost of the folders that are made outside the root. Their marks go last when they are undone. */
export function madeOutside({ transaction, made }: Pick<Journal, 'transaction' | 'made'>): Made[] {
  const outside = made.filter((folder) => path.isAbsolute(folder))
  const outermost = outside.filter((folder) => !outside.some((other) => folder.startsWith(other + path.sep)))
  return outermost.map((folder, number) => ({ folder, mark: besideOf(folder, { transaction }, `made${number}`).mark }))
}

/** Throws E_RECOVERY where a person has put something at one of these places since. */
export function refuseToUndo({ root }: Pick<Site, 'root'>, places: readonly string[], command: string): void {
  const shown = places.map((place) => relativeTo(root, place))
  const [first] = shown
  if (first === undefined) return
  fail('E_RECOVERY', `an interrupted "${command}" cannot be undone: ${shown.join(', ')} changed meanwhile`, {
    hint: `move it away, then run any haal command: mv ${first} ${first}.mine`,
    details: { places: shown },
  })
}
