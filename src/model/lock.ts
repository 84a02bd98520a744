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
  /** The other name that a copy was made under. */
  as?: string
  /** `<tool>:<place>` for each place that a tool was given. */
  targets?: readonly string[]
  unknown?: Readonly<Record<string, unknown>>
}

export const emptyLock: Lock = { registries: {}, artifacts: {}, unknown: {} }

/** The keys of a lock's artifacts, typed: TypeScript takes all keys for plain text. */
export function lockedRefs({ artifacts }: Pick<Lock, 'artifacts'>): Ref[] {
  return Object.keys(artifacts) as Ref[]
}

/** The same with the artifacts. */
export function lockedEntries({ artifacts }: Pick<Lock, 'artifacts'>): [Ref, Locked][] {
  return Object.entries(artifacts) as [Ref, Locked][]
}

/** A lock with each artifact as `change` makes it. */
export function withEach(lock: Lock, change: (locked: Locked, ref: Ref) => Locked): Lock {
  const artifacts = lockedEntries(lock).map(([ref, locked]) => [ref, change(locked, ref)] as const)
  return { ...lock, artifacts: Object.fromEntries(artifacts) }
}

/** An artifact with its revision written out, also where that is its registry's. */
export function withRevision(locked: Locked, registry: Pick<LockedRegistry, 'revision'> | undefined): Locked {
  const revision = locked.revision ?? registry?.revision
  return revision === undefined ? locked : { ...locked, revision }
}

/** The reverse: an artifact without a revision that is its registry's. */
export function sharingRevision(
  { revision, ...locked }: Locked,
  registry: Pick<LockedRegistry, 'revision'> | undefined,
): Locked {
  return revision === undefined || revision === registry?.revision ? locked : { ...locked, revision }
}
