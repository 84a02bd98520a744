import type { Resolution } from '../model/artifact.js'
import { type Ref, refOf } from '../model/kinds.js'
import type { Lock, Locked, LockedRegistry } from '../model/lock.js'
import type { Label } from '../model/plan.js'
import type { Registry } from '../model/registry.js'

/** An artifact on its way into a lockfile: its revision is explicit, its registry beside it. */
export interface Settled {
  ref: Ref
  locked: Locked
  registry: LockedRegistry
}

/** What a resolution is in a lockfile. `requestedBy` is filled in when the whole is known. */
export function settled(found: Resolution, registry: Registry, ref?: string): Settled {
  const { version, integrity, content, form, reading, id, agentosKind, requires } = found
  const revision = found.revision.id === 'folder' ? undefined : found.revision.id
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
  return { ref: refOf(found.kind, found.name), locked, registry: lockedRegistry(registry) }
}

export function lockedRegistry({ at, written, ref, verified, listedBy }: Registry): LockedRegistry {
  return {
    type: at.via,
    location: written,
    ...(ref !== undefined && { ref }),
    ...(verified && { verified }),
    ...(listedBy !== undefined && { listedBy }),
  }
}

/** The artifacts of a lock with the revision that they share with their registry written out. */
export function unfolded(lock: Lock): Settled[] {
  return (Object.entries(lock.artifacts) as [Ref, Locked][]).map(([ref, locked]) => {
    const { revision, ...registry } = lock.registries[locked.registry] ?? { type: '', location: '' }
    const own = locked.revision ?? revision
    return { ref, locked: own === undefined ? locked : { ...locked, revision: own }, registry }
  })
}

/** A lock of settled artifacts. A registry's revision is the one that most of its artifacts have, so that the fewest lines say more than
    they must; among equals the smallest, so that the same artifacts always give the same text. */
export function lockOf(all: readonly Settled[], { unknown }: Pick<Lock, 'unknown'>): Lock {
  const registries: Record<string, LockedRegistry> = {}
  const artifacts: Record<Ref, Locked> = {}
  for (const name of [...new Set(all.map(({ locked }) => locked.registry))]) {
    const own = all.filter(({ locked }) => locked.registry === name)
    const revision = mostCommon(own.map(({ locked }) => locked.revision))
    registries[name] = { ...own[0]?.registry, ...(revision !== undefined && { revision }) } as LockedRegistry
    for (const { ref, locked } of own) {
      const { revision: its, ...rest } = locked
      artifacts[ref] = its === undefined || its === revision ? rest : { ...rest, revision: its }
    }
  }
  return { registries, artifacts, unknown }
}

/** What `from` and `to` of a change say. In a folder an artifact's own bytes are its revision. */
export function labelOf(ref: Ref, { artifacts, registries }: Lock): Label | null {
  const locked = artifacts[ref]
  if (locked === undefined) return null
  const { version, integrity, registry } = locked
  return { version, revision: locked.revision ?? registries[registry]?.revision ?? integrity, integrity }
}

function fileName({ name, content }: Resolution): string {
  const base = content.path.slice(content.path.lastIndexOf('/') + 1)
  const dot = base.indexOf('.', base.startsWith(name) ? name.length : 0)
  return `${name}${dot < 0 ? '' : base.slice(dot)}`
}

function mostCommon(revisions: readonly (string | undefined)[]): string | undefined {
  const counts = new Map<string, number>()
  for (const id of revisions) if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1)
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return first?.[0]
}
