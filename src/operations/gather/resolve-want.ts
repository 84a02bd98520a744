import type { Note, Request, Taken } from '../../model/artifact.js'
import { fail, onError, unanswered } from '../../model/errors.js'
import { type Kind, type Ref, refOf } from '../../model/kinds.js'
import { kept } from '../../model/maps.js'
import { note, strictCode } from '../../model/notes.js'
import type { Shadow } from '../../model/plan.js'
import { isPattern, printRequest } from '../../model/request.js'
import { inShell } from '../../model/text.js'
import { byPolicy, type Demand, type Demands, type Known } from '../../plan/demand.js'
import { decides, isRoot, isStray, isUnmet, lockedFor, refsMatching, type Want } from '../../plan/desire.js'
import type { Settled } from '../../plan/lock.js'
import type { SourceChange } from '../../plan/sources.js'
import { isHeld, pinnedRange } from '../../policy/grants.js'
import { whoRequires } from '../../policy/required.js'
import { type Chosen, choose } from '../../resolve/choose.js'
import { sayHowToGoOn } from '../../resolve/shelves.js'
import { type Found, find, findAll, isNamesake, namesakes } from '../../resolve/walk.js'
import { goOnWithout, type Session } from '../session/session.js'
import type { LeftOut } from './left-out.js'
import { orWhoAsks } from './no-version-error.js'

/** A gathering under way. `all` starts as what is locked and grows by what is resolved. */
export interface Work {
  session: Session
  /** What the command wants, before it is known what that requires. */
  wants: readonly Want[]
  demands: Demands
  /** Whether what is locked is as demanded, and its registry as it was. */
  isMet(ref: Ref): boolean
  /** Whether the registry that it is locked from is configured otherwise by now. */
  isPassed(ref: Ref): boolean
  /** Those registries. */
  changes: readonly SourceChange[]
  all: Map<Ref, Settled>
  refs: Map<Want, readonly Ref[]>
  /** What those wants ask for, so that nothing is asked for twice. */
  asked: Set<string>
  /** By what each artifact is asked for that is asked for by its name. */
  own: Map<Ref, Request>
  resolved: Map<Ref, Taken>
  shadowed: Shadow[]
  leftOut: LeftOut[]
  /** What patterns have brought and no registry has any more. */
  gone: Map<Ref, Request>
  notes: Note[]
}

/** Where a want leads: to what is locked already, or to what has to be taken in. */
interface LookedUp {
  locked: Ref[]
  chosen: Chosen[]
}

export async function lookUp(want: Want, work: Work): Promise<LookedUp> {
  const [{ session }, { request }] = [work, want]
  if (want.stays) return { locked: refsMatching(request, session.lock), chosen: [] }
  const locked =
    want.fresh && !isPinned(want, session) ? untouched(want, work) : lockedFor(want, session.lock, work.isMet)
  if (locked.length > 0 && !(isPattern(request) && isOpen(want, work))) return { locked, chosen: [] }
  if (isPattern(request)) return lookUpAll(want, locked, work)
  const found = await orMissing(want, work, () => find(request, session.manifest, session.shelves))
  if (found === undefined) return { locked, chosen: [] }
  work.notes.push(...namesakes(found, request))
  const [ref] = want.fresh ? lockedFor(want, session.lock, work.isMet) : []
  return orStays({ found, ref }, work, async () => [await pick(found, want, work)])
}

/** What a pattern means and a command that names only some of it leaves alone. */
function untouched(want: Want, { session: { lock }, isMet }: Work): Ref[] {
  const { only } = want
  return only === undefined ? [] : lockedFor(want, lock, isMet).filter((ref) => !only.has(ref))
}

/** What an update finds no version of in its range, or cannot ask about, stays as it is, where `ref` is it and in its range: the rest is updated
    all the same. */
