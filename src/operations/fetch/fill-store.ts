import type { Digest } from '../../model/digest.js'
import { fail, type HaalError, onError } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import type { Lock, Locked } from '../../model/lock.js'
import type { Step } from '../../model/plan.js'
import { soundIn } from '../../model/store.js'
import { placesOf } from '../../plan/diff.js'
import type { Chosen } from '../../resolve/choose.js'
import { checkSources } from '../project/lock-sources.js'
import type { Session } from '../session/session.js'
import { located, otherBytes, retake } from './into-store.js'
import { prefetch } from './prefetch.js'

/** Sees to it that the store has, undamaged, everything that steps will take from it; what it lacks comes from where `lock` says, which may be one
    of the past, all of a registry in one go. Throws E_INTEGRITY with all that differ, E_CACHE offline, and what fetching throws. */
export async function stock(session: Session, lock: Lock, steps: readonly Pick<Step, 'after'>[]): Promise<void> {
  const needed = new Set(steps.flatMap(({ after }) => (after.from === 'store' ? [after.integrity] : [])))
  const missing = [...needed].filter((integrity) => soundIn(session.store, integrity) === undefined)
  const then = { ...session, lock }
  if (missing.length === 0) return
  checkSources(then)
  const owners = new Map(placesOf(lock).map(({ ref, content }) => [content.integrity, ref]))
  const found: { lost: Lost; chosen: Chosen }[] = []
  for (const integrity of missing) {
    const lost = lostAt(integrity, owners.get(integrity), lock)
    found.push({ lost, chosen: await fetching(lost, () => located(then, lost.ref, lost.locked)) })
  }
  const [first] = found
  if (first !== undefined) await fetching(first.lost, () => prefetch(found.map(({ chosen }) => chosen)))
  const wrong: { error: HaalError; ref: Ref }[] = []
  for (const { lost, chosen } of found)
    await onError(
      ['E_INTEGRITY'],
      () => fetching(lost, () => retake(session, chosen, lost)),
      (error) => wrong.push({ error, ref: lost.ref }),
    )
  refuseWrong(session, wrong)
}

/** Other bytes than haal.lock names: all that have them are told at once. */
function refuseWrong(session: Session, wrong: readonly { error: HaalError; ref: Ref }[]): void {
  const [first, ...others] = wrong
  if (first === undefined) return
  if (others.length === 0) throw first.error
  fail('E_INTEGRITY', wrong.map(({ error }) => error.message).join('; '), {
    hint: otherBytes(
      session,
      wrong.map(({ ref }) => ref),
    ),
    details: { differences: wrong.map(({ error }) => error.details) },
    cause: first.error,
  })
}

interface Lost {
  ref: Ref
  locked: Locked
}

function lostAt(integrity: Digest, ref: Ref | undefined, { artifacts }: Lock): Lost {
  const locked = ref && artifacts[ref]
  return ref === undefined || locked === undefined
    ? fail('E_CACHE', `the store has lost ${integrity}, and no registry is known to have it`, {
        hint: 'bring its registry back into the configuration, or go on from what the others have: haal update',
      })
    : { ref, locked }
}

async function fetching<T>({ ref, locked }: Lost, fetch: () => Promise<T>): Promise<T> {
  const says = `${ref} ${locked.version} (${locked.integrity}) is not in the store, and --offline forbids fetching it`
  return onError(['E_OFFLINE'], fetch, (cause) =>
    fail('E_CACHE', says, { hint: 'run the command without --offline', cause }),
  )
}
