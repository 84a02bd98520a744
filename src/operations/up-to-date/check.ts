import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../model/context.js'
import { HaalError } from '../../model/errors.js'
import type { Lock } from '../../model/lock.js'
import type { Outcome } from '../../model/plan.js'
import { placesOf } from '../../plan/diff.js'
import { keptIn } from '../../plan/kept.js'
import { mayHavePolicy } from '../../state/policy/places.js'
import { openSeen } from '../../state/seen.js'
import { needsMending } from '../../state/transaction/leftovers.js'
import { areUnchanged, isStillPlaced } from '../places/modified.js'
import { copiesOf } from '../project/folders.js'
import { type Ground, groundOf, notedProject, type SettledProject } from '../project/ground.js'
import { strangeHost } from '../session/hosts.js'

/** What a plain install answers where there is nothing to do, without opening what an install needs. undefined where there is something to do, or
    anything that the whole pipeline should look at: a policy, something to mend, an edit, tools that it has not looked at yet. Changes nothing but
    what is remembered, so it takes no mutex: what another haal is doing meanwhile shows in the state folder. */
export async function upToDate(
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
  const { site } = ground
  if (!isSafe(ground) || needsMending(site) || needsMending(copiesOf(ground)) || hasUnfinished(ground)) return undefined
  const noted = notedProject(ground)
  if (noted?.placed && !isRuled(ground, noted) && isStillPlaced(ground, noted.placed)) return nothingChanges(noted)
  const { noteSettled, settledOf } = await import('./settled.js')
  const settled = noted ?? (await settledOf(ground))
  if (settled === undefined || isRuled(ground, settled)) return undefined
  const { lock } = settled
  const places = placesOf(lock)
  const seen = openSeen(site)
  if (places.length === 0 || !(await areUnchanged(ground, lock, seen))) return undefined
  if (ground.flags.dryRun) return nothingChanges(settled)
  seen.keep()
  const keptOf = (now: Lock) => seen.keptWith(placesOf(now).map(({ at }) => at))
  if (!isDeepStrictEqual(noted?.placed?.seen, keptOf(lock))) await noteSettled(ground, { seen: keptOf })
  return nothingChanges(settled)
}

/** haal.lock is parsed only where somebody asks for `changes`. */
function nothingChanges(settled: SettledProject): Outcome {
  const { order, warnings } = settled
  return {
    generation: null,
    order,
    get changes() {
      return keptIn(settled.lock)
    },
    shadowed: [],
    warnings,
  }
}

/** Where `.haal` is a link, the whole pipeline says so. */
function isSafe({ ctx: { disk }, root }: Ground): boolean {
  return disk.stat(path.join(root, '.haal'))?.type !== 'link'
}

/** What a killed command has left in the store; the next install clears it away. */
function hasUnfinished({ ctx, home }: Ground): boolean {
  return ctx.disk.names(path.join(home.data, 'store', 'unfinished')).length > 0
}

/** Whether any policy is in force here, was once, or may be. */
export function isRuled(ground: Ground, { folder }: Pick<SettledProject, 'folder'>): boolean {
  const { ctx, home } = ground
  return (
    (folder !== undefined && strangeHost(folder, ground) !== undefined) ||
    mayHavePolicy({ ...ctx, home: home.data, folder })
  )
}
