import { fail } from '../model/errors.js'
import { type Kind, type Ref, refOf, splitRef } from '../model/kinds.js'
import { type Lock, type Locked, lockedRefs } from '../model/lock.js'
import type { ApprovedPlan, Plan, State } from '../model/plan.js'
import type { Policy, Refusal } from '../model/policy.js'
import { toolsGiven } from '../model/targets.js'
import { inShell } from '../model/text.js'
import { approvedIn, demandApproval, judgeApproval, needsApproval } from './approval.js'
import { judgeArtifact } from './decide.js'
import type { ArtifactFacts } from './facts.js'
import { pinnedRange } from './grants.js'
import { refuse } from './refuse.js'
import { judgeRequired } from './required.js'

export type FactsOf = (ref: Ref) => ArtifactFacts

/** Lets a plan pass, or throws the first rule that says no, with all others in its details. Judges everything that would be locked or copied
    afterwards, whether this plan changes it or not: so frozen installs and rollbacks meet the policy of today. A plan that only removes is
    judged by what it removes alone; a policy that became stricter must not keep people from obeying it one artifact at a time.
    Throws E_POLICY_…, E_SIG_MISSING, E_SIG_KEY, E_APPROVAL. */
export function approve(plan: Plan, policy: Policy, facts: FactsOf): ApprovedPlan {
  refusePlan(plan, judgePlan(plan, policy, facts), policy)
  if (!onlyRemoves(plan))
    demandApproval(
      refsIn(plan).map((ref) => ({ ref, items: unapproved(ref, { plan, policy, facts }), look: lookAt(ref, plan) })),
      { command: plan.command, policy },
    )
  return plan as ApprovedPlan
}

/** What shows the bytes that are to come, and not those that are installed; of an update within the ranges, what it changes. */
function lookAt(ref: Ref, { command, from, to }: Plan): string {
  const [was, now] = [from.lock.artifacts[ref], to.lock.artifacts[ref]]
  if (was === undefined || now === undefined || was.integrity === now.integrity) return `haal info ${inShell(ref)}`
  const isWithin = JSON.stringify(from.wishes.artifacts) === JSON.stringify(to.wishes.artifacts)
  return command === 'update' && isWithin
    ? `haal diff ${inShell(ref)} --upstream`
    : `haal info ${inShell(`${ref}@${now.version}`)}`
}

/** Throws the first of these refusals. Where all of them are about what is installed already and stays as it is, the hint says how to get rid of it:
    it would stop every other command, too. */
export function refusePlan({ from, to, command }: Plan, refusals: readonly Refusal[], policy: Policy): void {
  const lacking = new Set(judgeRequired(policy, from.lock).map(({ about }) => about))
  const mayInstall = command !== 'install' || from.lock === to.lock
  if (mayInstall && refusals.every(({ rule, about }) => rule === 'artifacts.required' && lacking.has(about)))
    refuse(refusals, 'take what policy requires: haal install')
  const isHere = ({ about }: Refusal) => {
    const locked = from.lock.artifacts[about as Ref]
    return locked !== undefined && locked.integrity === to.lock.artifacts[about as Ref]?.integrity
  }
  refuse(refusals, refusals.every(isHere) ? wayOut(refusals, policy, from.lock) : undefined)
}

/** The hint for artifacts that policy refuses as they are installed: uninstall them, or install the version that policy pins. None for what policy
    requires. */
function wayOut(refusals: readonly Refusal[], policy: Policy, { artifacts }: Lock): string | undefined {
  const rules = new Set(refusals.map(({ rule }) => rule))
  if (rules.has('artifacts.required')) return undefined
  const refs = [...new Set(refusals.map(({ about }) => about as Ref))]
  const [they, them] = refs.length === 1 ? ['it is', 'it'] : ['they are', 'them']
  if (!rules.has('artifacts.pinned') && !rules.has('targets.allow'))
    return `${they} installed; take ${them} out: haal uninstall ${refs.map(inShell).join(' ')}`
  const pinned = refs.map((ref) => [ref, pinnedRange(policy, { ref, id: artifacts[ref]?.id })] as const)
  if (rules.size > 1 || !rules.has('artifacts.pinned') || pinned.some(([, range]) => range === undefined))
    return undefined
  return `take what policy pins: haal install ${pinned.map((each) => inShell(each.join('@'))).join(' ')}`
}

