import type { Note, Resolution } from '../model/artifact.js'
import { fail, onError } from '../model/errors.js'
import { type Ref, refOf, splitRef } from '../model/kinds.js'
import type { Lock } from '../model/lock.js'
import { byCodeUnit } from '../model/names.js'
import { strictCode } from '../model/notes.js'
import type { Shadow } from '../model/plan.js'
import { isPattern, printRequest } from '../model/request.js'
import { lockedFor, reachable, refsMatching, type Want } from '../plan/desire.js'
import { lockOf, type Settled, settled, unfolded } from '../plan/lock.js'
import { isHeld, pinnedRange } from '../policy/grants.js'
import { type Chosen, choose } from '../resolve/choose.js'
import { satisfies } from '../resolve/versions.js'
import { type Found, find, findAll } from '../resolve/walk.js'
import { type LeftOut, leftOutNotes } from './left-out.js'
import { refuseMoved } from './moved.js'
import type { Session } from './session.js'
import { take } from './take.js'

/** What the wants of a command come to: the lock they make, and what is known of the artifacts that are new in it. */
export interface Gathered {
  lock: Lock
  /** The artifacts that each want turned out to be. */
  refs: ReadonlyMap<Want, readonly Ref[]>
  resolved: ReadonlyMap<Ref, Resolution>
  shadowed: readonly Shadow[]
  notes: readonly Note[]
}

/** A gathering under way. `all` starts as what is locked and grows by what is resolved. */
interface Work {
  session: Session
  /** What the command wants, before it is known what that requires. */
  wants: readonly Want[]
  all: Map<Ref, Settled>
  refs: Map<Want, readonly Ref[]>
  resolved: Map<Ref, Resolution>
  shadowed: Shadow[]
  leftOut: LeftOut[]
  notes: Note[]
}

/** Turns wants into a lock: what is locked and still fits stays as it is, everything else is resolved, fetched and taken in to the store.
    Goes on in rounds, because what an artifact requires is known only when it is there. Writes nothing in the project. */
export async function gather(session: Session, wants: readonly Want[]): Promise<Gathered> {
  const work: Work = {
    session,
    wants,
    all: new Map(unfolded(session.lock).map((each) => [each.ref, each])),
    refs: new Map(),
    resolved: new Map(),
    shadowed: [],
    leftOut: [],
    notes: [],
  }
  for (let round = wants; round.length > 0; ) round = await settleRound(round, work)
  return gathered(work)
}

/** Settles the wants of one round; answers with what the artifacts that came in require beyond what is there. */
async function settleRound(round: readonly Want[], work: Work): Promise<Want[]> {
  const found = await Promise.all(round.map(async (want) => ({ want, what: await lookUp(want, work) })))
  await prefetch(found.flatMap(({ what }) => what.chosen))
  for (const { want, what } of found) {
    const taken: Ref[] = []
    for (const chosen of what.chosen) taken.push(...(await takeOne(chosen, want, work)))
    work.refs.set(want, [...what.locked, ...taken])
  }
  return missingMembers(round, work)
}

/** Where a want leads: to what is locked already, or to what has to be taken in. */
async function lookUp(want: Want, work: Work): Promise<{ locked: Ref[]; chosen: Chosen[] }> {
  const { session } = work
  const { request } = want
  const locked = want.fresh && !isPinned(want, session) ? [] : lockedFor(want, session.lock, satisfies)
  if (locked.length > 0 && !(isPattern(request) && want.anew)) return { locked, chosen: [] }
  if (isPattern(request)) return lookUpAll(want, locked, work)
  const found = await orMissing(want, work, () => find(request, session.manifest, session.shelves))
  return { locked, chosen: found === undefined ? [] : [await pick(found, request.range, work)] }
}

/** Everything that a pattern means: what is locked stays, unless it is wanted fresh and not pinned. */
async function lookUpAll({ request, fresh }: Want, locked: readonly Ref[], work: Work): ReturnType<typeof lookUp> {
  const { session, notes } = work
  const { lock, manifest, shelves } = session
  const all = await findAll(request, manifest, shelves)
  if (all.length === 0 && locked.length === 0)
    notes.push({ code: 'W_NO_MATCH', message: `no registry has anything that fits ${printRequest(request)}` })
  notes.push(...told(shelves.catalogNotes(), session))
  const range = request.range === '*' ? undefined : request.range
  const stays = (found: Found) => {
    const ref = refOfFound(found)
    return lock.artifacts[ref] !== undefined && (fresh !== true || holds(ref, session))
  }
  const come = withFiles(
    all.filter((found) => !stays(found)),
    work,
  )
  return {
    locked: [...new Set([...locked, ...all.filter(stays).map(refOfFound)])],
    chosen: await Promise.all(come.map((found) => pick(found, range, work))),
  }
}

