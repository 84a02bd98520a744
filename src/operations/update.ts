import type { Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { fail, onError } from '../model/errors.js'
import { type Ref, refOf, splitRef } from '../model/kinds.js'
import { lockedRefs } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { note } from '../model/notes.js'
import type { Outcome } from '../model/plan.js'
import { isPattern, parseRequest } from '../model/request.js'
import type { Outdated, OutdatedResult } from '../model/results.js'
import { inShell } from '../model/text.js'
import { satisfies } from '../model/versions.js'
import { isMet } from '../plan/demand.js'
import { refsMatching, type Want, wantsOf } from '../plan/desire.js'
import { sourceChanges } from '../plan/sources.js'
import { choose, versionsOf } from '../resolve/choose.js'
import { beyond, isRange, rangeFor } from '../resolve/versions.js'
import { find } from '../resolve/walk.js'
import { mutate } from './change/mutate.js'
import { takeOrRecall } from './fetch/unchanged-folder.js'
import { askedAnew, boundBy, lackingIn } from './gather/asked-for.js'
import { installedAs } from './gather/find-installed.js'
import type { Gathered } from './gather/gather.js'
import { holds } from './gather/pick.js'
import { fromChanged } from './gather/source-changes.js'
import { requiredWants } from './judge/judge-plan.js'
import { type Session, withSession } from './session/session.js'

interface UpdateFlags extends CommonFlags {
  latest?: boolean
  force?: boolean
  allowMissing?: boolean
  approve?: readonly string[]
}

/** Raises artifacts to the newest that haal.json's ranges let in; with `latest` beyond them, and the ranges with them. Pins hold. */
export async function update(
  ctx: Context,
  { requests, flags }: { requests: readonly string[]; flags: UpdateFlags },
): Promise<Outcome> {
  return withSession(ctx, { command: 'update', flags, news: true }, (session) => {
    requests.forEach(refuseVersion)
    const chosen = chosenRefs(session, requests)
    const wants = wantsOf(session.manifest).map((want) =>
      raised(want, { session, chosen, latest: flags.latest === true }),
    )
    const members = membersOnly(session, chosen, wants)
    session.notes.push(...pinnedAmong(session, chosen), ...(flags.latest ? refsAmong(session, wants) : []))
    return mutate(session, {
      wants: [...wants, ...members, ...requiredWants(session)],
      named: requests.length === 0 ? [] : [...wants, ...members].filter(({ fresh }) => fresh),
      wishes: (gathered) => (flags.latest ? withRaisedRanges(session.manifest, wants, gathered) : session.manifest),
    })
  })
}

/** What `update` would change, and what lies beyond the ranges. An artifact whose bytes differ under the same label is outdated too. */
export async function outdated(
  ctx: Context,
  { requests, flags }: { requests: readonly string[]; flags: UpdateFlags },
): Promise<OutdatedResult> {
  return withSession(ctx, { command: 'outdated', flags, reads: true, news: true }, async (session) => {
    const chosen = chosenRefs(session, requests)
    const refs = lockedRefs(session.lock)
      .filter((ref) => chosen === 'all' || chosen.has(ref))
      .sort()
    const stays = (ref: Ref) => holds(ref, session) || (chosen === 'all' && isHeldAbove(ref, session))
    const rows = await Promise.all(refs.map((ref) => compared(session, ref, stays(ref))))
    return {
      artifacts: rows.filter((row) => row !== undefined),
      missing: chosen === 'all' ? lackingIn(session) : [],
      warnings: [...session.notes, ...session.shelves.notes()],
    }
  })
}

/** haal.json says how far an update goes: what is named beside it would be passed over. */
function refuseVersion(text: string): void {
  if (parseRequest(text).range !== undefined)
    fail('E_USAGE', `haal update takes no version: ${text}`, { hint: `take that one: haal install ${inShell(text)}` })
}

type Chosen = ReadonlySet<Ref> | 'all'

function chosenRefs(session: Session, requests: readonly string[]): Chosen {
  return requests.length === 0 ? 'all' : new Set(requests.flatMap((text) => installedAs(text, session)))
}

/** Who names a pinned artifact is told why it stays. */
function pinnedAmong({ lock }: Session, chosen: Chosen): Note[] {
  const named = chosen === 'all' ? [] : [...chosen].filter((ref) => lock.artifacts[ref]?.pinned)
  return named.map((ref) => note('W_PINNED', `${ref} is pinned and stays; let it go: haal unpin ${inShell(ref)}`))
}

/** haal.json's want, asked anew where it is to be raised. */
function raised(want: Want, { session, chosen, latest }: { session: Session; chosen: Chosen; latest: boolean }): Want {
  const refs = refsMatching(want.request, session.lock)
  const isChosen = chosen === 'all' || refs.some((ref) => chosen.has(ref))
  if (!isChosen) return want
  const raises = latest && !isPattern(want.request) && !isAtRef(want)
  const [installed] = refs.map((ref) => session.lock.artifacts[ref]?.version)
  const newer = raises ? beyond(want.request.range, installed) : undefined
  return {
    ...want,
    fresh: true,
    evenMoved: chosen !== 'all',
    ...(chosen !== 'all' && isPattern(want.request) && { only: chosen }),
    ...(newer !== undefined && { beyond: newer }),
    request: raises ? { ...want.request, range: '*' } : want.request,
  }
}

/** Whether an entry asks for no versions: what a branch, a tag or a commit holds has no newer one beyond it. */
function isAtRef({ request: { range } }: Want): boolean {
  return range !== undefined && !isRange(range)
}

function refsAmong({ lock }: Session, wants: readonly Want[]): Note[] {
  const at = wants.filter((want) => want.fresh && isAtRef(want) && !isPattern(want.request))
  return at.flatMap(({ request }) =>
    refsMatching(request, lock)
      .filter((ref) => !lock.artifacts[ref]?.pinned)
      .map((ref) => {
        const newest = inShell(`${ref}@*`)
        return note(
          'W_NO_RANGE',
          `${ref} stays at ${request.range}, as haal.json has it; for its versions: haal install ${newest}`,
        )
      }),
  )
}

/** Named artifacts that only another one brought: they are raised where they stand. */
function membersOnly({ lock }: Session, chosen: Chosen, wants: readonly Want[]): Want[] {
  if (chosen === 'all') return []
  const covered = new Set(wants.filter(({ fresh }) => fresh).flatMap(({ request }) => refsMatching(request, lock)))
  return [...chosen]
    .filter(
      (ref) =>
        !covered.has(ref) && !lock.artifacts[ref]?.pinned && !lock.artifacts[ref]?.requestedBy.includes('haal.json'),
    )
    .map((ref) => ({
      request: splitRef(ref),
      by: lock.artifacts[ref]?.requestedBy[0] ?? ref,
      fresh: true,
      evenMoved: true,
    }))
}

/** `wants` are those of haal.json's entries, in their order. */
function withRaisedRanges(wishes: Wishes, wants: readonly Want[], { refs, lock }: Gathered): Wishes {
  const artifacts = { ...wishes.artifacts }
  for (const [i, [key, range]] of Object.entries(wishes.artifacts).entries()) {
    const want = wants[i]
    if (!want?.fresh || isPattern(want.request) || isAtRef(want)) continue
    for (const ref of refs.get(want) ?? []) {
      const version = lock.artifacts[ref]?.version ?? '*'
      if (!satisfies(version, range)) artifacts[key] = rangeFor(version)
    }
  }
  return { artifacts, pins: wishes.pins }
}

/** Whether only what is pinned asks for an artifact: an update of everything does not come to it. */
function isHeldAbove(ref: Ref, session: Session, seen: ReadonlySet<string> = new Set()): boolean {
  const { artifacts } = session.lock
  const by = artifacts[ref]?.requestedBy ?? []
  const above = new Set([...seen, ref])
  const isHeld = (other: string): boolean =>
    above.has(other) ||
    (Object.hasOwn(artifacts, other) && (holds(other as Ref, session) || isHeldAbove(other as Ref, session, above)))
  return by.length > 0 && by.every(isHeld)
}

async function compared(session: Session, ref: Ref, isHeld: boolean): Promise<Outdated | undefined> {
  const { lock, manifest, shelves, shop } = session
  const locked = lock.artifacts[ref]
  if (locked === undefined) return undefined
  const found = await onError(
    ['E_NOT_FOUND'],
    () => find(askedAnew(session, ref), manifest, shelves),
    () => undefined,
  )
  const row = { artifact: ref, current: locked.version, registry: locked.registry, pinned: locked.pinned === true }
  if (found === undefined) return { ...row, wanted: null, latest: null }
  const demand = boundBy(session, ref)
  const now = await onError(
    ['E_NO_VERSION'],
    async () => takeOrRecall(session, await choose(found, demand.ranges, shop)),
    () => undefined,
  )
  const changes = sourceChanges(lock, manifest.registries)
  const isFromChanged = fromChanged(changes, { session, demands: () => demand })
  const stays = locked.registry === found.shelf.registry.name && isMet(demand, locked, satisfies) && !isFromChanged(ref)
  const labels = await versionsOf(found, shop)
  const newer = demand.ranges.map((range) => beyond(range) ?? '*')
  const latest =
    labels.find((one) => newer.every((range) => satisfies(one, range))) ?? labels[0] ?? now?.version ?? null
  const wanted = isHeld ? locked.version : (now?.version ?? (stays ? locked.version : null))
  const isOther = refOf(found.artifact.kind, found.artifact.name) !== ref
  const changed = !isHeld && now !== undefined && (now.integrity !== locked.integrity || isOther)
  const isBeyond = latest !== null && latest !== locked.version && latest !== wanted
  const registry = found.shelf.registry.name
  return changed || wanted === null || isBeyond ? { ...row, registry, wanted, latest, changed } : undefined
}
