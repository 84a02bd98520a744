import { type Ref, refOf, splitRef } from '../../model/kinds.js'
import { type Lock, type Locked, lockedEntries } from '../../model/lock.js'
import type { ApprovedPlan, Plan, Surface } from '../../model/plan.js'
import type { Policy } from '../../model/policy.js'
import { parseRequest } from '../../model/request.js'
import { satisfies } from '../../model/versions.js'
import { refsMatching, type Want } from '../../plan/desire.js'
import { approvalsOf } from '../../policy/approval.js'
import { approve, type FactsOf, judgePlan, refusePlan, unapproved } from '../../policy/approve.js'
import { refuse } from '../../policy/refuse.js'
import { judgeRequired, mayRequire, requiredBy } from '../../policy/required.js'
import { demandVersions } from '../session/program-versions.js'
import type { Session } from '../session/session.js'
import { factsOf } from './facts.js'
import { learnMissing } from './missing-facts.js'
import { checkNeeds } from './needed-programs.js'

/** A plan that policy has judged. `approved` is absent for a dry run: what it shows as not approved may still be. */
interface Judged {
  approved?: ApprovedPlan
  /** The lockfile afterwards, with the approvals that were given. */
  lock: Lock
  surfaces: readonly Surface[]
}

/** The second door: the whole plan is judged before anything is written. Asks for approvals that are missing where somebody can answer.
    With --frozen, which writes no lockfile, an approval counts for this once. Throws E_POLICY_…, E_APPROVAL; what was decided goes to the
    audit log either way. */
export async function judge(session: Session, plan: Plan): Promise<Judged> {
  session.policies.demand()
  await learnMissing(session, plan)
  const facts = await factsOf(session, plan)
  const { policy } = session.policies
  await demandVersions(session)
  await checkNeeds(session, plan, facts)
  const granted = await withApprovals(session, plan, facts)
  const { lock } = granted.to
  const surfaces = surfacesIn(granted, policy, facts)
  if (session.flags.dryRun) {
    refusePlan(granted, judgePlan(granted, policy, facts), policy)
    return { lock, surfaces }
  }
  const approved = approve(granted, policy, facts)
  session.audit.allowed(plan)
  if (session.flags.frozen) return { approved: { ...approved, to: plan.to }, lock: plan.to.lock, surfaces }
  return { approved, lock, surfaces }
}

function surfacesIn(plan: Plan, policy: Policy, facts: FactsOf): Surface[] {
  const coming = plan.changes.filter(({ action, to }) => to !== null && ['add', 'update', 'copy'].includes(action))
  return coming.flatMap(({ artifact }) => {
    const surface = facts(artifact).content?.surface ?? []
    return surface.length === 0
      ? []
      : [{ artifact, surface, unapproved: unapproved(artifact, { plan, policy, facts }) }]
  })
}

/** What policy requires, as wants. */
export function requiredWants({ policies }: Pick<Session, 'policies'>): Want[] {
  return requiredBy(policies.policy).map(({ artifact, range }) => ({
    request: { ...parseRequest(artifact), range },
    by: 'policy',
  }))
}

/** What is locked because policy asks for it, where no policy at hand does and that of the primary registry has not been read on this machine: it
    stays until that is known. */
export function requiredByUnread(session: Session): Want[] {
  const { policies, lock } = session
  if (policies.isPrimaryKnown) return []
  const required = new Set(requiredWants(session).flatMap(({ request }) => refsMatching(request, lock)))
  return lockedEntries(lock)
    .filter(([ref, { requestedBy }]) => requestedBy.includes('policy') && !required.has(ref))
    .map(([ref]) => ({ request: splitRef(ref), by: 'policy', stays: true }))
}

/** Throws E_POLICY_REQUIRED, naming the rule, where an artifact may not go. */
export function refuseLosing({ policies, lock }: Session, ref: Ref): void {
  const locked = lock.artifacts[ref]
  if (locked === undefined || !mayRequire(policies.policy, ref, locked)) return
  const { [ref]: _gone, ...artifacts } = lock.artifacts
  const before = judgeRequired(policies.policy, lock).length
  const lost = judgeRequired(policies.policy, { ...lock, artifacts })
  if (lost.length > before)
    refuse(lost.map((each) => ({ ...each, about: ref, reason: 'policy requires it; it stays' })))
}

/** What policy requires and the lock lacks, or has in a version that policy does not take. An id that nobody has here may be a tool's. */
export function lackingRequired(session: Session): Ref[] {
  const { lock } = session
  return requiredWants(session).flatMap(({ request }) => {
    const refs = refsMatching(request, lock)
    const isMet = refs.some((ref) => satisfies(lock.artifacts[ref]?.version ?? '', request.range ?? '*'))
    return isMet ? [] : [refs[0] ?? refOf(request.kind ?? 'tool', request.name)]
  })
}

/** The plan with what the person approves, by --approve or when asked, in its lock: bound to the bytes it was approved for. */
async function withApprovals(session: Session, plan: Plan, facts: FactsOf): Promise<Plan> {
  const { policy } = session.policies
  const { lock } = plan.to
  const approved: Record<Ref, Locked> = {}
  for (const [ref, locked] of lockedEntries(lock)) {
    const items = unapproved(ref, { plan, policy, facts })
    if (items.length > 0 && (await isApproved(session, { ref, lock }, items)))
      approved[ref] = approvedLock(locked, items)
  }
  if (Object.keys(approved).length === 0) return plan
  return { ...plan, to: { ...plan.to, lock: { ...lock, artifacts: { ...lock.artifacts, ...approved } } } }
}

function approvedLock(locked: Locked, items: readonly string[]): Locked {
  const before = (locked.approved ?? []).filter((line) => line.startsWith(`${locked.integrity} `))
  return { ...locked, approved: [...new Set([...before, ...approvalsOf(locked.integrity, items)])].sort() }
}

/** --yes is no answer here: it is about safety. */
async function isApproved(
  { ctx, flags }: Session,
  { ref, lock }: { ref: Ref; lock: Lock },
  items: readonly string[],
): Promise<boolean> {
  const named = (flags.approve ?? []).some((text) => refsMatching(parseRequest(text), lock).includes(ref))
  if (named || ctx.ask === undefined || flags.dryRun) return named
  const message = `${ref} brings something that runs: ${items.join(', ')}. Let it?`
  return (await ctx.ask({ kind: 'approve', artifact: ref, surface: items, message })) === true
}
