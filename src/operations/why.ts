import type { Request } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { onError, unanswered } from '../model/errors.js'
import { type Ref, refOf } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { parseRequest } from '../model/request.js'
import type { WhyResult } from '../model/results.js'
import { refsMatching } from '../plan/desire.js'
import { explain, withRefusals } from '../policy/explain.js'
import type { RegistryFacts } from '../policy/facts.js'
import { type Found, find, shadowAmongAll } from '../resolve/walk.js'
import { askedAnew } from './gather/asked-for.js'
import { oneInstalledAs } from './gather/find-installed.js'
import { registryOf } from './judge/facts.js'
import { refusalsOf } from './policy.js'
import { knownNames } from './registries.js'
import { registryFacts } from './session/judge-registry.js'
import { type Session, withSession } from './session/session.js'

/** Why an artifact comes from where it comes, who wants it, what it overrides, and which rules of policy speak of it. */
export async function why(
  ctx: Context,
  { request, flags }: { request: string; flags: CommonFlags },
): Promise<WhyResult> {
  return withSession(ctx, { command: 'why', flags, reads: true }, async (session) => {
    const asked = parseRequest(request)
    if (refsMatching(asked, session.lock).length > 0) {
      const installed = oneInstalledAs(request, session)
      return explained(
        session,
        installed,
        await orSilent(session, installed, askedAnew(session, installed, asked.registry)),
      )
    }
    const now = await find(asked, session.manifest, session.shelves)
    return explained(session, refOf(now.artifact.kind, now.artifact.name), now)
  })
}

/** Why no registry says anything of it today: `acme does not answer`. */
type Silence = string

/** What is installed can be explained without its registry. */
function orSilent(session: Session, ref: Ref, request: Request): Promise<Found | Silence> {
  const { manifest, shelves, lock } = session
  const own = lock.artifacts[ref]?.registry ?? ''
  const ask = () => find(request, manifest, shelves)
  const orAbsent = () => onError(['E_NOT_FOUND'], ask, (): Silence => `${own} has it no more`)
  const orDown = () =>
    onError(
      unanswered,
      orAbsent,
      async ({ code }): Promise<Silence> =>
        code === 'E_OFFLINE' ? `${own} was not asked` : `${(await silentOne(session)) ?? own} does not answer`,
    )
  return onError(['E_NO_REGISTRY', 'E_POLICY_REGISTRY'], orDown, (): Silence => `${own} was not asked`)
}

/** One registry that is down keeps the others from being believed: it may be another than the artifact came from. */
async function silentOne(session: Session): Promise<string | undefined> {
  for (const name of await knownNames(session)) {
    const answers = await onError(
      unanswered,
      async () => (await session.shelves.named(name)).registry.name === name,
      () => false,
    )
    if (!answers) return name
  }
  return undefined
}

/** `answer`: what a registry says of it today. */
async function explained(session: Session, ref: Ref, answer: Found | Silence): Promise<WhyResult> {
  const locked = session.lock.artifacts[ref]
  const now = typeof answer === 'string' ? undefined : answer
  const refusals = locked === undefined ? [] : await refusalsOf(session, ref, locked)
  const shadow = now && (now.shadow ?? (await shadowAmongAll(now, session.shelves)))
  return {
    artifact: ref,
    registry: locked?.registry ?? now?.shelf.registry.name ?? '',
    reason: reasonFor(session, ref, answer),
    shadowed: shadow ? [shadow] : [],
    requestedBy: locked?.requestedBy ?? [],
    policy: withRefusals(
      explain(session.policies.policy, { ref, id: locked?.id ?? now?.artifact.id }, registryFor(session, locked, now)),
      refusals,
    ),
  }
}

function registryFor(session: Session, locked: Locked | undefined, now: Found | undefined): RegistryFacts | undefined {
  const registry = locked === undefined ? now?.shelf.registry : registryOf(session, locked.registry, session.lock)
  return registry && registryFacts(session, registry)
}

function reasonFor({ lock }: Session, ref: Ref, now: Found | Silence): string {
  const locked = lock.artifacts[ref]?.registry
  if (typeof now === 'string') return `haal.lock says so; ${now}`
  const answers = now.shelf.registry.name
  return locked === undefined || locked === answers
    ? now.reason
    : `haal.lock says so; today ${answers} would answer, because ${now.reason}`
}
