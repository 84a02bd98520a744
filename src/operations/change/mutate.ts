import type { Note } from '../../model/artifact.js'
import { fail, onError } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import { type Lock, type Locked, lockedEntries, withEach } from '../../model/lock.js'
import type { Wishes } from '../../model/manifest.js'
import { note } from '../../model/notes.js'
import type { Change, Outcome, Plan, State, Step } from '../../model/plan.js'
import { printRequest } from '../../model/request.js'
import { inShell } from '../../model/text.js'
import { satisfies } from '../../model/versions.js'
import { metIn, whoAsks } from '../../plan/demand.js'
import type { Want } from '../../plan/desire.js'
import type { Difference } from '../../plan/diff.js'
import { keptIn } from '../../plan/kept.js'
import type { Edit } from '../../state/config/edit.js'
import { wishEdits } from '../../state/config/manifest-edit.js'
import { newestLockText } from '../../state/generations.js'
import { isPrintedAs, printLock } from '../../state/lockfile.js'
import { relativeTo } from '../../state/paths.js'
import { stock } from '../fetch/fill-store.js'
import { ownDemands } from '../gather/asked-for.js'
import { type Gathered, gather } from '../gather/gather.js'
import { judge, requiredByUnread, requiredWants } from '../judge/judge-plan.js'
import { lasting } from '../project/configuration-by-code.js'
import { type Addition, relisted } from '../project/source.js'
import type { Session } from '../session/session.js'
import { noteNothingToDo } from '../up-to-date/note.js'
import { commit } from './commit.js'
import { editedFiles, few, keptFiles, refuseConflicts } from './conflicts.js'
import { differenceTo, newsIn, placedIn } from './difference.js'
import { asWritten } from './generations.js'
import { keepReplaced } from './keep-replaced.js'

/** What a command wants of a project: everything else about changing it is the same for all. */
interface Intent {
  /** All that shall be there: haal.json's entries as they will be, and what was asked for by name. */
  wants: readonly Want[]
  /** What haal.json is to pin; where it is not given, what it pins now. */
  pins?: Wishes['pins']
  /** haal.json afterwards, once it is known what was meant. */
  wishes(gathered: Gathered): Wishes
  /** A registry that --from adds to haal.json. */
  addition?: Addition
  /** Named by the person: what is already as wanted is reported as kept. */
  named?: readonly Want[]
}

/** The one way in which a command changes a project: gather → plan → approve → confirm → apply → report. */
export async function mutate(session: Session, intent: Intent): Promise<Outcome> {
  const gathered = await gatherAll(session, intent)
  const wishes = intent.wishes(gathered)
  const unmet = unmetIn(session, gathered.lock, wishes)
  const { edits, locations } = intent.addition ?? { edits: [], locations: new Map() }
  const { lock, notes } = await placedIn(session, relisted(pinnedAs(gathered.lock, wishes, unmet), locations))
  const plan = await planned(session, { lock, wishes, gathered, named: intent.named ?? [] })
  const warnings = [...plan.warnings, ...notes(newsIn(plan, session.lock))]
  return carryOut(session, { ...plan, warnings }, edits)
}

/** The policy of the primary registry becomes known when that is opened, and may require more. */
async function gatherAll(session: Session, { wants, pins = session.manifest.pins }: Intent): Promise<Gathered> {
  const unread = requiredByUnread(session)
  const gathered = await gather(session, [...wants, ...unread], pins)
  const asked = new Set(wants.map(({ request }) => printRequest(request)))
  const more = requiredWants(session).filter(({ request }) => !asked.has(printRequest(request)))
  const isRead = unread.length > 0 && session.policies.isPrimaryKnown
  return more.length === 0 && !isRead ? gathered : gather(session, [...wants, ...(isRead ? [] : unread), ...more], pins)
}

/** What a registry no longer has stays, but not as another version than haal.json will pin or ask for; answers with what does so all the same,
    because the command is about something else. Throws E_PINNED, E_NO_VERSION. */
