import type { Digest } from './digest.js'
import type { Kind, Ref } from './kinds.js'
import type { Locator, Revision } from './registry.js'

/** What a person asked: `[registry:][kind/]name[@range]`. `name` may be an AgentOS id, or a pattern where several make sense. */
export interface Request {
  registry?: string
  kind?: Kind
  name: string
  /** A version, a range or a ref; absent means whatever the registry offers now. */
  range?: string
}

/** Where the files of an offered artifact are. */
export interface Pointer {
  /** A folder or file in the tree; '' is its root. */
  path: string
  /** Only these folders or files below `path` (a marketplace's `skills: [...]`). */
  include?: readonly string[]
  /** Where the registry only points elsewhere: which tree to open instead of its own. */
  elsewhere?: Elsewhere
  /** A bundle's own definition; such an artifact has no files in any tree. */
  definition?: readonly Ref[]
  /** Files that only the index defines (a plugin under `strict: false`): path → text. Each is added where the tree has no file of that name. */
  made?: Readonly<Record<string, string>>
}

export interface Elsewhere {
  at: Locator
  ref?: string
  /** A commit that is enforced over `ref`. */
  commit?: string
  /** SRI of the archive file itself, where `at` is one. */
  archiveIntegrity?: string
}

/** What a registry offers: a pointer and what the index says, never bytes. */
export interface Artifact {
  registry: string
  kind: Kind
  name: string
  /** The layout that found it. */
  layout: string
  content: Pointer
  form: 'folder' | 'file'
  id?: string
  /** The kind in AgentOS's own words, where it is none of haal's. */
  agentosKind?: string
  /** The index itself names the kind, so what lies inside must agree. */
  kindStated?: boolean
  /** The index's version; without one the label is read from the files (layout/label.ts). */
  version?: string
  /** What this version's files must digest to, where the index says so. */
  integrity?: Digest
  /** Every version the index offers, where it offers several. */
  versions?: Readonly<Record<string, Pick<Artifact, 'content' | 'integrity'>>>
  description?: string
  author?: string
  verified?: boolean
  licence?: string
  /** Names that this one had before (a marketplace's `renames`). Offered in a hint, never followed. */
  formerly?: readonly string[]
  requires: readonly Ref[]
  /** Its registry has to be signed, and no signature says what its bytes are. */
  uncovered?: true
  /** Why it cannot be installed, where the index lists what the tree does not hold. */
  unavailable?: string
}

/** What is known of the files beyond their bytes, read on the way in. */
export interface Reading {
  version?: string
  description?: string
  licence?: string
  /** The module or the persona's file that AgentOS loads, relative to the artifact. */
  entry?: string
  loadable?: boolean
  /** npm packages that it needs and does not bring, name → range. */
  packages?: Readonly<Record<string, string>>
  /** Names of secrets that it cannot work without. */
  secrets?: readonly string[]
  /** Why it is not loadable, and other things to tell once. */
  notes: readonly Note[]
  /** What can run: executable files, hooks, MCP servers, `allowed-tools`. Sorted, for people and for approval. */
  surface: readonly string[]
  /** Other names and ids that the files give the artifact, by which tools may know it. */
  called?: readonly string[]
  /** Programs and versions that the artifact says it needs. */
  needs: Readonly<Record<string, string>>
}

/** Something to tell that stops nothing. `code` is one of the warnings in docs/errors.md. */
export interface Note {
  code: string
  message: string
}

/** An artifact whose bytes are fixed and in the store. Only this can be written into a lockfile. */
export interface Resolution extends Artifact {
  version: string
  revision: Revision
  integrity: Digest
  reading: Reading
}

/** A resolution with only as much of its reading as the lockfile records, and the notes. */
export interface Taken extends Omit<Resolution, 'reading'> {
  reading: Pick<Reading, 'entry' | 'loadable' | 'notes'>
}