function refOfFound({ artifact }: Found): Ref {
  return refOf(artifact.kind, artifact.name)
}

/** Where no version is asked for, the one that policy pins is looked for; where there is none, policy refuses what is found. */
async function pick(found: Found, range: string | undefined, { session, shadowed }: Work): Promise<Chosen> {
  if (found.shadow) shadowed.push(found.shadow)
  const isOpen = range === undefined || range === '*'
  const pinned = isOpen ? pinnedRange(session.policy, { ref: refOfFound(found), id: found.artifact.id }) : undefined
  if (pinned === undefined) return choose(found, range, session.shop)
  return onError(
    ['E_NO_VERSION', 'E_REF'],
    () => choose(found, pinned, session.shop),
    () => choose(found, range, session.shop),
  )
}

/** A pin holds against everything that would raise the artifact. */
function isPinned({ request }: Want, session: Session): boolean {
  const refs = refsMatching(request, session.lock)
  return refs.length > 0 && refs.every((ref) => holds(ref, session))
}

function holds(ref: Ref, { lock, policy }: Session): boolean {
  const locked = lock.artifacts[ref]
  return locked !== undefined && (locked.pinned === true || isHeld(policy, ref, locked))
}

/** A pattern takes what has files, and says what has none. */
function withFiles(all: readonly Found[], { leftOut }: Work): Found[] {
  for (const { artifact, shelf } of all) {
    if (artifact.unavailable === undefined) continue
    const by = shelf.registry.name
    const ref = refOf(artifact.kind, artifact.name)
    leftOut.push({ code: 'W_NO_FILES', by, ref, says: `${by} lists ${ref}, but ${artifact.unavailable}` })
  }
  return all.filter(({ artifact }) => artifact.unavailable === undefined)
}

/** A bundle may list what nobody has: that is told, and the rest of it comes. */
function orMissing<T>(want: Want, { leftOut }: Work, search: () => Promise<T>): Promise<T | undefined> {
  if (isRoot(want)) return search()
  return onError(['E_NOT_FOUND'], search, () => {
    const { by } = want
    const ref = printRequest(want.request)
    leftOut.push({ code: 'W_MEMBER_MISSING', by, ref, says: `${by} lists ${ref}, but no registry has it` })
    return undefined
  })
}

async function takeOne(chosen: Chosen, want: Want, work: Work): Promise<Ref[]> {
  const ref = refOf(chosen.artifact.kind, chosen.artifact.name)
  const before = work.resolved.get(ref)
  if (before !== undefined) return sameOne(before, chosen, ref)
  refuseUsurper(chosen, ref, work)
  const resolution = await orNoFiles(chosen, want, work)
  if (resolution === undefined) return []
  const inRange =
    want.request.range === undefined ||
    isPattern(want.request) ||
    chosen.version !== undefined ||
    chosen.ref !== undefined
  if (!inRange && !satisfies(resolution.version, want.request.range ?? '*'))
    fail('E_NO_VERSION', `${chosen.shelf.registry.name} has ${ref} ${resolution.version}, not ${want.request.range}`)
  if (!want.evenMoved) await refuseMoved(chosen, resolution, work.session.lock)
  work.resolved.set(ref, resolution)
  work.all.set(ref, settled(resolution, { ...chosen.shelf, ref: chosen.ref }))
  work.notes.push(...told(resolution.reading.notes, work.session))
  return [ref]
}

/** With --strict a note that has an error for it becomes that error. */
function told(notes: readonly Note[], { flags }: Session): readonly Note[] {
  for (const note of flags.strict ? notes : []) {
    const code = strictCode(note)
    if (code !== undefined) fail(code, note.message, { hint: 'without --strict this is a warning' })
  }
  return notes
}

function orNoFiles(chosen: Chosen, want: Want, { session, leftOut }: Work): Promise<Resolution | undefined> {
  if (isRoot(want) && !isPattern(want.request)) return take(session, chosen)
  return onError(
    ['E_ENTRY_MISSING'],
    () => take(session, chosen),
    (e) => {
      const { artifact, shelf } = chosen
      const ref = refOf(artifact.kind, artifact.name)
      leftOut.push({ code: 'W_NO_FILES', by: shelf.registry.name, ref, says: e.message })
      return undefined
    },
  )
}

