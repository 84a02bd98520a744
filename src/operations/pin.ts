import type { Request } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { type Ref, splitRef } from '../model/kinds.js'
import type { Outcome } from '../model/plan.js'
import { isPattern, parseRequest } from '../model/request.js'
import { isFor, refsMatching, type Want, wantsOf } from '../plan/desire.js'
import { requiredWants } from './judge.js'
import { isRoot } from './look-up.js'
import { mutate } from './mutate.js'
import { type Session, withSession } from './session.js'
import { installedAs } from './uninstall.js'

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
    const all = wantsOf(session.manifest)
    const own = new Map([...pinned].map((ref) => [ref, all.find(({ request }) => isFor(request, ref, session.lock))]))
    const named = asked.map(
      ({ ref, range }): Want => ({
        request: { ...splitRef(ref), ...ownWords(own.get(ref) ?? patternFor(ref, all, session)), range },
        by: wantedBy(ref, session),
      }),
    )
    const others = all.filter((want) => ![...own.values()].includes(want))
    return mutate(session, {
      wants: [...others, ...named, ...requiredWants(session)],
      named,
      wishes: ({ lock }) => ({
        artifacts: session.manifest.artifacts,
        pins: {
          ...session.manifest.pins,
          ...Object.fromEntries([...pinned].map((ref) => [ref, lock.artifacts[ref]?.version ?? '*'])),
        },
      }),
    })
  })
}

/** Lets artifacts follow their ranges again. */
export async function unpin(ctx: Context, { requests, flags }: Asked): Promise<Outcome> {
  return withSession(ctx, { command: 'unpin', flags }, (session) => {
    const freed = new Set(requests.flatMap((text) => installedAs(text, session)))
    const pins = Object.fromEntries(Object.entries(session.manifest.pins).filter(([ref]) => !freed.has(ref as Ref)))
    const wishes = { artifacts: session.manifest.artifacts, pins }
    const named = [...freed].map((ref): Want => ({ request: splitRef(ref), by: wantedBy(ref, session) }))
    return mutate(session, {
      wants: [...wantsOf(wishes), ...requiredWants(session)],
      named,
      wishes: () => wishes,
    })
  })
}

/** A pinned member of a bundle stays a member: it does not become a wish of haal.json's. What both ask for stays a wish, though: two bundles
    that ask only for each other would go. */
function wantedBy(ref: Ref, { lock }: Session): string {
  const { requestedBy = [] } = lock.artifacts[ref] ?? {}
  return requestedBy.find((by) => isRoot({ by })) ?? requestedBy[0] ?? 'haal.json'
}

function patternFor(ref: Ref, all: readonly Want[], { lock }: Session): Want | undefined {
  return all.find(({ request }) => isPattern(request) && refsMatching(request, lock).includes(ref))
}

/** The registry that haal.json asks for the artifact, and the id that it names it by. */
function ownWords(want: Want | undefined): Partial<Request> {
  if (want === undefined) return {}
  const { registry, name } = want.request
  return { ...(registry !== undefined && { registry }), ...(!isPattern(want.request) && { name }) }
}
