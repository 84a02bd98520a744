import type { Note } from './artifact.js'
import type { Digest } from './digest.js'
import type { Ref } from './kinds.js'
import type { Lock } from './lock.js'
import type { Wishes } from './manifest.js'

/** Everything a command can change, as one value. */
export interface State {
  wishes: Wishes
  lock: Lock
}

export type Action = 'add' | 'update' | 'remove' | 'keep' | 'pin' | 'unpin' | 'copy'

export interface Label {
  version: string
  revision: string
  integrity: Digest
}

export interface Change {
  action: Action
  artifact: Ref
  from: Label | null
  to: Label | null
  registry: string | null
  /** Where a copy goes, as the person would name it. */
  place?: string | undefined
  /** Of an update that pins the artifact as well, or lets it go. */
  pinned?: boolean | undefined
  /** Where the artifact itself does not change: the tools that are newly given it, and those that no longer are. Both empty where only places
      change, or one is mended. */
  tools?: { added: readonly string[]; removed: readonly string[] } | undefined
}

/** What shall be at a place afterwards. */
export type Content =
  /** An artifact's files from the store: with `file` that one file, else a folder with all of them or those below `under`. `rename` maps a path in
      that folder to the name that a tool needs. */
  | {
      from: 'store'
      integrity: Digest
      file?: string
      under?: string
      rename?: Readonly<Record<string, string>>
    }
  /** A link to a folder of the project, named relative to its root with `/`. */
  | { from: 'link'; to: string }
  /** Bytes that haal made or merged: one file. */
  | { from: 'bytes'; bytes: Uint8Array }
  /** Only these files of what lies there now: a person's own, kept when the artifact goes. */
  | { from: 'kept'; files: readonly string[] }
  | { from: 'nothing' }

/** What lies at a place, compared with what haal put there; `foreign`: haal put nothing there, or nothing of that type. Paths are relative to the
    place, with `/`, and sorted; '' is the place itself, where that is one file. */
export interface OnDisk {
  state: 'absent' | 'same' | 'edited' | 'foreign'
  changed: readonly string[]
  added: readonly string[]
  missing: readonly string[]
  /** How many files are as haal put them there, where some are not. */
  unchanged?: number
}

/** One place changes from what lies there to `after`. `place` is absolute; `shown` is how messages name it. */
export interface Step {
  place: string
  shown: string
  after: Content
  /** Nothing lay there when this was planned: if something does by now, it is a conflict. */
  onlyIfAbsent?: boolean
  /** The SHA-256, in hex, of the file from which `after` was made: if the file has another by now, it is a conflict. */
  onlyIfSame?: string
  /** What lies there now is kept aside for the person (`--force` over an edit), not deleted. */
  saveOld?: boolean
}

export interface Conflict {
  artifact: Ref
  place: string
  why: 'edited' | 'foreign' | 'unsafe'
  files: readonly string[]
}

/** An artifact that several registries have: the one that it comes from, and those that were passed over. */
export interface Shadow {
  artifact: Ref
  winner: string
  losers: readonly string[]
}

/** What a command would do. A value made without writing: `--dry-run` prints it, `apply` carries it out. */
export interface Plan {
  command: string
  from: State
  to: State
  /** Registries in the order OLAF installs them: last secondary … primary. */
  order: readonly string[]
  changes: readonly Change[]
  steps: readonly Step[]
  conflicts: readonly Conflict[]
  shadowed: readonly Shadow[]
  warnings: readonly Note[]
  /** What can run of everything that comes or changes. */
  surfaces?: readonly Surface[]
  /** The state that a rollback of this plan goes back to, where that is in no generation. */
  found?: State | undefined
  /** The places that tools have afterwards, where the plan looked at every one of them. */
  inTools?: ToolPlaces
  /** Tools' places are as an earlier table of tools (`targets/table.ts`) may have had them, because `to` is a past state. */
  byFormerTable?: boolean
}

/** Places in the folders of tools, relative to the root, with `/`. */
export interface ToolPlaces {
  whole: readonly { at: string; content: Content }[]
  /** Files that haal shares with a person. */
  shared: readonly string[]
}

/** What an artifact brings that can run, and the part of it that still needs approval. */
export interface Surface {
  artifact: Ref
  surface: readonly string[]
  unapproved: readonly string[]
}

declare const approved: unique symbol
/** A plan that policy has let pass. Only `policy/approve.ts` makes one, and `apply` takes nothing else. */
export type ApprovedPlan = Plan & { readonly [approved]: true }

/** What every changing command answers, and what `--json` prints. `generation` is null for a dry run or where nothing changed. */
export interface Outcome {
  generation: number | null
  order: readonly string[]
  changes: readonly Change[]
  shadowed: readonly Shadow[]
  warnings: readonly Note[]
  /** Of a dry run: what can run of everything that would come or change. */
  surfaces?: readonly Surface[]
  /** The registry that `from` has put into the configuration, and the file that has it now. */
  added?: { file: string; registry: string }
}
