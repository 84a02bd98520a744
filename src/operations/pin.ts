import type { CommonFlags, Context } from '../model/context.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { wildcard } from '../model/pattern.js'
import type { Outcome } from '../model/plan.js'
import { parseRequest } from '../model/request.js'
import { isForOne, isRoot, refsMatching, type Want, wantsOf } from '../plan/desire.js'
import { mutate } from './change/mutate.js'
import { askedAnew, besides } from './gather/asked-for.js'
import { installedAs } from './gather/find-installed.js'
import { requiredWants } from './judge/judge-plan.js'
import { type Session, withSession } from './session/session.js'

interface Asked {
  requests: readonly string[]
  flags: CommonFlags & { force?: boolean; approve?: readonly string[] }
}

/** Keeps artifacts at the version they have, or at the one that is named. */
export async function pin(ctx: Context, { requests, flags }: Asked): Promise<Outcome> {
  return withSession(ctx, { command: 'pin', flags }, (session) => {
    const asked = requests.flatMap((text) => {
      const { range } = parseRequest(text)
      const bare = range === undefined ? text : text.slice(0, text.lastIndexOf('@'))
      return installedAs(bare, session).map((ref) => ({
        ref,
        range: range ?? session.lock.artifacts[ref]?.version ?? '*',
      }))
    })
    const pinned = new Set(asked.map(({ ref }) => ref))
    const asPinned = Object.fromEntries(asked.map(({ ref, range }) => [ref, range]))
    const named = asked.map(
      ({ ref, range }): Want => ({
        request: { ...askedAnew(session, ref), range },
        by: wantedBy(ref, session),
        named: true,
      }),
    )
    const others = wantsOf(session.manifest).filter(({ request }) => !isForOne(request, pinned, session.lock))
    return mutate(session, {
      wants: [...besides(session, pinned, others), ...named, ...requiredWants(session)],
      pins: { ...session.manifest.pins, ...asPinned },
      named,
      wishes: ({ lock }) => ({
        artifacts: session.manifest.artifacts,
        pins: {
          ...session.manifest.pins,
          ...Object.fromEntries(asked.map(({ ref }) => [ref, lock.artifacts[ref]?.version ?? '*'])),
        },
      }),
    })
  })
}

/** Lets artifacts follow their ranges again. */
export async function unpin(ctx: Context, { requests, flags }: Asked): Promise<Outcome> {
  return withSession(ctx, { command: 'unpin', flags }, (session) => {
    const waiting = (Object.keys(session.manifest.pins) as Ref[]).filter(
      (ref) => !Object.hasOwn(session.lock.artifacts, ref),
    )
    const freed = new Set(requests.flatMap((text) => pinnedAs(text, waiting, session)))
    const pins = Object.fromEntries(Object.entries(session.manifest.pins).filter(([ref]) => !freed.has(ref as Ref)))
    const wishes = { artifacts: session.manifest.artifacts, pins }
    const named = [...freed]
      .filter((ref) => session.lock.artifacts[ref] !== undefined)
      .map((ref): Want => ({ request: splitRef(ref), by: wantedBy(ref, session) }))
    return mutate(session, {
      wants: [...besides(session, new Set(), wantsOf(wishes)), ...requiredWants(session)],
      pins,
      named,
      wishes: () => wishes,
    })
  })
}

/** A pin may keep away what it is for: then there is nothing installed yet. */
function pinnedAs(text: string, waiting: readonly Ref[], session: Session): Ref[] {
  const { kind, name } = parseRequest(text)
  const fits = wildcard(name)
  const meant = waiting.filter((ref) => {
    const own = splitRef(ref)
    return fits(own.name) && (kind === undefined || kind === own.kind)
  })
  return meant.length === 0 ? installedAs(text, session) : [...meant, ...refsMatching(parseRequest(text), session.lock)]
}

/** A pinned member of a bundle stays a member: it does not become a wish of haal.json's. What both ask for stays a wish, though: two bundles
    that ask only for each other would go. */
function wantedBy(ref: Ref, { lock }: Session): string {
  const { requestedBy = [] } = lock.artifacts[ref] ?? {}
  return requestedBy.find((by) => isRoot({ by })) ?? requestedBy[0] ?? 'haal.json'
}
