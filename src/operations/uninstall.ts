import type { CommonFlags, Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import { emptyLock } from '../model/lock.js'
import type { Outcome } from '../model/plan.js'
import { parseRequest } from '../model/request.js'
import { inShell } from '../model/text.js'
import { refsMatching, wantsOf } from '../plan/desire.js'
import { mutate } from './change/mutate.js'
import { besides } from './gather/asked-for.js'
import { installedAs } from './gather/find-installed.js'
import { refuseLosing, requiredWants } from './judge/judge-plan.js'
import { type Session, withSession } from './session/session.js'

/** Takes artifacts out, and what only they required. */
export async function uninstall(
  ctx: Context,
  { requests, flags }: { requests: readonly string[]; flags: CommonFlags & { force?: boolean } },
): Promise<Outcome> {
  return withSession(ctx, { command: 'uninstall', flags }, (session) => {
    const going = new Set(requests.flatMap((text) => installedAs(text, session)))
    const artifacts = without(session, going)
    const asked = new Set(Object.keys(artifacts).flatMap((key) => refsMatching(parseRequest(key), session.lock)))
    const gone = new Set([...going].filter((ref) => !asked.has(ref)))
    return mutate(session, {
      wants: [...besides(session, gone, wantsOf({ artifacts })), ...requiredWants(session)],
      wishes: ({ lock }) => {
        for (const ref of going) if (lock.artifacts[ref] !== undefined) refuseLosing(session, ref)
        refuseNeeded(going, lock.artifacts, artifacts)
        const pins = Object.fromEntries(Object.entries(session.manifest.pins).filter(([ref]) => !going.has(ref as Ref)))
        return { artifacts, pins }
      },
    })
  })
}

/** haal.json's entries without those that only mean what goes. */
function without({ manifest, lock }: Session, going: ReadonlySet<Ref>): Record<string, string> {
  const stays = Object.entries(manifest.artifacts).filter(([key]) => {
    const means = refsMatching(parseRequest(key), lock)
    return means.length === 0 || means.some((ref) => !going.has(ref))
  })
  return Object.fromEntries(stays)
}

/** What something else still wants would come straight back. */
function refuseNeeded(
  going: ReadonlySet<Ref>,
  left: Session['lock']['artifacts'],
  wishes: Readonly<Record<string, string>>,
): void {
  for (const ref of going) {
    const needed = left[ref]?.requestedBy
    if (needed === undefined) continue
    const patterns = Object.keys(wishes).filter((key) =>
      refsMatching(parseRequest(key), { ...emptyLock, artifacts: left }).includes(ref),
    )
    const who = needed.map((by) => (by === 'haal.json' ? `haal.json (${patterns.join(', ')})` : by))
    const others = needed.filter((by) => by !== 'haal.json')
    fail('E_REQUIRED_BY', `${ref} stays, because ${who.join(' and ')} ${who.length === 1 ? 'asks' : 'ask'} for it`, {
      hint: hintFor(needed, { patterns, all: [ref, ...others] }),
      details: { artifact: ref, requestedBy: needed },
    })
  }
}

function hintFor(needed: readonly string[], { patterns, all }: { patterns: string[]; all: string[] }): string {
  if (needed.includes('policy')) return 'see what policy requires: haal policy show'
  if (!needed.includes('haal.json'))
    return `take out what asks for it, too: haal uninstall ${all.map(inShell).join(' ')}`
  return `name what you want in place of ${patterns.join(', ')} in haal.json, and run: haal install`
}
