import type { Entry } from '../model/targets.js'

export type Found = 'absent' | 'same' | 'edited'

/** The text of a file that haal shares with a person, read once for all that is looked for in it and changed: many changes make the text that
    they make one by one, and what comes in is laid out as the file was when it was read. Each call throws E_CONFLICT where something else stands
    in the value's way. */
export interface SharedText {
  /** Whether a value of haal's is there. */
  find(entry: Entry): Found | Promise<Found>
  /** One more value; a new file has what it needs besides (`scaffold`). */
  add(entry: Entry, scaffold?: Scaffold): void | Promise<void>
  /** A value of the same key, or the item that `was` stands for, changes where it is. */
  replace(was: Entry, entry: Entry): void | Promise<void>
  remove(entry: Entry, scaffold?: Scaffold): void | Promise<void>
  /** undefined where nothing is left of a file that haal made, and where there was none. */
  text(): string | undefined | Promise<string | undefined>
}

export type Scaffold = Readonly<Record<string, unknown>>
