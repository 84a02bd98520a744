import type { Digest } from './digest.js'
import type { Kind, Ref } from './kinds.js'
import type { Change, Shadow } from './plan.js'

/** What each reading command answers; `--json` prints these as they are (design.md §3). */

export interface ListedArtifact {
  artifact: Ref
  kind: Kind
  name: string
  id: string | null
  version: string | null
  registry: string
  revision: string | null
  integrity: Digest | null
  path: string | null
  pinned: boolean
  verified: boolean
  requestedBy: readonly string[]
  targets: readonly string[]
  modified: boolean
  /** What a registry offers, in `list --available` and `search`. */
  description?: string
  author?: string
  installed?: boolean
  unavailable?: string
}

export interface ListResult {
  artifacts: readonly ListedArtifact[]
  warnings: readonly { code: string; message: string }[]
}

export interface VerifyResult {
  ok: boolean
  checked: number
  problems: readonly Problem[]
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
