import { type Ref, refOf } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import type { ApprovedPlan, Plan } from '../model/plan.js'
import { parseRequest } from '../model/request.js'
import { refsMatching, type Want } from '../plan/desire.js'
import { approvalsOf } from '../policy/approval.js'
import { approve, type FactsOf, unapproved } from '../policy/approve.js'
import { requiredBy } from '../policy/required.js'
import { factsOf } from './facts.js'
import { learnMissing } from './learn.js'
import type { Session } from './session.js'

/** The second door: the whole plan is judged before anything is written. Asks for approvals that are missing where somebody can answer.
    Throws E_POLICY_…, E_APPROVAL; what was decided goes to the audit log either way. */
export async function judge(session: Session, plan: Plan): Promise<ApprovedPlan> {
  session.policies.demand()
  await learnMissing(session, plan)
  const facts = await factsOf(session, plan)
  const granted = await withApprovals(session, plan, facts)
  const approved = approve(granted, session.policies.policy, facts)
  session.audit.allowed(plan)
  return approved
}

/** What policy requires, as wants. */
export function requiredWants({ policies }: Session): Want[] {
  return requiredBy(policies.policy).map(({ artifact, range }) => ({
    request: { ...parseRequest(artifact), range },
    by: 'policy',
  }))
}

/** What policy requires and the lock lacks. */
export function lackingRequired(session: Session): Ref[] {
  return requiredWants(session)
    .filter(({ request }) => refsMatching(request, session.lock).length === 0)
    .map(({ request }) => refOf(request.kind ?? 'skill', request.name))
}

/** The plan with what the person approves, by --approve or when asked, in its lock: bound to the bytes it was approved for. */
async function withApprovals(session: Session, plan: Plan, facts: FactsOf): Promise<Plan> {
  const { policy } = session.policies
  const artifacts = { ...plan.to.lock.artifacts }
  for (const ref of Object.keys(artifacts) as Ref[]) {
    const items = unapproved(ref, { plan, policy, facts })
    if (items.length > 0 && (await isApproved(session, ref, items)))
      artifacts[ref] = approvedLock(artifacts[ref] as Locked, items)
  }
  return { ...plan, to: { ...plan.to, lock: { ...plan.to.lock, artifacts } } }
}

function approvedLock(locked: Locked, items: readonly string[]): Locked {
  const before = (locked.approved ?? []).filter((line) => line.startsWith(`${locked.integrity} `))
  return { ...locked, approved: [...new Set([...before, ...approvalsOf(locked.integrity, items)])].sort() }
}

/** --yes is no answer here: it is about safety. */
async function isApproved({ ctx, flags, lock }: Session, ref: Ref, items: readonly string[]): Promise<boolean> {
  const named = (flags.approve ?? []).some(
    (text) =>
      refsMatching(parseRequest(text), { ...lock, artifacts: { [ref]: lock.artifacts[ref] ?? nameless } }).length > 0,
  )
  if (named || ctx.ask === undefined || flags.dryRun) return named
  const message = `${ref} brings something that runs: ${items.join(', ')}. Let it?`
  return (await ctx.ask({ kind: 'approve', artifact: ref, surface: items, message })) === true
}

const nameless: Locked = { version: '', registry: '', path: '', integrity: 'sha256-', requestedBy: [] }
