import { fail } from '../model/errors.js'
import type { Entry } from '../model/targets.js'

export type Found = 'absent' | 'same' | 'edited'

/** The text of a file that haal shares with a person, read once for everything that is looked for and changed in it. Many changes give the same text
    as one at a time would; what comes in is laid out as the file was when it was read. Each call throws E_CONFLICT where something else stands in the
    value's way. */
export interface SharedText {
  /** Whether a value of haal's is there. */
  find(entry: Entry): Found | Promise<Found>
  /** One more value; a new file gets the scaffold too. */
  add(entry: Entry, scaffold?: Scaffold): void | Promise<void>
  /** The value of this key, or the item that `was` names, changes where it stands. */
  replace(was: Entry, entry: Entry): void | Promise<void>
  remove(entry: Entry, scaffold?: Scaffold): void | Promise<void>
  /** undefined where nothing is left of a file that haal made, and where there was none. */
  text(): string | undefined | Promise<string | undefined>
}

/** Top-level keys that a file needs besides haal's values. */
export type Scaffold = Readonly<Record<string, unknown>>

export function refuse(message: string, hint: string, source: string): never {
  return fail('E_CONFLICT', message, { hint, details: { file: source } })
}