function orStays(
  { found, ref }: { found: Found; ref: Ref | undefined },
  { session, notes }: Work,
  picked: () => Promise<Chosen[]>,
): Promise<LookedUp> {
  const locked = ref && session.lock.artifacts[ref]
  const come = async () => {
    const chosen = await picked()
    return { locked: chosen.length === 0 && ref !== undefined ? [ref] : [], chosen }
  }
  if (ref === undefined || locked?.registry !== found.shelf.registry.name) return come()
  return onError(['E_NO_VERSION'], come, ({ message }) => {
    notes.push(note('W_NO_VERSION', `${ref} stays at ${locked.version}: ${message}`))
    return { locked: [ref], chosen: [] }
  })
}

/** Everything that a pattern means: what is locked stays, unless it is wanted fresh and not pinned. */
async function lookUpAll(want: Want, locked: readonly Ref[], work: Work): Promise<LookedUp> {
  const { request, fresh, only } = want
  const { session, notes } = work
  const { lock, manifest, shelves } = session
  const all = await findAll(request, manifest, shelves)
  if (all.length === 0 && locked.length === 0) fitsNothing(want, work)
  notes.push(...told(shelves.catalogNotes(), session))
  const isIn = (ref: Ref) =>
    lock.artifacts[ref] !== undefined && work.isMet(ref) && !isStray(ref, want, { wants: work.wants, lock })
  const isSilent = leftOutOf(session)
  const staysAs = (ref: Ref) => isIn(ref) && (fresh !== true || holds(ref, session) || isSilent(ref))
  const stays = (found: Found) => staysAs(refOfFound(found))
  const offered = new Set(all.map(refOfFound))
  const brought = refsMatching(request, lock).filter((ref) => lock.artifacts[ref]?.requestedBy.includes('haal.json'))
  const left = brought.filter((ref) => !offered.has(ref) && (staysAs(ref) || isPinnedTo(ref, work)))
  const asked = askedFor(work)
  const news = only !== undefined && isNew(want, work)
  const isMeant = (ref: Ref) => only?.has(ref) !== false || (news && lock.artifacts[ref] === undefined)
  const isOfPassed = isPassing(want, work) ? passedAlone(work) : () => true
  const comes = (found: Found) =>
    !stays(found) && isMeant(refOfFound(found)) && isOfPassed(found) && !hasOwnEntry(found, asked)
  const come = await Promise.all(
    withFiles(all.filter(comes), work).map((found) => {
      const ref = isIn(refOfFound(found)) ? refOfFound(found) : undefined
      return orStays({ found, ref }, work, () => orLeftOut(found, work, () => pick(found, want, work)))
    }),
  )
  const staying = [...all.filter(stays).map(refOfFound), ...come.flatMap((each) => each.locked)]
  const there = new Set([...locked, ...left, ...staying])
  for (const ref of brought) if (!there.has(ref) && !offered.has(ref)) work.gone.set(ref, request)
  return { locked: [...there], chosen: come.flatMap(({ chosen }) => chosen) }
}

/** Whether a pattern is looked up only because a registry is configured otherwise by now: the others bring nothing then that is not here. */
function isPassing(want: Want, work: Work): boolean {
  const refs = refsMatching(want.request, work.session.lock)
  const isOnlyPassed = refs.some(work.isPassed) && refs.every((ref) => work.isMet(ref) || work.isPassed(ref))
  return want.fresh !== true && isOnlyPassed && !isOpenAnyway(want, work)
}

function passedAlone({ isPassed, changes }: Work): (found: Found) => boolean {
  const changed = new Set(changes.map(({ name }) => name))
  return (found) => isPassed(refOfFound(found)) || changed.has(found.shelf.registry.name)
}

/** Whether what is locked is from a registry that --allow-missing leaves out: what that has now is not known. */
function leftOutOf({ flags, lock, shelves }: Session): (ref: Ref) => boolean {
  const open = new Set(shelves.seen().shelves.map(({ registry }) => registry.name))
  const silent = new Set(flags.allowMissing === true ? shelves.order().filter((name) => !open.has(name)) : [])
  return (ref) => silent.has(lock.artifacts[ref]?.registry ?? '')
}

