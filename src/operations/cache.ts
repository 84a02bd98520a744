import path from 'node:path'
import type { CommonFlags, Context } from '../model/context.js'
import type { Digest } from '../model/digest.js'
import type { CacheInfoResult, CacheRemovedResult, Kept } from '../model/results.js'
import { locksInUse, rememberProject } from './change/known-projects.js'
import { type Session, withSession } from './session/session.js'

/** What cache and store hold. */
export async function cacheInfo(ctx: Context, { flags }: { flags: CommonFlags }): Promise<CacheInfoResult> {
  return withSession(ctx, { command: 'cache info', flags, reads: true }, async (session) => {
    const { folder, entries, bytes } = session.suppliers.cache.info()
    return { cache: { path: folder, entries, bytes }, store: storeOf(session, session.store.list()) }
  })
}

/** Empties the cache. What is installed, and what rollback needs, is in the store and stays. */
export async function cacheClean(ctx: Context, { flags }: { flags: CommonFlags }): Promise<CacheRemovedResult> {
  return withSession(ctx, { command: 'cache clean', flags, reads: true }, async ({ suppliers, flags: { dryRun } }) => {
    const { folder, entries, bytes } = dryRun ? suppliers.cache.info() : suppliers.cache.clean()
    return { path: folder, entries, bytes }
  })
}

/** Removes from the store what no generation of any project that haal knows of needs, and what killed commands left. Spares what came in within
    the last ten minutes. */
export async function cachePrune(ctx: Context, { flags }: { flags: CommonFlags }): Promise<CacheRemovedResult> {
  return withSession(ctx, { command: 'cache prune', flags }, async (session) => {
    const needed = neededBy(session)
    const before = BigInt(ctx.now().getTime() - settling) * 1_000_000n
    const isOld = (integrity: Digest) => (session.store.stat(integrity)?.mtime ?? before) < before
    const unneeded = session.store.list().filter((integrity) => !needed.has(integrity) && isOld(integrity))
    const removed = storeOf(session, unneeded)
    if (flags.dryRun) return removed
    rememberProject(session)
    for (const integrity of unneeded) session.store.drop(integrity)
    session.store.sweep(ctx.now())
    return removed
  })
}

/** What came in so lately (ms) may be about to be installed by a command that is still at work. */
const settling = 600_000

/** Everything that haal.lock or a generation of a known project names. A project that is gone needs nothing. */
function neededBy(session: Session): Set<Digest> {
  const all = locksInUse(session).flatMap(({ artifacts }) => Object.values(artifacts))
  return new Set(all.map(({ integrity }) => integrity))
}

function storeOf({ store, home }: Session, digests: readonly Digest[]): Kept {
  const bytes = digests.reduce((sum, digest) => sum + (store.stat(digest)?.size ?? 0), 0)
  return { path: path.join(home.data, 'store'), entries: digests.length, bytes }
}
