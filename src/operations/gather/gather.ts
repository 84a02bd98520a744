import type { Note, Request, Taken } from '../../model/artifact.js'
import { fail, onError } from '../../model/errors.js'
import { type Ref, refOf, splitRef } from '../../model/kinds.js'
import type { Lock, Locked } from '../../model/lock.js'
import type { Wishes } from '../../model/manifest.js'
import { addTo, getOrMake } from '../../model/maps.js'
import { byCodeUnit } from '../../model/names.js'
import type { Shadow } from '../../model/plan.js'
import { isPattern, printRequest } from '../../model/request.js'
import { inShell } from '../../model/text.js'
import { isSameLabel } from '../../model/version-label.js'
import { satisfies } from '../../model/versions.js'
import { byPolicy, type Demand, demandsOf, isMet, metIn, whoAsks } from '../../plan/demand.js'
import { isRoot, reachable, type Want } from '../../plan/desire.js'
import { carriedOn, lockOf, prunedTo, type Unfolded, unfolded, unfoldedOf } from '../../plan/lock.js'
import { asVouched } from '../../plan/sources.js'
import { refuseTwins } from '../../plan/twins.js'
import type { Chosen } from '../../resolve/choose.js'
import { isOlder } from '../../resolve/versions.js'
import { prefetch } from '../fetch/prefetch.js'
import { takeOrRecall } from '../fetch/unchanged-folder.js'
import type { Session } from '../session/session.js'
import { elsewhereNote, goneNote, olderNote, unresolvedNote } from './gather-notes.js'
import { leftOutNotes } from './left-out.js'
import { refuseMoved } from './moved-tags.js'
import { unlessStrict, type Work } from './pick.js'
import { lookUp } from './resolve-want.js'
import {
  changesHere,
  demandStaying,
  followedNote,
  fromChanged,
  recordsNow,
  refuseElsewhere,
  renamedNote,
} from './source-changes.js'

/** What the wants of a command come to: the lock they make, and what is known of the artifacts that are new in it. */
export interface Gathered {
  lock: Lock
  /** The artifacts that each want turned out to be. */
  refs: ReadonlyMap<Want, readonly Ref[]>
  resolved: ReadonlyMap<Ref, Taken>
  shadowed: readonly Shadow[]
  notes: readonly Note[]
}

/** Turns wants into a lock: what is locked and still fits stays as it is, everything else is resolved, fetched and taken in to the store.
    Goes on in rounds, because what an artifact requires is known only when it is there. Writes nothing in the project. */
export async function gather(session: Session, wants: readonly Want[], pins: Wishes['pins']): Promise<Gathered> {
  const demands = demandsOf(wants, pins)
  const isAsDemanded = metIn(session.lock, demands, satisfies)
  const changes = await changesHere(session)
  const isFromChanged = fromChanged(changes, { session, demands })
  const work: Work = {
    session,
    wants,
    demands,
    isMet: (ref) => isAsDemanded(ref) && !isFromChanged(ref),
    isFromChanged,
    changes,
    all: new Map(unfolded(session.lock).map((each) => [each.ref, each])),
    refs: new Map(),
    asked: new Set(),
    own: new Map(),
    resolved: new Map(),
    shadowed: [],
    leftOut: [],
    gone: new Map(),
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
    noteMeaning(want, [...what.locked, ...taken], work)
  }
  return missingMembers(round, work)
}

function noteMeaning(want: Want, means: readonly Ref[], { refs, asked, own }: Work): void {
  refs.set(want, means)
  asked.add(keyOf(want))
  if (isRoot(want) && !isPattern(want.request)) for (const ref of means) getOrMake(own, ref, () => want.request)
}

