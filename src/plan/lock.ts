import type { Taken } from '../model/artifact.js'
import { type Ref, refOf } from '../model/kinds.js'
import {
  type Lock,
  type Locked,
  type LockedRegistry,
  lockedEntries,
  sharingRevision,
  withRevision,
} from '../model/lock.js'
import { leafOf } from '../model/names.js'
import type { Label } from '../model/plan.js'
import { isVerified, type Registry, type Revision } from '../model/registry.js'

/** A lockfile's entry with what it shares with others written out: its own revision, and its registry beside it. */
export interface Unfolded {
  ref: Ref
  locked: Locked
  registry: LockedRegistry
}

/** Where a resolution came from: the registry at its revision, and the ref it was asked at where that is not the registry's own. */
interface Origin {
  registry: Registry
  revision: Revision
  ref?: string | undefined
}

/** A resolution as an entry. `requestedBy` is filled in when the whole is known. */
export function unfoldedOf(found: Taken, { registry, revision: shared, ref }: Origin): Unfolded {
  const { version, integrity, content, form, reading, id, agentosKind, requires } = found
  const revision = idOf(found.revision)
  const registryRevision = idOf(shared)
  const locked: Locked = {
    version,
    registry: registry.name,
    path: content.path,
    ...(revision !== undefined && { revision }),
    ...(ref !== undefined && { ref }),
    integrity,
    requestedBy: [],
    ...(form === 'file' && { file: fileName(found) }),
    ...(id !== undefined && { id }),
    ...(agentosKind !== undefined && { agentosKind }),
    ...(reading.entry !== undefined && { entry: reading.entry }),
    ...(reading.loadable !== undefined && { loadable: reading.loadable }),
    ...(requires.length > 0 && { requires: [...requires].sort() }),
  }
  return {
    ref: refOf(found.kind, found.name),
    locked,
    registry: { ...lockedRegistry(registry), ...(registryRevision !== undefined && { revision: registryRevision }) },
  }
}

/** An artifact that was resolved anew, with what its entry in the lockfile knew besides: where copies of it lie, what was approved of these very
    bytes, and keys that this haal does not know. */
export function carriedOn({ ref, locked, registry }: Unfolded, { artifacts, registries }: Lock): Unfolded {
  const { copies, as, approved, integrity, unknown } = artifacts[ref] ?? {}
  const strange = registries[locked.registry]?.unknown
  return {
    ref,
    locked: {
      ...locked,
      ...(copies && { copies }),
      ...(as !== undefined && { as }),
      ...(approved && integrity === locked.integrity && { approved }),
      ...(unknown && { unknown }),
    },
    registry: { ...registry, ...(strange && { unknown: strange }) },
  }
}

export function lockedRegistry(registry: Registry): LockedRegistry {
  const { at, written, ref, listedBy } = registry
  return {
    type: at.via,
    location: written,
    ...(ref !== undefined && { ref }),
    ...(isVerified(registry) && { verified: true }),
    ...(listedBy !== undefined && { listedBy }),
  }
}

/** The entries of a lock. */
export function unfolded(lock: Lock): Unfolded[] {
  return lockedEntries(lock).map(([ref, locked]) => {
    const registry = lock.registries[locked.registry] ?? { type: '', location: '' }
    return { ref, locked: withRevision(locked, registry), registry }
  })
}

/** A lock of these entries. A registry is as in `given`, else as an artifact of it has it; an artifact that came at another ref keeps its own.
    A registry's revision is the one that most of its artifacts came from, so that the fewest entries need one of their own; among equals the
    smallest, so that the same artifacts always give the same text. */
export function lockOf(all: readonly Unfolded[], { unknown, registries: given }: Omit<Lock, 'artifacts'>): Lock {
  const registries: Record<string, LockedRegistry> = {}
  const artifacts: Record<Ref, Locked> = {}
  for (const name of [...new Set(all.map(({ locked }) => locked.registry))]) {
    const own = all.filter(({ locked }) => locked.registry === name)
    const { revision: _its, ...registry } = given[name] ?? own.at(-1)?.registry ?? { type: '', location: '' }
    const there = own.filter((each) => each.registry.ref === registry.ref)
    const revision = mostCommon((there.length > 0 ? there : own).map((each) => each.registry.revision))
    const strange = own.find(({ registry: { unknown } }) => unknown !== undefined)?.registry.unknown
    registries[name] = {
      ...registry,
      ...(revision !== undefined && { revision }),
      ...(strange !== undefined && { unknown: strange }),
    }
    for (const each of own) artifacts[each.ref] = sharingRevision(withOwnRef(each, registry), registries[name])
  }
  return { registries, artifacts, unknown }
}

/** An entry with the ref that its registry had when it came, where the registry has another now. */
function withOwnRef({ locked, registry: { type, ref } }: Unfolded, now: LockedRegistry): Locked {
  const then = ref ?? withoutRef[type]
  return ref === now.ref || then === undefined || locked.ref !== undefined ? locked : { ...locked, ref: then }
}

/** Where a registry that names no ref stands. */
const withoutRef: Readonly<Partial<Record<string, string>>> = { git: 'HEAD', github: 'HEAD', npm: 'latest' }

/** A lock with only what is wanted, each with who wants it, as `reachable` answers. */
export function prunedTo(lock: Lock, wanted: ReadonlyMap<Ref, readonly string[]>): Lock {
  const staying = unfolded(lock).flatMap((each): Unfolded[] => {
    const requestedBy = wanted.get(each.ref)
    return requestedBy === undefined ? [] : [{ ...each, locked: { ...each.locked, requestedBy } }]
  })
  return lockOf(staying, lock)
}

/** What `from` and `to` of a change say. In a folder an artifact's own bytes are its revision. */
export function labelOf(ref: Ref, { artifacts, registries }: Lock): Label | null {
  const locked = artifacts[ref]
  if (locked === undefined) return null
  const { version, integrity, registry } = locked
  return { version, revision: locked.revision ?? registries[registry]?.revision ?? integrity, integrity }
}

/** A folder has no revision: an artifact's own bytes stand in its place. */
function idOf({ id }: Revision): string | undefined {
  return id === 'folder' ? undefined : id
}

function fileName({ name, content }: Taken): string {
  const base = leafOf(content.path)
  const dot = base.indexOf('.', base.startsWith(name) ? name.length : 0)
  return `${name}${dot < 0 ? '' : base.slice(dot)}`
}

function mostCommon(revisions: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>()
  for (const id of revisions) if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1)
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return first?.[0]
}