/** What is pinned stays when no registry has it any more, or is refused where it is another version. */
function isPinnedTo(ref: Ref, { session: { lock }, demands }: Work): boolean {
  const locked = lock.artifacts[ref]
  return locked !== undefined && demands({ ...locked, ref }).pin !== undefined
}

/** The kinds that each name is asked for as; undefined is any. */
type Asked = ReadonlyMap<string, ReadonlySet<Kind | undefined>>

function askedFor({ wants }: Work): Asked {
  const asked = new Map<string, Set<Kind | undefined>>()
  for (const { request } of wants) kept(asked, request.name, () => new Set<Kind | undefined>()).add(request.kind)
  return asked
}

/** What is asked for by its name as well comes as that says: in its range, from its registry. */
function hasOwnEntry(found: Found, asked: Asked): boolean {
  const { kind, name, id } = found.artifact
  const byId = id === undefined || isNamesake(found, id) ? undefined : asked.get(id)
  return byId?.has(kind) === true || byId?.has(undefined) === true || asked.get(name)?.has(kind) === true
}

/** What haal.json asks for may come one day; what a person asks for now is an error. */
function fitsNothing({ request, named }: Want, { notes }: Work): void {
  const message = `no registry has anything that fits ${printRequest(request)}`
  if (named) fail('E_NOT_FOUND', message, { hint: 'see what there is: haal list --available' })
  notes.push(note('W_NO_MATCH', message))
}

/** A pattern may mean much that lies in other places: one that has nothing there, and never had here, is told, and one of them that is down does
    not keep the rest away where --allow-missing says so. */
async function orLeftOut(found: Found, { session, leftOut }: Work, pick: () => Promise<Chosen>): Promise<Chosen[]> {
  if (found.artifact.content.elsewhere === undefined) return [await pick()]
  const by = found.shelf.registry.name
  const ref = refOfFound(found)
  const orNone = async () =>
    onError<Chosen[], Chosen[]>(
      ['E_ENTRY_MISSING'],
      async () => [await pick()],
      (e) => {
        if (session.lock.artifacts[ref] !== undefined) throw e
        leftOut.push({ code: 'W_NO_FILES', by, ref, says: e.message })
        return []
      },
    )
  if (session.flags.allowMissing !== true)
    return goOnWithout.has(session.command) ? orNone().catch(sayHowToGoOn) : orNone()
  return onError<Chosen[], Chosen[]>(unanswered, orNone, (e) => {
    leftOut.push({ code: 'W_REGISTRY_MISSING', by, ref, says: `${by} lists ${ref}, which is left out: ${e.message}` })
    return []
  })
}

function refOfFound({ artifact }: Found): Ref {
  return refOf(artifact.kind, artifact.name)
}

/** Where no version is asked for, the one that policy pins is looked for; where there is none, policy refuses what is found. */
async function pick(found: Found, want: Want, { session, shadowed, demands }: Work): Promise<Chosen> {
  if (found.shadow) shadowed.push(found.shadow)
  const demand = demands(knownBy(found))
  const isFree = demand.ranges.every((range) => range === '*')
  const pinned = isFree ? pinnedRange(session.policy, knownBy(found)) : undefined
  const beyond = isFree ? demand.by.flatMap((each) => each.beyond ?? []) : []
  const open = beyond.length > 0 ? beyond : ['*']
  const choice = (asked: Demand) =>
    orWhoAsks(() => choose(found, isFree ? open : asked.ranges, session.shop), { found, want, asked, session })
  if (pinned !== undefined)
    return onError(
      ['E_NO_VERSION', 'E_REF'],
      () => choose(found, [pinned], session.shop),
      () => choice(demand),
    )
  const { own, ruled } = byPolicy(demand)
  if (own.ranges.length === 0 || ruled.ranges.length === 0) return choice(demand)
  // Where nothing is both what policy requires and what haal.json says, policy refuses what haal.json says.
  return onError(
    ['E_NO_VERSION'],
    () => choice(demand),
    async () => (await choice(ruled)) && choice(own),
  )
}