/** What policy has against a plan, approvals aside. */
export function judgePlan(plan: Plan, policy: Policy, facts: FactsOf): Refusal[] {
  const { from, to, changes } = plan
  const missing = judgeRequired(policy, to.lock)
  if (onlyRemoves(plan)) {
    const before = new Set(judgeRequired(policy, from.lock).map(({ about, source }) => `${about} ${source.from}`))
    return missing.filter(({ about, source }) => !before.has(`${about} ${source.from}`))
  }
  const onlyCopies = changes.length > 0 && changes.every(({ action }) => action === 'copy')
  const isRuled = Object.values(policy.rules).some((rules) => rules.length > 0)
  return [
    ...(isRuled ? refsIn(plan).flatMap((ref) => judgeLocked(ref, { lock: to.lock, policy, facts })) : []),
    ...(onlyCopies ? [] : missing),
  ]
}

/** What policy has against a lockfile: `policy check`. Surface that nobody approved is among it where policy asks for approval. */
export function judgeLock(lock: Lock, policy: Policy, facts: FactsOf): Refusal[] {
  const refs = lockedRefs(lock)
  const plan = { from: { lock }, to: { lock } }
  const waiting = refs.flatMap((ref) => judgeApproval(ref, unapproved(ref, { plan, policy, facts }), policy))
  return [
    ...refs.flatMap((ref) => judgeLocked(ref, { lock, policy, facts })),
    ...waiting,
    ...judgeRequired(policy, lock),
  ]
}

/** The lockfile before and afterwards. */
interface Locks {
  from: Pick<State, 'lock'>
  to: Pick<State, 'lock'>
}

/** What needs an approval that it does not have yet: asked on a terminal, given by `--approve`, written into `to.lock` by `approvalsOf`. A bundle has
    nothing that runs, and the store need not have what it was made of: what it lists is judged one by one. */
export function unapproved(
  ref: Ref,
  { plan, policy, facts }: { plan: Locks; policy: Policy; facts: FactsOf },
): string[] {
  if (splitRef(ref).kind === 'bundle') return []
  const locked = plan.to.lock.artifacts[ref]
  const { content, integrity } = facts(ref)
  const installed = plan.from.lock.artifacts[ref]
  if (content === undefined) {
    if (installed === undefined || installed.integrity === integrity) return []
    return fail('E_BUG', `nobody looked at what ${ref} contains before it was to be updated`)
  }
  const isSame = installed?.integrity === integrity
  const before = isSame ? content.surface : installed && (content.before ?? [])
  return needsApproval(before ?? null, content.surface, policy, approvedIn({ ...locked, integrity }))
}

/** Everything that would be locked afterwards, and what is only copied. */
function refsIn({ to, changes }: Plan): Ref[] {
  const changed = changes.filter((change) => change.to !== null).map(({ artifact }) => artifact)
  return [...new Set([...lockedRefs(to.lock), ...changed])]
}

function onlyRemoves({ changes, steps }: Plan): boolean {
  const removes = changes.filter(({ action }) => action === 'remove').length
  const others = changes.filter(({ action }) => action !== 'remove' && action !== 'keep').length
  return removes > 0 && others === 0 && steps.every(({ after }) => after.from !== 'store')
}

/** What the lockfile entry shows is judged, too: its names, its tools, a bundle's members. A signature that is still `pending` counts as missing. */
function judgeLocked(ref: Ref, { lock, policy, facts }: { lock: Lock; policy: Policy; facts: FactsOf }): Refusal[] {
  const { registry, ...known } = facts(ref)
  const { signature, ...rest } = registry
  const settled = signature === undefined || signature === 'pending' ? rest : registry
  return judgeArtifact(policy, { ...known, ...shownBy(ref, lock.artifacts[ref], known), registry: settled })
}

type Known = Omit<ArtifactFacts, 'registry'>

function shownBy(ref: Ref, locked: Locked | undefined, known: Known): Pick<Known, 'formerly' | 'targets' | 'contains'> {
  if (locked === undefined) return {}
  const { kind } = splitRef(ref)
  const members = kind === 'bundle' ? locked.requires : undefined
  return {
    formerly: [...(known.formerly ?? []), ...aliases(kind, locked)],
    ...(locked.targets !== undefined && { targets: toolsGiven(locked) }),
    ...(members !== undefined && { contains: [...(known.contains ?? []), ...members] }),
  }
}

/** What its place in the registry, and the copies of it, are called. */
function aliases(kind: Kind, { path, as }: Locked): Ref[] {
  const leaf = path.split('/').at(-1)?.replace(/\.md$/i, '')
  return [leaf, as].flatMap((name) => (name === undefined || name === '' ? [] : [refOf(kind, name)]))
}