/** Two wants may mean one artifact, but not two that would lie in one place. */
function sameOne(before: Resolution, { artifact, shelf }: Chosen, ref: Ref): Ref[] {
  if (before.registry === shelf.registry.name && before.id === artifact.id) return [ref]
  return fail('E_AMBIGUOUS', `two artifacts would be ${ref}: ${nameOf(before)} and ${nameOf(artifact)}`, {
    hint: 'ask for one of them',
  })
}

/** An extension that is asked for by its id does not make way for another of the same name. */
function refuseUsurper({ artifact }: Chosen, ref: Ref, { all, wants }: Work): void {
  const id = all.get(ref)?.locked.id
  if (id === undefined || id === artifact.id || !wants.some(({ request }) => request.name === id)) return
  fail('E_AMBIGUOUS', `two artifacts would be ${ref}: ${id}, which is installed, and ${nameOf(artifact)}`, {
    hint: `take the other out first: haal uninstall ${id}`,
  })
}

function nameOf({ registry, id, name }: { registry: string; id?: string; name: string }): string {
  return `${registry}:${id ?? name}`
}

/** What the artifacts of a round require and is not there yet. Members of what is wanted fresh are wanted fresh too. */
function missingMembers(round: readonly Want[], work: Work): Want[] {
  const asked = new Set([...work.refs.keys()].map(({ request }) => printRequest(request)))
  const members = round.flatMap((want) =>
    (work.refs.get(want) ?? []).flatMap((ref) =>
      (work.all.get(ref)?.locked.requires ?? [])
        .filter((member) => (work.resolved.has(ref) ? !work.resolved.has(member) : !work.all.has(member)))
        .map((member): Want => ({ request: splitRef(member), by: ref, ...inherited(want) })),
    ),
  )
  return members.filter(({ request }) => !asked.has(printRequest(request)) && asked.add(printRequest(request)))
}

function inherited({ fresh, evenMoved }: Want): Pick<Want, 'fresh' | 'evenMoved'> {
  return { ...(fresh && { fresh }), ...(evenMoved && { evenMoved }) }
}

/** What came in, as a lock: members that nobody has are left out of what requires them, and what nothing wants any more is gone. */
function gathered({ session, all, refs, resolved, shadowed, leftOut, notes }: Work): Gathered {
  const roots = new Map<Ref, string[]>()
  for (const [{ by }, own] of refs)
    if (isRoot({ by })) for (const ref of own) roots.set(ref, [...(roots.get(ref) ?? []), by])
  const whole = lockOf(
    [...all.values()].map((each) => withMembers(each, all)),
    session.lock,
  )
  const wanted = reachable(whole, roots)
  const kept = unfolded(whole).filter(({ ref }) => wanted.has(ref))
  const requested = kept.map((each) => ({
    ...each,
    locked: { ...each.locked, requestedBy: wanted.get(each.ref) ?? [] },
  }))
  return {
    lock: lockOf(requested, session.lock),
    refs,
    resolved,
    shadowed: sorted(shadowed),
    notes: distinct([...leftOutNotes(leftOut), ...notes, ...session.shelves.notes()]),
  }
}

function withMembers(each: Settled, all: ReadonlyMap<Ref, Settled>): Settled {
  const { requires, ...locked } = each.locked
  const there = requires?.filter((ref) => all.has(ref)) ?? []
  return { ...each, locked: there.length === 0 ? locked : { ...locked, requires: there } }
}

/** Transports that can, fetch the folders of one round together. */
async function prefetch(chosen: readonly Chosen[]): Promise<void> {
  const trees = [...new Set(chosen.map(({ tree }) => tree))]
  await Promise.all(
    trees.map((tree) =>
      tree.prefetch?.(
        chosen.filter((one) => one.tree === tree).flatMap(({ artifact: { content } }) => pathsOf(content)),
      ),
    ),
  )
}

function pathsOf({ path, include, definition }: Chosen['artifact']['content']): string[] {
  if (definition !== undefined) return []
  return include === undefined ? [path] : include.map((each) => (path === '' ? each : `${path}/${each}`))
}

function isRoot({ by }: Pick<Want, 'by'>): boolean {
  return !by.includes('/')
}

function sorted(shadowed: readonly Shadow[]): Shadow[] {
  const byRef = new Map(shadowed.map((shadow) => [shadow.artifact, shadow]))
  return [...byRef.values()].sort((a, b) => byCodeUnit(a.artifact, b.artifact))
}

function distinct(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [note.message, note])).values()]
}
