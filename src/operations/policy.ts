import type { Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { onError, unanswered } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { note } from '../model/notes.js'
import type { Refusal } from '../model/policy.js'
import { inOrder } from '../model/registries.js'
import type { PolicyCheckResult, PolicyShowResult } from '../model/results.js'
import { judgeLock } from '../policy/approve.js'
import { checked, describe } from '../policy/explain.js'
import { idle } from './change/mutate.js'
import { factsOf } from './judge/facts.js'
import { learnMissing } from './judge/missing-facts.js'
import { judgeVersionsHere } from './session/program-versions.js'
import { type Session, withSession } from './session/session.js'

/** The merged policy, each rule with where it comes from. */
export async function policyShow(ctx: Context, { flags }: { flags: CommonFlags }): Promise<PolicyShowResult> {
  return withSession(ctx, { command: 'policy show', flags, reads: true, explains: true }, async (session) => {
    const warnings = await askPrimary(session)
    return { ...describe(session.policies.policy), warnings: [...warnings, ...session.policies.notes()] }
  })
}

/** Judges haal.lock, and the versions of haal and of tools, by the policy of today; writes nothing. */
export async function policyCheck(ctx: Context, { flags }: { flags: CommonFlags }): Promise<PolicyCheckResult> {
  return withSession(ctx, { command: 'policy check', flags, reads: true, explains: true }, async (session) => {
    await askPrimary(session)
    return checked(await refusalsHere(session), Object.keys(session.lock.artifacts).length)
  })
}

/** What the policy that was read has against what is here. Throws what reading it has thrown. */
export async function refusalsHere(session: Session): Promise<Refusal[]> {
  const ofLock = await judgedLock(session)
  return [...(await judgeVersionsHere(session)), ...ofLock]
}

/** The same of one installed artifact alone. */
export async function refusalsOf(session: Session, ref: Ref, locked: Locked): Promise<Refusal[]> {
  const all = await judgedLock({ ...session, lock: { ...session.lock, artifacts: { [ref]: locked } } })
  return all.filter(({ about }) => about === ref)
}

async function judgedLock(session: Session): Promise<Refusal[]> {
  session.policies.demand()
  const plan = idle(session)
  await learnMissing(session, plan)
  return judgeLock(session.lock, session.policies.policy, await factsOf(session, plan))
}

/** The primary registry's own policy is part of the whole. Where the registry cannot be asked, what is known of it counts, and that is said. */
async function askPrimary({ manifest, shelves }: Session): Promise<Note[]> {
  const [primary] = inOrder(manifest.registries)
  if (primary === undefined) return []
  return onError<Note[], Note[]>(
    [...unanswered, 'E_TOKEN_UNSET', 'E_TOKEN_UNTRUSTED', 'E_POLICY_REGISTRY'],
    async () => {
      await shelves.named(primary.name)
      return []
    },
    ({ message }) => [note('W_POLICY_UNASKED', `the policy of ${primary.name} was not asked for: ${message}`)],
  )
}
