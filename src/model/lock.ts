import type { Digest } from './digest.js'
import type { Ref } from './kinds.js'

/** haal.lock as a value. Keys that this haal does not know are kept in `unknown` and written back. */
export interface Lock {
  registries: Readonly<Record<string, LockedRegistry>>
  artifacts: Readonly<Record<Ref, Locked>>
  unknown: Readonly<Record<string, unknown>>
}

export interface LockedRegistry {
  type: string
  location: string
  ref?: string
  /** Absent for a folder, where every artifact's own integrity is its revision. */
  revision?: string
  verified?: boolean
  /** The primary whose own list brought this one. */
  listedBy?: string
  unknown?: Readonly<Record<string, unknown>>
}

/** One installed artifact. All paths have `/`; `copies` and `targets` are places that haal wrote. */
export interface Locked {
  version: string
  registry: string
  /** Where it lay in the registry. */
  path: string
  /** Only where it differs from the registry's. */
  revision?: string
  /** The branch, tag or commit it was asked at, where that is not the registry's own. */
  ref?: string
  integrity: Digest
  /** `haal.json`, `policy`, or the artifacts that brought it. Sorted. */
  requestedBy: readonly string[]
  /** Present where the artifact is a single file: its name in `.haal/<kinds>/`. */
  file?: string
  id?: string
  agentosKind?: string
  entry?: string
  loadable?: boolean
  pinned?: boolean
  requires?: readonly Ref[]
  /** What was approved to run, bound to `integrity`. */
  approved?: readonly string[]
  /** Copies a person asked for, relative to the project where they lie inside it, else absolute. To tell about, never to write or remove. */
  copies?: readonly string[]
  as?: string
  /** Tool → the place that was written for it. */
  targets?: readonly string[]
  unknown?: Readonly<Record<string, unknown>>
}

export const emptyLock: Lock = { registries: {}, artifacts: {}, unknown: {} }
