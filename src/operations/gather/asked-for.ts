import type { Request } from '../../model/artifact.js'
import { type Ref, splitRef } from '../../model/kinds.js'
import { lockedEntries } from '../../model/lock.js'
import type { Wishes } from '../../model/manifest.js'
import { getOrMake } from '../../model/maps.js'
import { isPattern, parseRequest, printRequest } from '../../model/request.js'
import { byPolicy, type Demand, type Demands, demandsOf } from '../../plan/demand.js'
import { entryOf, isRoot, lockedFor, type Want, wantsOf } from '../../plan/desire.js'
import { requiredWants } from '../judge/judge-plan.js'
import type { Session } from '../session/session.js'

/** What is asked for an installed artifact: its id where it has one, in the registry that is `named`, else in the one that its entry of haal.json
    names, whatever the order is. */
export function askedAnew({ manifest: { artifacts }, lock }: Session, ref: Ref, named?: string): Request {
  const entry = entryOf(ref, { artifacts, lock })
  const registry = named ?? (entry && parseRequest(entry).registry)
  const own = splitRef(ref)
  return { ...own, name: lock.artifacts[ref]?.id ?? own.name, ...(registry !== undefined && { registry }) }
}

/** What haal.json wants besides what a command is about; where not all of that can be had, what is locked for it or for policy, as it is locked: the
    policy that asks for it may be one that cannot be read now. */
export function besides(
  { unresolved, lock }: Session,
  named: ReadonlySet<Ref>,
  wants: readonly Want[],
): readonly Want[] {
  if (unresolved === undefined) return wants
  return lockedEntries(lock)
    .filter(([ref]) => !named.has(ref))
    .flatMap(([ref, { requestedBy }]) =>
      requestedBy.filter((by) => isRoot({ by })).map((by) => ({ request: splitRef(ref), by, stays: true })),
    )
}

/** What haal.json demands of artifacts; what policy requires of them it refuses itself. */
export function ownDemands(session: Pick<Session, 'policies'>, wishes: Wishes): Demands {
  const demands = demandsOf([...wantsOf(wishes), ...requiredWants(session)], wishes.pins)
  return (artifact) => byPolicy(demands(artifact)).own
}

/** The ranges that bind an installed artifact; its pin is not asked about. */
export function boundBy(session: Session, ref: Ref): Demand {
  const locked = session.lock.artifacts[ref]
  const wants = () => [...wantsOf(session.manifest), ...requiredWants(session)]
  return getOrMake(demands, session, () => demandsOf(wants(), {}))({ registry: '', ...locked, ref })
}

const demands = new WeakMap<Session, Demands>()

/** What haal.json asks for and haal.lock lacks, as it is written there. Ranges are not judged here: that takes the registries. Nor is a pattern,
    once there is a haal.lock: there may be nothing that it fits. */
export function lackingIn({ manifest, lock, hasLock }: Pick<Session, 'manifest' | 'lock' | 'hasLock'>): string[] {
  return wantsOf(manifest)
    .filter(({ request }) => !hasLock || !isPattern(request))
    .filter((want) => lockedFor(want, lock, () => true).length === 0)
    .map(({ request: { range: _range, ...request } }) => printRequest(request))
}