function unmetIn(session: Session, lock: Lock, wishes: Wishes): ReadonlySet<Ref> {
  const { pins } = wishes
  const demands = ownDemands(session, wishes)
  const isMet = metIn(lock, demands, satisfies)
  const stays = (ref: Ref, { integrity }: Locked) =>
    session.unresolved !== undefined && session.lock.artifacts[ref]?.integrity === integrity
  const unmet = lockedEntries(lock).filter(([ref]) => !isMet(ref))
  for (const [ref, locked] of unmet) {
    if (stays(ref, locked)) continue
    const { ranges, by } = demands({ ...locked, ref })
    const there = locked.version
    if (pins[ref] !== undefined)
      fail('E_PINNED', `haal.json pins ${ref} to ${pins[ref]}, and there is only ${there}`, {
        hint: `let it go: haal unpin ${inShell(ref)}`,
        details: { artifact: ref, pinned: pins[ref], there },
      })
    fail('E_NO_VERSION', `${whoAsks(by)}, and of ${ref} there is only ${there}`, {
      hint: `ask for that one: haal install ${inShell(`${ref}@${there}`)}`,
      details: { artifact: ref, registry: locked.registry, range: ranges.join(' and '), versions: [there] },
    })
  }
  return new Set(unmet.map(([ref]) => ref))
}

/** haal.json says what is pinned; the lock repeats it for those who read only the lock. */
function pinnedAs(lock: Lock, { pins }: Wishes, unmet: ReadonlySet<Ref>): Lock {
  return withEach(lock, ({ pinned = false, ...locked }, ref) => {
    const isPinned = Object.hasOwn(pins, ref) && (pinned || !unmet.has(ref))
    return isPinned ? { ...locked, pinned: true } : locked
  })
}

interface Wanted {
  lock: Lock
  wishes: Wishes
  gathered: Gathered
  named: readonly Want[]
}

/** The plan for a project to become what was gathered. */
async function planned(session: Session, { lock, wishes, gathered, named }: Wanted): Promise<Plan> {
  const { plan, edited } = await compared(session, { wishes, lock })
  const kept = keptAsNamed({ lock, gathered, named }, plan.changes)
  return {
    ...plan,
    changes: [...plan.changes, ...kept],
    shadowed: gathered.shadowed,
    warnings: [...gathered.notes, ...plan.warnings, ...editedFiles(session, { edited, kept })],
  }
}

/** The plan for a project to become another state. Brings into the store what a place needs and the store lacks. */
export async function planTo(session: Session, to: State): Promise<Plan> {
  const { plan, edited } = await compared(session, to)
  return { ...plan, warnings: [...plan.warnings, ...editedFiles(session, { edited, kept: [] })] }
}

async function compared(session: Session, to: State): Promise<{ plan: Plan; edited: Difference['edited'] }> {
  const difference = await differenceTo(session, to.lock, session.flags.force === true)
  const { changes, steps, conflicts, edited, inTools } = difference
  await stock(session, to.lock, steps)
  const warnings = keptFiles(difference)
  return { plan: { ...idle(session), to, changes, steps, conflicts, warnings, inTools }, edited }
}

/** Judges a plan, asks where something would be lost, and applies it. A dry run stops before anything is written. */
export async function carryOut(session: Session, planned: Plan, edits: readonly Edit[]): Promise<Outcome> {
  const plan = remembered(session, planned)
  refuseConflicts(plan)
  await keepReplaced(session, plan)
  const { given } = session.ctx
  const { approved, lock, surfaces } = await restocked(session, plan, () => judge(session, plan))
  const all = [...edits, ...wishEdits(lasting(plan.from.wishes, given), lasting(plan.to.wishes, given))]
  const changesLock = session.isTorn || session.renames.length > 0 || !isPrintedAs(plan.from.lock, lock)
  const nothing = plan.steps.length === 0 && all.length === 0 && !changesLock
  if (approved !== undefined && nothing) await noteNothingToDo(session, approved)
  if (approved === undefined || nothing) return outcomeOf(session, { ...plan, surfaces }, null)
  refuseUnwritable(session, plan)
  if (await confirm(session, { ...plan, surfaces })) await refuseChanged(session, plan)
  session.policies.recheck()
  return outcomeOf(session, plan, await restocked(session, plan, () => commit(session, approved, all)))
}

/** Where the project cannot be written: says what would have to be. Throws E_DISK. */
export function refuseUnwritable({ unwritable }: Session, { steps }: Pick<Plan, 'steps'>): void {
  if (unwritable === undefined) return
  const { code, message, hint, details } = unwritable
  fail(code, `${few(steps.map((step) => step.shown)) || 'haal.lock'} would have to be written, but ${message}`, {
    hint,
    details,
    cause: unwritable,
  })
}

