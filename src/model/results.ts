import type { Note } from './artifact.js'
import type { Digest } from './digest.js'
import type { ErrorCode } from './errors.js'
import type { Kind, Ref } from './kinds.js'
import type { Change, Shadow } from './plan.js'

/** What each reading command answers; `--json` prints these as they are. */

export interface ListedArtifact {
  artifact: Ref
  kind: Kind
  /** AgentOS's own word for the kind of an extension. */
  agentosKind?: string
  name: string
  id: string | null
  version: string | null
  registry: string
  revision: string | null
  integrity: Digest | null
  path: string | null
  pinned: boolean
  /** The configuration vouches for its registry. */
  verified: boolean
  /** The registry's own index calls it verified: that is what it says. */
  saysVerified?: boolean
  requestedBy: readonly string[]
  targets: readonly string[]
  /** Where copies were put: relative to the project, absolute elsewhere. */
  copies?: readonly string[]
  modified: boolean
  /** Its files are not there, or not all that tools were given. */
  missing?: boolean
  /** What a registry offers, in `list --available` and `search`. */
  description?: string
  author?: string
  installed?: boolean
  unavailable?: string
  /** Where its files are, when the registry only points there. */
  elsewhere?: string
}

export interface ListResult {
  artifacts: readonly ListedArtifact[]
  warnings: readonly Note[]
}

export interface VerifyResult {
  ok: boolean
  checked: number
  problems: readonly Problem[]
  /** haal.lock came otherwise, with a pull, say, and some still lies as it was put there before: an install brings it up to that. */
  behind?: true
}

export interface Problem {
  artifact: Ref
  path: string
  problem: 'missing' | 'changed' | 'added' | 'not-locked'
}

export interface WhyResult {
  artifact: Ref
  registry: string
  reason: string
  shadowed: readonly Shadow[]
  requestedBy: readonly string[]
  policy: readonly { rule: string; source: string; effect: string }[]
}

export interface InfoResult extends ListedArtifact {
  available: string | null
  licence: string | null
  files: readonly { path: string; size: number; executable: boolean }[]
  surface: readonly string[]
  requires: readonly Ref[]
  loadable: boolean | null
  entry: string | null
  notes: readonly string[]
}

export interface HistoryResult {
  generations: readonly { number: number; at: string; command: string; current: boolean; changes: readonly Change[] }[]
}

export interface InitResult {
  file: string
  registries: readonly string[]
  targets: readonly string[]
}

export interface OutdatedResult {
  artifacts: readonly Outdated[]
  /** What haal.json asks for and nobody has installed yet. */
  missing: readonly string[]
  warnings: readonly Note[]
}

export interface Outdated {
  artifact: Ref
  current: string
  /** The newest that haal.json's range and pins let in; null where the registry has it no more. */
  wanted: string | null
  /** The newest there is. */
  latest: string | null
  /** The one that has these: after its own has lost it, another may. */
  registry: string
  pinned: boolean
  /** The bytes differ, even where the label is the same. */
  changed?: boolean
}

export interface DiffResult {
  /** Only artifacts that differ; `text` is a unified diff. */
  artifacts: readonly { artifact: Ref; text: string }[]
}

export interface RegistryListResult {
  /** In the order in which they are asked. */
  registries: readonly ListedRegistry[]
}

export interface ListedRegistry {
  name: string
  type: string
  location: string
  ref: string | null
  verified: boolean
  /** The file and key that names it. */
  source: string
}

/** What `registry add` and `registry remove` changed. */
export interface RegistryEditResult {
  file: string
  action: 'add' | 'remove'
  registry: string
}

export interface RegistryPingResult {
  registries: readonly {
    name: string
    ok: boolean
    revision: string | null
    says: string
    /** The error that it would stop a command with; absent where it is ok. */
    code?: ErrorCode
    /** What to do where it is not ok. */
    mend?: string
  }[]
}

/** What was signed, and by which key. */
export interface SignResult {
  /** The file that the signature lies beside, and the one that holds it. */
  signed: string
  file: string
  id: string
  version: number
  issuedAt: string
  expires: string
  /** The fingerprint of the key. */
  key: string
  /** How many keys have signed this by now. */
  signatures: number
}

export interface RegistrySignResult extends SignResult {
  /** Other files that the signature covers. */
  covers: readonly string[]
  /** Artifacts that it vouches for, and those that it cannot. */
  artifacts: number
  uncovered: readonly string[]
}

export interface RegistryVerifyResult {
  registry: string
  signed: string
  id: string
  version: number
  issuedAt: string
  expires: string
  /** Fingerprints of the trusted keys that have signed. */
  keys: readonly string[]
  artifacts: number
  uncovered: readonly string[]
}

export interface KeygenResult {
  file: string
  encrypted: boolean
  /** As policies and configurations pin it. */
  publicKey: string
  fingerprint: string
}

export interface CacheInfoResult {
  cache: Kept
  store: Kept
}

export interface Kept {
  path: string
  entries: number
  bytes: number
}

/** What `cache clean` and `cache prune` removed. */
export interface CacheRemovedResult {
  path: string
  entries: number
  bytes: number
}

export interface TrustResult {
  registry: string
  origin: string
  /** null where it is the place itself that is trusted, a share of another machine. */
  variable: string | null
  file: string
}

export interface DoctorResult {
  ok: boolean
  checks: readonly Check[]
}

export interface Check {
  name: string
  ok: boolean
  says: string
  /** The command that mends it. */
  mend?: string
}

/** `policy show`: every rule, and where it comes from. */
export interface PolicyShowResult {
  sources: readonly ShownSource[]
  rules: readonly ShownRule[]
  warnings: readonly Note[]
}

export interface ShownSource {
  layer: string
  source: string
  name: string | null
  version: number | null
  contact: string | null
}

export interface ShownRule {
  rule: string
  /** As a policy file would write it. */
  value: unknown
  layer: string
  source: string
  reason: string | null
  /** False where another source's value of the same rule is stricter. */
  inForce: boolean
}

/** `policy check`: what policy has against haal.lock. */
export interface PolicyCheckResult {
  ok: boolean
  checked: number
  refusals: readonly ShownRefusal[]
}

export interface ShownRefusal {
  code: ErrorCode
  about: string
  rule: string
  layer: string
  source: string
  reason: string
  contact: string | null
}
