import type { CommonFlags, Context } from '../model/context.js'
import { onError, unanswered } from '../model/errors.js'
import { type Ref, refOf } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { parseRequest } from '../model/request.js'
import type { WhyResult } from '../model/results.js'
import { refsMatching } from '../plan/desire.js'
import { explain } from '../policy/explain.js'
import type { RegistryFacts } from '../policy/facts.js'
import { find } from '../resolve/walk.js'
import { registryFacts } from './door.js'
import { registryOf } from './facts.js'
import { type Session, withSession } from './session.js'
import { askedAnew } from './wanted.js'

/** Why an artifact comes from where it comes, who wants it, what it overrides, and which rules of policy speak of it. */
export async function why(
  ctx: Context,
  { request, flags }: { request: string; flags: CommonFlags },
): Promise<WhyResult> {
  return withSession(ctx, { command: 'why', flags, reads: true }, async (session) => {
    const asked = parseRequest(request)
    const [installed] = refsMatching(asked, session.lock)
    const meant = installed === undefined ? asked : askedAnew(session, installed, asked.registry)
    const now = await orUnreachable(installed, () => find(meant, session.manifest, session.shelves))
    const ref = installed ?? (now && refOf(now.artifact.kind, now.artifact.name))
    if (ref === undefined) throw new TypeError('neither installed nor found')
    const locked = session.lock.artifacts[ref]
    const shadow = now?.shadow
    return {
      artifact: ref,
      registry: locked?.registry ?? now?.shelf.registry.name ?? '',
      reason: reasonFor(session, ref, now),
      shadowed: shadow ? [shadow] : [],
      requestedBy: locked?.requestedBy ?? [],
      policy: explain(
        session.policies.policy,
        { ref, id: locked?.id ?? now?.artifact.id },
        registryFor(session, locked, now),
      ),
    }
  })
}

function registryFor(session: Session, locked: Locked | undefined, now: Found | undefined): RegistryFacts | undefined {
  const registry = locked === undefined ? now?.shelf.registry : registryOf(session, locked.registry, session.lock)
  return registry && registryFacts(session, registry)
}

type Found = Awaited<ReturnType<typeof find>>

/** What is installed can be explained without its registry; what is not, cannot. */
function orUnreachable(installed: Ref | undefined, search: () => Promise<Found>): Promise<Found | undefined> {
  if (installed === undefined) return search()
  return onError([...unanswered, 'E_NOT_FOUND', 'E_NO_REGISTRY', 'E_POLICY_REGISTRY'], search, () => undefined)
}

function reasonFor({ lock }: Session, ref: Ref, now: Found | undefined): string {
  const locked = lock.artifacts[ref]?.registry
  if (now === undefined) return `haal.lock says so; ${locked} was not asked`
  const answers = now.shelf.registry.name
  return locked === undefined || locked === answers
    ? now.reason
    : `haal.lock says so; today ${answers} would answer, because ${now.reason}`
}