async function takeOne(chosen: Chosen, want: Want, work: Work): Promise<Ref[]> {
  const ref = refOf(chosen.artifact.kind, chosen.artifact.name)
  const before = work.resolved.get(ref)
  if (before !== undefined) return sameOne(before, chosen, ref)
  refuseNamesake(chosen, ref, work)
  const resolution = await orNoFiles(chosen, want, work)
  if (resolution === undefined) return []
  const registry = chosen.shelf.registry.name
  refuseUnmet(resolution, chosen.ref, byPolicy(work.demands({ ref, id: resolution.id, registry })).own)
  if (!want.evenMoved) await refuseMoved(chosen, resolution, work.session)
  work.resolved.set(ref, resolution)
  work.all.set(ref, carriedOn(unfoldedOf(resolution, { ...chosen.shelf, ref: chosen.ref }), work.session.lock))
  const locked = work.session.lock.artifacts[ref]
  if (want.fresh && locked !== undefined && work.isMet(ref) && isOlder(resolution.version, locked.version))
    work.notes.push(olderNote(ref, locked, { version: resolution.version, registry }))
  if (locked !== undefined && locked.registry !== registry && want.request.registry === undefined)
    work.notes.push(elsewhereNote(ref, { was: locked.registry, now: registry }, work.session))
  if (!isAsLocked(resolution, locked)) work.notes.push(...unlessStrict(resolution.reading.notes, work.session))
  return [ref]
}

/** What a branch or tag holds may be outside the ranges beside it. */
function refuseUnmet({ kind, name, version, registry }: Taken, at: string | undefined, demand: Demand): void {
  const { ranges, by } = demand
  const off = ranges.filter((range) => !isMet({ ...demand, ranges: [range] }, { version, ref: at }, satisfies))
  if (off.length === 0) return
  const ref = refOf(kind, name)
  const there = at === undefined ? version : `${version} at ${at}`
  const who = by.length === 0 ? '' : `; ${whoAsks(by)}`
  fail('E_NO_VERSION', `${registry} has ${ref} ${there}, not ${off.join(' and ')}${who}`, {
    hint: `ask for it by its name: haal install ${inShell(`${ref}@${at ?? version}`)}`,
    details: { artifact: ref, registry, range: ranges.join(' and '), versions: [version] },
  })
}

/** What is there already has been told about when it came. */
function isAsLocked({ integrity, version }: Taken, locked: Locked | undefined): boolean {
  return locked?.integrity === integrity && isSameLabel(locked.version, version)
}

function orNoFiles(chosen: Chosen, want: Want, { session, leftOut }: Work): Promise<Taken | undefined> {
  if (isRoot(want) && !isPattern(want.request)) return takeOrRecall(session, chosen)
  return onError(
    ['E_ENTRY_MISSING'],
    () => takeOrRecall(session, chosen),
    (e) => {
      const { artifact, shelf } = chosen
      const ref = refOf(artifact.kind, artifact.name)
      leftOut.push({ code: 'W_NO_FILES', by: shelf.registry.name, ref, says: e.message })
      return undefined
    },
  )
}

/** Two wants may mean one artifact, but not two that would lie in one place. */
function sameOne(before: Taken, { artifact, shelf }: Chosen, ref: Ref): Ref[] {
  if (before.registry === shelf.registry.name && before.id === artifact.id) return [ref]
  return fail('E_AMBIGUOUS', `two artifacts would be ${ref}: ${nameOf(before)} and ${nameOf(artifact)}`, {
    hint: 'ask for one of them',
  })
}

/** An extension that is asked for by its id does not make way for another of the same name. */
function refuseNamesake({ artifact }: Chosen, ref: Ref, { all, wants }: Work): void {
  const id = all.get(ref)?.locked.id
  if (id === undefined || id === artifact.id || !wants.some(({ request }) => request.name === id)) return
  fail('E_AMBIGUOUS', `two artifacts would be ${ref}: ${id}, which is installed, and ${nameOf(artifact)}`, {
    hint: `take the other out first: haal uninstall ${inShell(id)}`,
  })
}

function nameOf({ registry, id, name }: { registry: string; id?: string; name: string }): string {
  return `${registry}:${id ?? name}`
}

/** What the artifacts of a round require and is not there yet. Members of what is wanted fresh are wanted fresh too. */
function missingMembers(round: readonly Want[], work: Work): Want[] {
  const { asked, own } = work
  const seen = seenByAlike()
  const members = round.flatMap((want) => {
    const isThere = (member: Ref) => work.all.has(member) && work.isMet(member)
    return withStaying(work.refs.get(want) ?? [], work, { isThere, seen: seen(want) }).flatMap((ref) =>
      requiredBy(ref, work)
        .filter((member) => !work.resolved.has(member))
        .filter((member) => work.resolved.has(ref) || !isThere(member))
        .map((member): Want => ({ request: memberRequest(member, want, own), by: ref, ...inherited(want) })),
    )
  })
  return members.filter((want) => !asked.has(keyOf(want)) && asked.add(keyOf(want)))
}

