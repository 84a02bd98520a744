import path from 'node:path'
import type { Context } from '../model/context.js'
import { HaalError } from '../model/errors.js'
import type { Lock } from '../model/lock.js'
import type { Manifest } from '../model/manifest.js'
import type { Outcome } from '../model/plan.js'
import { inOrder } from '../model/registries.js'
import { placesOf } from '../plan/diff.js'
import { keptIn } from '../plan/kept.js'
import { isSettled } from '../plan/settled.js'
import { satisfies } from '../resolve/versions.js'
import { needsMending } from '../state/leftovers.js'
import { readLock } from '../state/lockfile.js'
import { readManifest } from '../state/manifest.js'
import { mayHavePolicy } from '../state/policy-places.js'
import { copiesOf } from './folders.js'
import { type Ground, groundOf } from './ground.js'
import { areAsLocked } from './modified.js'
import { checkSources } from './sources.js'

/** What a plain install answers where there is nothing to do, without opening what an install needs. undefined where there is something to do, or
    anything that the whole pipeline should look at: a policy, tools, something to mend, an edit. Changes nothing, so it takes no mutex: what another
    haal is doing meanwhile shows in the state folder. */
export async function asLocked(
  ctx: Context,
  { requests, flags }: { requests: readonly string[]; flags: Readonly<Record<string, unknown>> },
): Promise<Outcome | undefined> {
  const isPlain = Object.keys(flags).every((flag) => plainFlags.has(flag))
  if (!isPlain || requests.length > 0 || ctx.given !== undefined) return undefined
  try {
    return await nothingToDo(groundOf(ctx, { command: 'install', flags }))
  } catch (e) {
    if (e instanceof HaalError) return undefined
    throw e
  }
}

/** Flags that do not change what is to be done. */
const plainFlags = new Set(['json', 'yes', 'quiet', 'verbose', 'offline', 'wait', 'cwd', 'dryRun', 'allowMissing'])

async function nothingToDo(ground: Ground): Promise<Outcome | undefined> {
  const { ctx, site, root } = ground
  if (needsMending(site) || needsMending(copiesOf(ground)) || hasUnfinished(ground)) return undefined
  const lock = readLock(ctx.disk, site.lockFile)
  if (lock === undefined || usesTools(lock)) return undefined
  const manifest = await readManifest(ctx.disk, { root, author: 'project' })
  if (manifest.targets.length > 0 || isRuled(ground, manifest)) return undefined
  checkSources({ lock, manifest })
  const places = placesOf(lock)
  if (places.length === 0 || !isSettled(lock, manifest, satisfies)) return undefined
  if (!(await areAsLocked(ground, places))) return undefined
  return {
    generation: null,
    order: inOrder(manifest.registries)
      .map(({ name }) => name)
      .reverse(),
    changes: keptIn(lock),
    shadowed: [],
    warnings: manifest.warnings,
  }
}

/** What a killed command has left in the store; the next install clears it away. */
function hasUnfinished({ ctx, home }: Ground): boolean {
  return ctx.disk.names(path.join(home.data, 'store', 'unfinished')).length > 0
}

function usesTools({ artifacts }: Lock): boolean {
  return Object.values(artifacts).some(({ targets = [] }) => targets.length > 0)
}

/** Whether any policy is in force here, was once, or may be, or a registry has to be signed. */
function isRuled({ ctx, home }: Ground, { policy, registries }: Manifest): boolean {
  if (registries.some(({ signature }) => signature !== undefined)) return true
  const [primary] = inOrder(registries)
  const folder = primary?.at.via === 'file' ? primary.at.path : undefined
  return mayHavePolicy({ ...ctx, home: home.data, project: policy, folder })
}
