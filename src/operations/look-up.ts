import type { Note, Request, Resolution } from '../model/artifact.js'
import { fail, onError, unanswered } from '../model/errors.js'
import { type Kind, type Ref, refOf } from '../model/kinds.js'
import { note, strictCode } from '../model/notes.js'
import type { Shadow } from '../model/plan.js'
import { isPattern, printRequest } from '../model/request.js'
import { kept } from '../model/shared.js'
import { inShell } from '../model/text.js'
import { isAsPinned, isRoot, lockedFor, refsMatching, type Want } from '../plan/desire.js'
import type { Settled } from '../plan/lock.js'
import { isHeld, pinnedRange } from '../policy/grants.js'
import { type Chosen, choose } from '../resolve/choose.js'
import { sayHowToGoOn } from '../resolve/shelves.js'
import { satisfies } from '../resolve/versions.js'
import { type Found, find, findAll } from '../resolve/walk.js'
import type { LeftOut } from './left-out.js'
import { goOnWithout, type Session } from './session.js'

/** A gathering under way. `all` starts as what is locked and grows by what is resolved. */
export interface Work {
  session: Session
  /** What the command wants, before it is known what that requires. */
  wants: readonly Want[]
  all: Map<Ref, Settled>
  refs: Map<Want, readonly Ref[]>
  /** What those wants ask for, so that nothing is asked for twice. */
  asked: Set<string>
  /** By what each artifact is asked for that is asked for by its name. */
  own: Map<Ref, Request>
  resolved: Map<Ref, Resolution>
  shadowed: Shadow[]
  leftOut: LeftOut[]
  notes: Note[]
}

/** Where a want leads: to what is locked already, or to what has to be taken in. */
interface LookedUp {
  locked: Ref[]
  chosen: Chosen[]
}

export async function lookUp(want: Want, work: Work): Promise<LookedUp> {
  const { session } = work
  const { request } = want
  const locked =
    want.fresh && !isPinned(want, session) ? untouched(want, session) : lockedFor(want, session.lock, satisfies)
  if (locked.length > 0 && !(isPattern(request) && (want.anew || want.only || breaksPins(want, session))))
    return { locked, chosen: [] }
  if (isPattern(request)) return lookUpAll(want, locked, work)
  const found = await orMissing(want, work, () => find(request, session.manifest, session.shelves))
  if (found === undefined) return { locked, chosen: [] }
  return orStays(found, want, work)
}

/** What a pattern means and a command that names only some of it leaves alone. */
function untouched(want: Want, { lock }: Session): Ref[] {
  const { only } = want
  return only === undefined ? [] : lockedFor(want, lock, satisfies).filter((ref) => !only.has(ref))
}