/** What wants that hand down the same have come by: the next of them would find no other members below it. */
function seenByAlike(): (want: Want) => Set<Ref> {
  const all: { alike: Want; seen: Set<Ref> }[] = []
  return (want) => {
    const { fresh, evenMoved, stays } = want
    const isAlike = ({ alike }: { alike: Want }) =>
      alike.fresh === fresh && alike.evenMoved === evenMoved && alike.stays === stays
    const found = all.find(isAlike) ?? { alike: want, seen: new Set<Ref>() }
    if (found.alike === want) all.push(found)
    return found.seen
  }
}

interface Walk {
  isThere(member: Ref): boolean
  seen: Set<Ref>
}

/** With what stays as it is below what stays as it is. */
function withStaying(refs: readonly Ref[], work: Work, { isThere, seen }: Walk): Ref[] {
  const all: Ref[] = []
  const visit = (ref: Ref) => {
    if (!seen.has(ref)) all.push(ref)
    seen.add(ref)
  }
  for (const ref of refs) visit(ref)
  for (const ref of all)
    if (!work.resolved.has(ref))
      for (const member of requiredBy(ref, work)) if (isThere(member) && !work.resolved.has(member)) visit(member)
  return all
}

function requiredBy(ref: Ref, { all }: Work): readonly Ref[] {
  return all.get(ref)?.locked.requires ?? []
}

/** What haal.json asks for itself is raised with what requires it from where haal.json says. */
function memberRequest(member: Ref, { fresh }: Want, own: ReadonlyMap<Ref, Request>): Request {
  return (fresh ? own.get(member) : undefined) ?? splitRef(member)
}

function keyOf({ request, fresh, stays }: Want): string {
  return `${fresh === true} ${stays === true} ${printRequest(request)}`
}

function inherited({ fresh, evenMoved, stays }: Want): Pick<Want, 'fresh' | 'evenMoved' | 'stays'> {
  return { ...(fresh && { fresh }), ...(evenMoved && { evenMoved }), ...(stays && { stays }) }
}

/** What came in, as a lock: members that nobody has are left out of what requires them, and what nothing wants any more is gone. */
async function gathered(work: Work): Promise<Gathered> {
  const { session, changes, all, refs, resolved, shadowed, leftOut, gone, notes } = work
  const come = [...resolved.keys()].flatMap((ref) => all.get(ref) ?? [])
  const registries = recordsNow(asVouched(session.lock, session.manifest.registries), changes, come)
  const roots = new Map<Ref, string[]>()
  for (const [{ by }, own] of refs) if (isRoot({ by })) for (const ref of own) addTo(roots, ref, by)
  const whole = lockOf(
    [...all.values()].map((each) => withMembers(each, all)),
    { ...session.lock, registries },
  )
  const wanted = reachable(whole, roots)
  refuseTwins([...wanted.keys()])
  const lock = prunedTo(whole, wanted)
  refuseElsewhere(session, lock, resolved)
  await demandStaying(session, lock, resolved)
  const followed = changes.filter(({ name }) => Object.hasOwn(lock.registries, name)).map(followedNote)
  const lost = [...gone].filter(([ref]) => !wanted.has(ref)).map(goneNote)
  return {
    lock,
    refs,
    resolved,
    shadowed: sorted(shadowed),
    notes: distinct([
      ...session.renames.map(renamedNote),
      ...(session.unresolved ? [unresolvedNote(session.unresolved)] : []),
      ...followed,
      ...leftOutNotes(leftOut),
      ...lost,
      ...notes,
      ...session.shelves.notes(),
    ]),
  }
}

function withMembers(each: Unfolded, all: ReadonlyMap<Ref, Unfolded>): Unfolded {
  const { requires, ...locked } = each.locked
  const there = requires?.filter((ref) => all.has(ref)) ?? []
  return { ...each, locked: there.length === 0 ? locked : { ...locked, requires: there } }
}

function sorted(shadowed: readonly Shadow[]): Shadow[] {
  const byRef = new Map(shadowed.map((shadow) => [shadow.artifact, shadow]))
  return [...byRef.values()].sort((a, b) => byCodeUnit(a.artifact, b.artifact))
}

function distinct(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [note.message, note])).values()]
}