/** The two states as a generation remembers them. */
function remembered(session: Session, plan: Plan): Plan {
  const to = withTools(session, plan.to)
  return { ...plan, to, found: isRemembered(session, plan) ? undefined : withTools(session, plan.from) }
}

/** With the tools that haal.json names, but not those that a program gives. */
function withTools({ ctx, manifest }: Session, state: State): State {
  const { artifacts, pins, targets = manifest.targets } = state.wishes
  return { ...state, wishes: ctx.given?.targets ? { artifacts, pins } : { artifacts, pins, targets } }
}

/** Whether the newest generation left haal.lock as it is, or there is none that a rollback could bring back. */
function isRemembered(session: Session, { from, to }: Plan): boolean {
  if (!session.hasLock || session.isTorn) return true
  return isPrintedAs(from.lock, to.lock) || printLock(asWritten(session)) === newestLockText(session.site)
}

/** What turns out to be damaged in the store when it is read is dropped there: it is fetched again, each entry once. */
async function restocked<T>(session: Session, { to, steps }: Plan, act: () => T | Promise<T>): Promise<T> {
  const fetched = new Set<unknown>()
  const attempt = async (): Promise<T> =>
    onError(['E_CACHE'], act, async (e) => {
      if (fetched.has(e.details.integrity)) throw e
      fetched.add(e.details.integrity)
      await stock(session, to.lock, steps)
      return attempt()
    })
  return attempt()
}

function outcomeOf(
  { notes, flags, root }: Session,
  { order, changes, steps, shadowed, warnings, surfaces = [] }: Plan,
  generation: number | null,
): Outcome {
  const aside = flags.dryRun ? steps.filter(({ saveOld }) => saveOld).map((step) => wouldBeKept(root, step)) : []
  const outcome = { generation, order, changes, shadowed, warnings: [...aside, ...warnings, ...notes] }
  return flags.dryRun && surfaces.length > 0 ? { ...outcome, surfaces } : outcome
}

/** What `keepAside` tells once it is done. */
function wouldBeKept(root: string, { place }: Step): Note {
  return note('W_SAVED', `what you have at ${relativeTo(root, place)} would be kept aside`)
}

/** The plan that changes nothing: the beginning of every other, and that of a command that only edits haal.json. */
export function idle({ command, manifest, lock, shelves }: Session): Plan {
  const state = { wishes: manifest, lock }
  const nothing = { changes: [], steps: [], conflicts: [], shadowed: [] }
  return { command, from: state, to: state, order: shelves.order(), ...nothing, warnings: [] }
}

/** On a terminal a plan that removes or overwrites is shown first. Whether anybody was asked. */
async function confirm({ ctx, flags }: Session, plan: Plan): Promise<boolean> {
  const loses = plan.changes.some(({ action }) => action === 'remove') || plan.steps.some(({ saveOld }) => saveOld)
  if (!loses || flags.yes || ctx.ask === undefined) return false
  const agreed = await ctx.ask({ kind: 'confirm', plan, message: 'go on?' })
  if (agreed !== true) fail('E_INTERRUPTED', 'nothing was changed')
  return true
}

/** While a question waited, a person may have edited what the plan would replace. Throws E_CONFLICT. A copy puts aside whatever lies there by
    then, and goes nowhere else. */
async function refuseChanged(session: Session, { steps, to, changes }: Plan): Promise<void> {
  if (changes.some(({ action }) => action === 'copy')) return
  const now = await differenceTo(session, to.lock, session.flags.force === true)
  const shape = (all: Plan['steps']) =>
    JSON.stringify(all.map(({ place, after, saveOld }) => [place, after.from, saveOld]))
  if (now.conflicts.length > 0 || shape(now.steps) !== shape(steps))
    fail('E_CONFLICT', 'files changed while haal was waiting for your answer; nothing was written', {
      hint: 'run the command again',
    })
}

/** What was named and is as wanted already; where nothing changes at all, everything that is as locked. */
function keptAsNamed({ lock, gathered, named }: Omit<Wanted, 'wishes'>, changes: readonly Change[]): Change[] {
  const changed = new Set(changes.map(({ artifact }) => artifact))
  if (named.length === 0) return changed.size === 0 ? keptIn(lock) : []
  const refs = new Set(named.flatMap((want) => gathered.refs.get(want) ?? []))
  return keptIn(lock).filter(({ artifact }) => refs.has(artifact) && !changed.has(artifact))
}