/** What an update finds no version of in its range stays as it is, where that is in its range: the rest is updated all the same. */
function orStays(found: Found, want: Want, work: Work): Promise<LookedUp> {
  const { lock } = work.session
  const [ref] = want.fresh ? lockedFor(want, lock, satisfies) : []
  const locked = ref && lock.artifacts[ref]
  const pickOne = async () => ({ locked: [], chosen: [await pick(found, want, work)] })
  if (ref === undefined || locked?.registry !== found.shelf.registry.name) return pickOne()
  return onError(['E_NO_VERSION'], pickOne, ({ message }) => {
    work.notes.push(note('W_NO_VERSION', `${ref} stays at ${locked.version}: ${message}`))
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
  const stays = (found: Found) => {
    const ref = refOfFound(found)
    const isIn = lock.artifacts[ref] !== undefined && isAsPinned(ref, want, { lock, satisfies })
    return isIn && (fresh !== true || holds(ref, session))
  }
  const offered = new Set(all.map(refOfFound))
  const left = refsMatching(request, lock).filter((ref) => !offered.has(ref) && isKept(ref, want, session))
  const asked = askedFor(work)
  const comes = (found: Found) => !stays(found) && only?.has(refOfFound(found)) !== false && !hasOwnEntry(found, asked)
  const come = withFiles(all.filter(comes), work)
  return {
    locked: [...new Set([...locked, ...left, ...all.filter(stays).map(refOfFound)])],
    chosen: (await Promise.all(come.map((found) => orLeftOut(found, work, () => pick(found, want, work))))).flat(),
  }
}

/** What a pattern has brought and is pinned stays when no registry has it any more. */
function isKept(ref: Ref, { pins = {} }: Want, session: Session): boolean {
  const isBrought = session.lock.artifacts[ref]?.requestedBy.includes('haal.json') === true
  return isBrought && (holds(ref, session) || Object.hasOwn(pins, ref))
}

/** The kinds that each name is asked for as; undefined is any. */
type Asked = ReadonlyMap<string, ReadonlySet<Kind | undefined>>

function askedFor({ wants }: Work): Asked {
  const asked = new Map<string, Set<Kind | undefined>>()
  for (const { request } of wants) kept(asked, request.name, () => new Set<Kind | undefined>()).add(request.kind)
  return asked
}

/** What is asked for by its name as well comes as that says: in its range, from its registry. */
function hasOwnEntry({ artifact: { kind, name, id } }: Found, asked: Asked): boolean {
  const byId = id === undefined ? undefined : asked.get(id)
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
async function pick(found: Found, want: Want, { session, shadowed }: Work): Promise<Chosen> {
  if (found.shadow) shadowed.push(found.shadow)
  const { request, pins } = want
  const range = pins?.[refOfFound(found)] ?? (isPattern(request) && request.range === '*' ? undefined : request.range)
  const isOpen = range === undefined || range === '*'
  const pinned = isOpen ? pinnedRange(session.policy, { ref: refOfFound(found), id: found.artifact.id }) : undefined
  const asked = isOpen ? (want.beyond ?? range) : range
  const choice = () => orWhoAsks(() => choose(found, asked, session.shop), { found, want, session })
  if (pinned === undefined) return choice()
  return onError(['E_NO_VERSION', 'E_REF'], () => choose(found, pinned, session.shop), choice)
}

interface Asking {
  found: Found
  want: Want
  session: Session
}

/** A range that the command does not name is told with who asks for it, and a pin with what lets it go. What lies beyond a range is asked for by
    the command. */
function orWhoAsks(choice: () => Promise<Chosen>, { found, want, session }: Asking): Promise<Chosen> {
  const ref = refOfFound(found)
  const { by, named, pins, request, beyond } = want
  return onError(['E_NO_VERSION'], choice, ({ code, message, hint, details }) => {
    const pin = pins?.[ref]
    if (pin !== undefined)
      fail(code, `${message}; haal.json pins it to ${pin}`, { hint: `let it go: haal unpin ${inShell(ref)}`, details })
    const here = session.command === 'pin' ? hint?.replace('haal install', 'haal pin') : hint
    if (named || beyond !== undefined) fail(code, message, { hint: here, details })
    if (by === 'policy')
      fail(code, `${message}; policy requires ${request.range}`, { hint: 'see which: haal policy show', details })
    return fail(code, `${message}; ${by} asks for ${request.range}`, { hint, details })
  })
}

function breaksPins(want: Want, { lock }: Session): boolean {
  return refsMatching(want.request, lock).some((ref) => !isAsPinned(ref, want, { lock, satisfies }))
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
    const by = shelf.registry.name
    const ref = refOf(artifact.kind, artifact.name)
    leftOut.push({ code: 'W_NO_FILES', by, ref, says: `${by} lists ${ref}, but ${artifact.unavailable}` })
  }
  return all.filter(({ artifact }) => artifact.unavailable === undefined)
}

/** A bundle may list what nobody has: that is told, and the rest of it comes. What the command did not name is told with who asks for it. */
function orMissing<T>(want: Want, { leftOut }: Work, search: () => Promise<T>): Promise<T | undefined> {
  if (want.named) return search()
  if (isRoot(want))
    return onError(['E_NOT_FOUND'], search, ({ code, message, hint, details }) =>
      fail(code, `${message}, and ${want.by === 'policy' ? 'policy requires' : `${want.by} asks for`} it`, {
        hint,
        details,
      }),
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