function knownBy(found: Found): Known {
  return { ref: refOfFound(found), id: found.artifact.id, registry: found.shelf.registry.name }
}

/** Whether a pattern has to be looked up although something it means is locked: that is otherwise than is demanded, or all there for another. */
function isOpen(want: Want, work: Work): boolean {
  const isBroken = () => refsMatching(want.request, work.session.lock).some((ref) => !work.isMet(ref))
  return isBroken() || isOpenAnyway(want, work)
}

function isOpenAnyway(want: Want, work: Work): boolean {
  return want.anew === true || want.only !== undefined || isNew(want, work) || hasStray(want, work)
}

/** Whether more that a pattern means is locked, from another registry than it names. */
function hasStray(want: Want, { wants, session: { lock } }: Work): boolean {
  const { registry, ...any } = want.request
  return registry !== undefined && refsMatching(any, lock).some((ref) => isStray(ref, want, { wants, lock }))
}

/** Whether a pattern of haal.json has brought nothing yet. */
function isNew(want: Want, { session: { lock }, wants }: Work): boolean {
  const entries = wants.filter((each) => each.by === 'haal.json' && decides(each))
  return isUnmet(want, entries, lock)
}

/** A pin holds against everything that would raise the artifact. */
function isPinned({ request }: Want, session: Session): boolean {
  const refs = refsMatching(request, session.lock)
  return refs.length > 0 && refs.every((ref) => holds(ref, session))
}

/** Whether a pin of a person's or of policy keeps it as it is. */
export function holds(ref: Ref, { lock, policy }: Session): boolean {
  const locked = lock.artifacts[ref]
  return locked !== undefined && (locked.pinned === true || isHeld(policy, ref, locked))
}

/** A pattern takes what has files, and says what has none. */
function withFiles(all: readonly Found[], { leftOut }: Work): Found[] {
  for (const { artifact, shelf } of all) {
    if (artifact.unavailable === undefined) continue
    const [by, ref] = [shelf.registry.name, refOf(artifact.kind, artifact.name)]
    leftOut.push({ code: 'W_NO_FILES', by, ref, says: `${by} lists ${ref}, but ${artifact.unavailable}` })
  }
  return all.filter(({ artifact }) => artifact.unavailable === undefined)
}

/** A bundle may list what nobody has: that is told, and the rest of it comes. What the command did not name is told with who asks for it. */
function orMissing<T>(want: Want, { leftOut, session }: Work, search: () => Promise<T>): Promise<T | undefined> {
  if (want.named)
    return onError(['E_AMBIGUOUS'], search, ({ code, message, details }) => {
      const [first = ''] = details.candidates as readonly string[]
      return fail(code, message, { hint: `name one of them: haal ${session.command} ${inShell(first)}`, details })
    })
  if (isRoot(want))
    return onError(['E_NOT_FOUND'], search, ({ code, message, hint, details }) =>
      want.by === 'policy'
        ? fail(code, `${message}, and policy requires it`, { hint: whoRequires(session.policy, want.request), details })
        : fail(code, `${message}, and ${want.by} asks for it`, { hint, details }),
    )
  return onError(['E_NOT_FOUND'], search, () => {
    const { by } = want
    const ref = printRequest(want.request)
    leftOut.push({ code: 'W_MEMBER_MISSING', by, ref, says: `${by} lists ${ref}, but no registry has it` })
    return undefined
  })
}

/** With --strict a note that has an error for it becomes that error. */
export function told(notes: readonly Note[], { flags }: Session): readonly Note[] {
  for (const note of flags.strict ? notes : []) {
    const code = strictCode(note)
    if (code !== undefined) fail(code, note.message, { hint: 'without --strict this is a warning' })
  }
  return notes
}
