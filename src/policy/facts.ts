import type { Digest } from '../model/digest.js'
import type { Ref } from '../model/kinds.js'
import type { Author, Locator } from '../model/registry.js'

export interface RegistryFacts {
  name: string
  at: Locator
  /** Where `at` really is, links followed, if that is another folder. */
  real?: string
  author: Author
  verified: boolean
  /** The configuration has a checksum for it. */
  checksum: boolean
  /** Who signed its index, as far as the signatures were found good. `pending` before anything was asked of the registry; absent means unsigned. */
  signature?: SignedFacts | 'pending'
}

export interface SignedFacts {
  /** Good signatures, by the key that made them, as `readKey` answers it. */
  keys: readonly string[]
  /** What the signed statement calls the registry. */
  id?: string
  /** When that is judged: keys may be pinned until a day. */
  now: Date
}

export interface ArtifactFacts {
  ref: Ref
  id?: string
  version: string
  integrity: Digest
  registry: RegistryFacts
  /** What its registry calls it, where it is installed under another name. */
  also?: readonly Ref[]
  /** Other names that it has or had: they count only against it. */
  formerly?: readonly Ref[]
  /** What a plugin or bundle brings inside; absent where that is not known: a rule that asks for a plugin's parts refuses it then. */
  contains?: readonly Ref[]
  /** Tools that it is placed in. */
  targets?: readonly string[]
  /** May be left out where `asksForContent` says no; a rule that needs it refuses the artifact where it is missing. */
  content?: ContentFacts
  /** Programs that its own files say it needs, with ranges; no rule asks. */
  needs?: Readonly<Record<string, string>>
}

/** What is known of an artifact's bytes. */
export interface ContentFacts {
  /** What can run, as `Reading.surface` has it: `hook: …`, `mcp: …`, `script: …`. */
  surface: readonly string[]
  /** The surface of the version that is installed now; absent where that is not known. */
  before?: readonly string[]
  /** The names under which tools know it, or parts of it, by what stands in its files, where these are others. */
  called?: readonly Ref[]
  /** Where characters hide, for people: `SKILL.md:3 U+200B`. */
  hidden: readonly string[]
  licence?: string
  /** Since its revision was published; absent where the registry does not say. */
  ageHours?: number
  largest: { path: string; bytes: number }
  bytes: number
}
