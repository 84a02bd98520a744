import { isDeepStrictEqual } from 'node:util'
import type { Note } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { fail, onError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import type { Lock } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { note } from '../model/notes.js'
import type { Outcome, State } from '../model/plan.js'
import { parseRequest } from '../model/request.js'
import { inShell } from '../model/text.js'
import { satisfies } from '../model/versions.js'
import { demandsOf, metIn } from '../plan/demand.js'
import { isFor, isRoot, reachable, refsMatching, wantsOf } from '../plan/desire.js'
import { keptIn } from '../plan/kept.js'
import { lockOf, prunedTo, unfolded } from '../plan/lock.js'
import { rangeFor } from '../resolve/versions.js'
import type { Edit } from '../state/config/edit.js'
import { generationNumbers } from '../state/generations.js'
import { printLock } from '../state/lockfile.js'
import { placedIn } from './change/difference.js'
import { pastAt, pastOf } from './change/generations.js'
import { carryOut, planTo } from './change/mutate.js'
import { refChanges, refsOfThen } from './change/past-refs.js'
import { oneInstalledAs, theOne } from './gather/find-installed.js'
import { checkSources } from './project/lock-sources.js'
import { type Session, withSession } from './session/session.js'

interface RollbackFlags extends CommonFlags {
  to?: number
  force?: boolean
  approve?: readonly string[]
}

interface Asked {
  request?: string
  flags: RollbackFlags
}

/** Brings back a past generation: one back, or `to` any. With a request, one artifact alone goes back to what it was before. Resolves nothing and
    needs no network, but for bytes that the store has lost; is judged by today's policy; makes a generation of its own. Throws E_NO_GENERATION. */
export async function rollback(ctx: Context, { request, flags }: Asked): Promise<Outcome> {
  const asked = { ...(request !== undefined && { request }), flags: { ...flags, refresh: false } }
  const alone = { ...asked, flags: { ...asked.flags, offline: true } }
  return onError(
    flags.offline ? [] : ['E_CACHE'],
    () => broughtBack(ctx, alone),
    () => broughtBack(ctx, asked),
  )
}

async function broughtBack(ctx: Context, { request, flags }: Asked): Promise<Outcome> {
  return withSession(ctx, { command: 'rollback', flags }, async (session) => {
    const past = request === undefined ? wholeState(session, flags.to) : await stateWith(session, request, flags.to)
    const { to, ...refs } = await refsOfThen(session, past)
    const plan = await planTo(session, to)
    const changes = plan.changes.length === 0 ? keptIn(to.lock) : plan.changes
    const isOneBack = request === undefined && flags.to === undefined
    const warnings = [
      ...plan.warnings,
      ...(await strangeSources(session, to)),
      ...refs.notes,
      ...(isOneBack ? sameNotes(session, to) : []),
    ]
    const byFormerTable = request === undefined
    const edits = [...toolEdits(session, to.wishes), ...refs.edits]
    return carryOut(session, { ...plan, changes, warnings, byFormerTable }, edits)
  })
}

/** The past may name a registry that haal.json does not have, or has elsewhere by now: nothing is fetched for a rollback, but the next install
    asks for it. */
function strangeSources({ manifest }: Session, { lock }: State): Promise<Note[]> {
  return onError<Note[], Note[]>(
    ['E_LOCK_SOURCE'],
    () => {
      checkSources({ lock, manifest })
      return []
    },
    ({ message, hint }) => [note('W_LOCK_SOURCE', `${message}: ${hint}`)],
  )
}

/** One back may be the same: what a command changed in registries alone is no matter of a rollback. */
function sameNotes(session: Session, to: State): Note[] {
  const { site, manifest, lock } = session
  const [current = 0, ...older] = generationNumbers(site).reverse()
  const { artifacts, pins } = manifest
  const isAsNow = ({ wishes, lock: then }: State) =>
    printLock(then) === printLock(lock) &&
    isDeepStrictEqual([wishes.artifacts, wishes.pins], [artifacts, pins]) &&
    toolEdits(session, wishes).length === 0
  if (!isAsNow(to)) return []
  const other = older.find((number) => !isAsNow(pastAt(session, number)))
  const further = other === undefined ? '' : `; to go further back: haal rollback --to ${other}`
  return [note('W_SAME', `generation ${current} changed nothing that a rollback brings back${further}`)]
}

function wholeState(session: Session, to: number | undefined): State {
  return to === undefined ? before(session) : pastAt(session, to)
}

/** haal.json names the tools of the time again: otherwise the next install would take them back. */
function toolEdits({ ctx, manifest }: Session, { targets }: Wishes): Edit[] {
  if (targets === undefined || ctx.given?.targets || isDeepStrictEqual(targets, manifest.targets)) return []
  return [{ path: ['targets'], value: targets.length === 0 ? undefined : targets }]
}

/** One back. Where that is none, nothing was installed. */
function before(session: Session): State {
  const where = generationNumbers(session.site).length === 0 ? 'to go back to' : 'before this one'
  const hint = 'see which there are: haal history'
  const [past] = pastOf(session)
  return past ?? fail('E_NO_GENERATION', `there is no generation ${where}`, { hint })
}

/** The present, tools included, with one artifact as it was in a past generation: `to`, or the newest in which it was something else. */
async function stateWith(session: Session, request: string, to: number | undefined): Promise<State> {
  const { lock, manifest } = session
  const ref = nameIn(session, request)
  const now = lock.artifacts[ref]?.integrity
  const asConfigured = (then: Lock) =>
    Object.fromEntries(refChanges(session, then).map((each) => [each.name, each.now]))
  for (const past of to === undefined ? pastOf(session) : [pastAt(session, to)]) {
    const isOther = past.lock.artifacts[ref]?.integrity !== now
    if (to !== undefined || (isOther && past.lock.artifacts[ref] !== undefined)) {
      const registries = { ...asConfigured(past.lock), ...lock.registries }
      return placedToday(session, spliced({ wishes: manifest, lock: { ...lock, registries } }, past, ref))
    }
  }
  return fail('E_NO_GENERATION', `${ref} was never anything else in the generations there are`, {
    hint: 'see them: haal history',
  })
}

async function placedToday(session: Session, { wishes, lock }: State): Promise<State> {
  return { wishes, lock: (await placedIn(session, lock)).lock }
}

/** It may be gone by now: then a past generation knows its name. */
function nameIn(session: Session, request: string): Ref {
  const asked = parseRequest(request)
  if (refsMatching(asked, session.lock).length > 0) return oneInstalledAs(request, session)
  for (const { lock } of pastOf(session)) {
    const ref = theOne(request, refsMatching(asked, lock))
    if (ref !== undefined) return ref
  }
  refuseNumber(request)
  return oneInstalledAs(request, session)
}

/** `haal rollback 7`: history shows numbers, and a number alone is asked for as if it were a name. */
function refuseNumber(request: string): void {
  if (/^\d{1,9}$/.test(request))
    fail('E_NOT_INSTALLED', `${request} is no artifact that is or was installed`, {
      hint: `if a generation is meant: haal rollback --to ${request}`,
    })
}

/** One artifact of the past in the present: with what it required then, and without what only it required now. */
function spliced(now: State, past: State, ref: Ref): State {
  const then = unfolded(past.lock)
  const wanted = reachable(past.lock, new Map([[ref, ['haal.json']]]))
  const missing = new Set([...wanted.keys()].filter((each) => each === ref || now.lock.artifacts[each] === undefined))
  const artifacts = [
    ...unfolded(now.lock).filter((each) => each.ref !== ref),
    ...then.filter((each) => missing.has(each.ref)),
  ]
  const lock = pruned(lockOf(artifacts, now.lock))
  const wishes = splicedWishes({ now, past, lock }, ref)
  if (lock.artifacts[ref] === undefined) refuseNeeded(ref, { now, lock, wishes })
  return { wishes, lock }
}

/** What another artifact requires, or a pattern of haal.json means, cannot go back to where it was not there yet. */
function refuseNeeded(ref: Ref, { now, lock, wishes }: { now: State; lock: Lock; wishes: Wishes }): void {
  const others = Object.entries(lock.artifacts).filter(([, { requires }]) => requires?.includes(ref))
  const by = others.map(([other]) => other)
  const patterns = Object.keys(wishes.artifacts).filter((key) =>
    refsMatching(parseRequest(key), now.lock).includes(ref),
  )
  const who = [...by, ...(patterns.length > 0 ? [`haal.json (${patterns.join(', ')})`] : [])]
  if (who.length > 0)
    fail('E_REQUIRED_BY', `${ref} stays, because ${who.join(' and ')} ${who.length === 1 ? 'asks' : 'ask'} for it`, {
      hint:
        by.length === 0
          ? `name what you want in place of ${patterns.join(', ')} in haal.json, and run: haal install`
          : `take out what asks for it first: haal uninstall ${by.map(inShell).join(' ')}`,
      details: { artifact: ref, requestedBy: [...by, ...(patterns.length > 0 ? ['haal.json'] : [])] },
    })
}

/** What nothing asks for any more goes; who asks for what is told anew. */
function pruned(lock: Lock): Lock {
  const roots = new Map<Ref, readonly string[]>()
  for (const { ref, locked } of unfolded(lock)) {
    const who = locked.requestedBy.filter((by) => isRoot({ by }))
    if (who.length > 0) roots.set(ref, who)
  }
  return prunedTo(lock, reachable(lock, roots))
}

interface Splice {
  now: State
  past: State
  /** What comes of the two. */
  lock: Lock
}

/** haal.json's entries for one artifact as they were, however they name it. What the past had from a pattern that is gone, or lets it in no more,
    gets an entry. */
function splicedWishes({ now, past, lock }: Splice, ref: Ref): Wishes {
  const isOwn = (key: string) => [now.lock, past.lock].some((each) => isFor(parseRequest(key), ref, each))
  const spliced = (section: 'artifacts' | 'pins'): Record<string, string> => {
    const others = Object.entries(now.wishes[section]).filter(([key]) => !isOwn(key))
    const own = Object.entries(past.wishes[section]).filter(([key]) => isOwn(key))
    return Object.fromEntries([...others, ...own])
  }
  const [artifacts, pins] = [spliced('artifacts'), spliced('pins')]
  const { requestedBy = [], version = '*' } = lock.artifacts[ref] ?? {}
  const isAsked = Object.keys(artifacts).some((key) => refsMatching(parseRequest(key), lock).includes(ref))
  const isMet = metIn(lock, demandsOf(wantsOf({ artifacts }), pins), satisfies)
  if (requestedBy.includes('haal.json') && !(isAsked && isMet(ref))) artifacts[ref] = rangeFor(version)
  return { artifacts, pins }
}
