import type { CommonFlags, Context } from '../model/context.js'
import type { PolicyCheckResult, PolicyShowResult } from '../model/results.js'
import { judgeLock } from '../policy/approve.js'
import { checked, describe } from '../policy/explain.js'
import { factsOf } from './facts.js'
import { withSession } from './session.js'

/** The merged policy, each rule with where it comes from. */
export async function policyShow(ctx: Context, { flags }: { flags: CommonFlags }): Promise<PolicyShowResult> {
  return withSession(ctx, { command: 'policy show', flags, reads: true }, async ({ policy, policies }) => ({
    ...describe(policy),
    warnings: policies.notes(),
  }))
}

/** Judges haal.lock by the policy of today; writes nothing. */
export async function policyCheck(ctx: Context, { flags }: { flags: CommonFlags }): Promise<PolicyCheckResult> {
  return withSession(ctx, { command: 'policy check', flags, reads: true }, async (session) => {
    const { lock, manifest, policy } = session
    const state = { wishes: manifest, lock }
    const facts = await factsOf(session, { from: state, to: state })
    return checked(judgeLock(lock, policy, facts), Object.keys(lock.artifacts).length)
  })
}
