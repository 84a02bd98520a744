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

/** The artifacts of a lock by their names: what is an object's key has no type of its own. */
export function lockedRefs({ artifacts }: Pick<Lock, 'artifacts'>): Ref[] {
  return Object.keys(artifacts) as Ref[]
}

/** Each artifact of a lock, with its name before it. */
export function lockedEntries({ artifacts }: Pick<Lock, 'artifacts'>): [Ref, Locked][] {
  return Object.entries(artifacts) as [Ref, Locked][]
}

/** A lock with each artifact as `change` makes it. */
export function withEach(lock: Lock, change: (locked: Locked, ref: Ref) => Locked): Lock {
  const artifacts = lockedEntries(lock).map(([ref, locked]) => [ref, change(locked, ref)] as const)
  return { ...lock, artifacts: Object.fromEntries(artifacts) as Lock['artifacts'] }
}

/** An artifact with the revision written out that it may share with its registry. */
export function withRevision(locked: Locked, registry: Pick<LockedRegistry, 'revision'> | undefined): Locked {
  const revision = locked.revision ?? registry?.revision
  return revision === undefined ? locked : { ...locked, revision }
}

/** The same the other way round: without a revision that its registry says already. */
export function sharingRevision(
  { revision, ...locked }: Locked,
  registry: Pick<LockedRegistry, 'revision'> | undefined,
): Locked {
  return revision === undefined || revision === registry?.revision ? locked : { ...locked, revision }
}
