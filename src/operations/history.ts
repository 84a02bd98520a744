import type { CommonFlags, Context } from '../model/context.js'
import type { HistoryResult } from '../model/results.js'
import { listGenerations } from '../state/generations.js'
import { withSession } from './session/session.js'

/** The generations of a project, newest first. */
export async function history(ctx: Context, { flags }: { flags: CommonFlags }): Promise<HistoryResult> {
  return withSession(ctx, { command: 'history', flags, reads: true }, async ({ site }) => {
    const all = listGenerations(site)
    const current = all.at(-1)?.number
    return { generations: all.map((each) => ({ ...each, current: each.number === current })).reverse() }
  })
}
