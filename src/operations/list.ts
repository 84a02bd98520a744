import type { Context } from '../model/context.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { type Locked, lockedRefs } from '../model/lock.js'
import { noRegistry } from '../model/registry.js'
import type { ListedArtifact, ListResult } from '../model/results.js'
import { homeOf } from '../plan/diff.js'
import { labelOf } from '../plan/lock.js'
import { chosenBy, type ListFlags } from './list-flags.js'
import { modifiedIn } from './places/modified.js'
import { type LockedGround, withGround } from './project/ground.js'

/** What is installed or, with `available`, what the registries have. Throws E_NOT_FOUND for a registry that is not configured. */
export async function list(ctx: Context, { flags }: { flags: ListFlags }): Promise<ListResult> {
  if (flags.available) return (await import('./search.js')).available(ctx, { flags })
  return withGround(ctx, { command: 'list', flags }, async (ground) => {
    const isChosen = chosenBy(flags)
    if (flags.registry !== undefined) await demandRegistry(ground, flags.registry)
    return { artifacts: (await installed(ground)).filter(isChosen), warnings: ground.notes }
  })
}

/** One installed artifact as `list` shows it. */
export function listed(ground: LockedGround, ref: Ref, modified: boolean): ListedArtifact {
  const { lock } = ground
  const locked = lock.artifacts[ref] as Locked
  const label = labelOf(ref, lock)
  return {
    artifact: ref,
    ...splitRef(ref),
    ...(locked.agentosKind !== undefined && { agentosKind: locked.agentosKind }),
    id: locked.id ?? null,
    version: locked.version,
    registry: locked.registry,
    revision: label?.revision ?? null,
    integrity: locked.integrity,
    path: homeOf(ref, locked) ?? null,
    pinned: locked.pinned === true,
    verified: lock.registries[locked.registry]?.verified === true,
    requestedBy: locked.requestedBy,
    targets: locked.targets ?? [],
    ...(locked.copies && { copies: locked.copies }),
    modified,
  }
}

/** A registry that only the primary lists is known here once something is installed from it: nothing is asked for a list of what is here. */
async function demandRegistry(ground: LockedGround, name: string): Promise<void> {
  const locked = Object.keys(ground.lock.registries)
  if (locked.includes(name)) return
  const { registries } = await (await import('./project/configuration.js')).configurationOf(ground)
  const names = [...new Set([...registries.map((one) => one.name), ...locked])]
  if (names.includes(name)) return
  noRegistry(name, names, { words: `no registry here is named "${name}", and nothing is installed from one` })
}

async function installed(ground: LockedGround): Promise<ListedArtifact[]> {
  const { modified, missing } = await modifiedIn(ground)
  const refs = lockedRefs(ground.lock).sort()
  return refs.map((ref) => ({ ...listed(ground, ref, modified.has(ref)), ...(missing.has(ref) && { missing: true }) }))
}
