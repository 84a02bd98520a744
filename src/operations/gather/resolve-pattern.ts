import { fail, onError, unanswered } from '../../model/errors.js'
import { type Kind, type Ref, refOf } from '../../model/kinds.js'
import { getOrMake } from '../../model/maps.js'
import { note } from '../../model/notes.js'
import { printRequest } from '../../model/request.js'
import { decides, isStray, isUnmet, refsMatching, type Want } from '../../plan/desire.js'
import type { Chosen } from '../../resolve/choose.js'
import { sayHowToGoOn } from '../../resolve/shelves.js'
import { type Found, findAll, isNamesake } from '../../resolve/walk.js'
import { goOnWithout } from '../session/going-on.js'
import type { Session } from '../session/session.js'
import { holds, type LookedUp, orStays, pick, refOfFound, unlessStrict, type Work } from './pick.js'

/** Everything that a pattern means: what is locked stays, unless it is wanted fresh and not pinned. */
export async function lookUpAll(want: Want, locked: readonly Ref[], work: Work): Promise<LookedUp> {
  const { request, fresh, only } = want
  const { session, notes } = work
  const { lock, manifest, shelves } = session
  const all = await findAll(request, manifest, shelves)
  if (all.length === 0 && locked.length === 0) fitsNothing(want, work)
  notes.push(...unlessStrict(shelves.catalogNotes(), session))
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
  const isAllowed = isOpenForChanges(want, work) ? isOfChanged(work) : () => true
  const comes = (found: Found) =>
    !stays(found) && isMeant(refOfFound(found)) && isAllowed(found) && !hasOwnEntry(found, asked)
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

/** Whether a pattern is looked up only because a registry is configured otherwise by now: the other registries then bring nothing new. */
function isOpenForChanges(want: Want, work: Work): boolean {
  const refs = refsMatching(want.request, work.session.lock)
  const isOnlyThat = refs.some(work.isFromChanged) && refs.every((ref) => work.isMet(ref) || work.isFromChanged(ref))
  return want.fresh !== true && isOnlyThat && !isOpenAnyway(want, work)
}

function isOfChanged({ isFromChanged, changes }: Work): (found: Found) => boolean {
  const changed = new Set(changes.map(({ name }) => name))
  return (found) => isFromChanged(refOfFound(found)) || changed.has(found.shelf.registry.name)
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
  for (const { request } of wants) getOrMake(asked, request.name, () => new Set<Kind | undefined>()).add(request.kind)
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

/** Whether a pattern has to be looked up although something it means is locked: that is otherwise than is demanded, or all there for another. */
export function isOpen(want: Want, work: Work): boolean {
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

/** A pattern takes what has files, and says what has none. */
function withFiles(all: readonly Found[], { leftOut }: Work): Found[] {
  for (const { artifact, shelf } of all) {
    if (artifact.unavailable === undefined) continue
    const [by, ref] = [shelf.registry.name, refOf(artifact.kind, artifact.name)]
    leftOut.push({ code: 'W_NO_FILES', by, ref, says: `${by} lists ${ref}, but ${artifact.unavailable}` })
  }
  return all.filter(({ artifact }) => artifact.unavailable === undefined)
}
