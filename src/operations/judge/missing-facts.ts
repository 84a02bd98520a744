import { type ErrorCode, onError, unanswered } from '../../model/errors.js'
import { type Ref, splitRef } from '../../model/kinds.js'
import { type Locked, lockedEntries } from '../../model/lock.js'
import type { Plan } from '../../model/plan.js'
import { lacking } from '../../policy/signers.js'
import { located, retake } from '../fetch/into-store.js'
import { wantedAge } from '../fetch/minimum-age.js'
import { checkSources } from '../project/lock-sources.js'
import type { Session } from '../session/session.js'
import { demandsOn } from '../signing/verify-index.js'
import { registryOf, signersOf } from './facts.js'

/** Why a registry cannot say now what is not known: then it stays unknown, and is judged so. */
const unlearned: readonly ErrorCode[] = [
  ...unanswered,
  'E_REF',
  'E_INTEGRITY',
  'E_ENTRY_MISSING',
  'E_POLICY_REGISTRY',
  'E_CONFIG',
]

/** Rules about signatures and ages ask for what only the registry knows. What neither this command nor an earlier one has learned of the artifacts of
    a plan is asked there; a lockfile's word is none. */
export async function learnMissing(session: Session, { to, changes }: Plan): Promise<void> {
  const onlyGoes = changes.some(({ action }) => action === 'remove') && changes.every(({ to: label }) => label === null)
  if (onlyGoes) return
  const all = lockedEntries(to.lock)
  const isAsked = ([ref, locked]: [Ref, Locked]) => isUnknown(session, ref, locked, to.lock)
  const then = { ...session, lock: to.lock }
  if (all.some(isAsked)) checkSources(then)
  for (const [ref, locked] of all)
    if (isAsked([ref, locked]))
      await onError(
        unlearned,
        async () => retake(then, await located(then, ref, locked), { ref, locked }),
        () => undefined,
      )
}

function isUnknown(session: Session, ref: Ref, locked: Locked, lock: Plan['to']['lock']): boolean {
  const { policy } = session.policies
  const registry = registryOf(session, locked.registry, lock)
  const signed = signersOf(session, registry, locked.integrity)
  if (demandsOn(registry, policy).some(({ pins }) => lacking(pins, signed) !== undefined)) return true
  const asksAge = wantedAge(policy) > 0 && splitRef(ref).kind !== 'bundle'
  return asksAge && session.learned.bytes(locked.integrity)?.published === undefined
}
