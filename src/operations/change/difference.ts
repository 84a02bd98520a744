import path from 'node:path'
import type { Ref } from '../../model/kinds.js'
import { type Lock, type Locked, lockedEntries } from '../../model/lock.js'
import type { OnDisk, Plan, Step, ToolPlaces } from '../../model/plan.js'
import { type SharedPlace, toolsGiven, usesTools } from '../../model/targets.js'
import { contentOf, type Difference, type DiffInput, diff, type Look, type Place, placesOf } from '../../plan/diff.js'
import { type Merged, mergeFile, nameOf } from '../../targets/merge.js'
import { stock } from '../fetch/fill-store.js'
import { lookerOf, sharedBytes } from '../places/compare.js'
import { remembering } from '../places/modified.js'
import { everPlaced, pastPlaces, type SharedBefore, sharedBefore } from '../places/past-places.js'
import {
  isRead,
  type RecordedPlaces,
  recordedPlaces,
  storedOf,
  type Targeted,
  withTargets,
} from '../places/tool-places.js'
import type { Session } from '../session/session.js'

/** What has to happen for a project to become another state: homes, the places of tools, and values in files that they share with people. */
export async function differenceTo(
  session: Session,
  to: Lock,
  force: boolean,
): Promise<Difference & { inTools: ToolPlaces }> {
  const { root, manifest, lock: from } = session
  const past = await pastPlaces(session, to)
  const input = { root, from, to, force }
  if (!usesTools(from) && !usesTools(to) && !usesTools(past.lock)) {
    const former = { lock: past.lock, places: past.whole, touched: [] }
    const plain = await diffWithPast(session, { ...input, former, look: lookFor(session, placesOf(to)) })
    return { ...plain, inTools: { whole: [], shared: [] } }
  }
  await stockFor(session, to)
  const recorded = await recordedPlaces(session, from)
  const before = await sharedBefore(session, recorded.shared, past.shared)
  const after = await recordedPlaces(session, to, manifest.link)
  const look = lookFor(session, [...placesOf(to), ...after.whole])
  const merged = await mergeAll(session, { before: before.places, after: after.shared, force })
  const touched = merged.flatMap((each) => each.touched)
  const former = { lock: past.lock, places: past.whole, touched: before.left.filter((ref) => touched.includes(ref)) }
  const tools = { before: recorded.whole, after: after.whole, touched }
  const plain = await diffWithPast(session, { ...input, former, look, tools })
  return {
    ...plain,
    steps: [...plain.steps, ...merged.flatMap(({ step }) => step ?? [])],
    conflicts: [...plain.conflicts, ...merged.flatMap(({ conflicts }) => conflicts)],
    kept: [...plain.kept, ...merged.flatMap(({ kept }) => kept), ...keptOf(before, { after, changes: plain.changes })],
    edited: [...plain.edited, ...merged.flatMap(({ edited }) => edited)],
    inTools: { whole: after.whole, shared: [...new Set(after.shared.map(({ at }) => at))] },
  }
}

/** What looks like a person's file may be haal's own, of an earlier version: where any would be kept, all that generations know is compared too. */
async function diffWithPast(session: Session, input: DiffInput): Promise<Difference> {
  const plain = diff(input)
  if (plain.kept.length === 0) return plain
  return diff({ ...input, ever: await everPlaced(session, new Set(plain.kept.map(({ artifact }) => artifact))) })
}

/** Values that a person has edited, of what goes. */
function keptOf(
  { edited }: SharedBefore,
  { after, changes }: { after: RecordedPlaces; changes: Difference['changes'] },
): Difference['kept'] {
  const stays = new Set(after.shared.flatMap(({ at, entries }) => entries.map((entry) => `${at} (${nameOf(entry)})`)))
  const going = new Set(changes.map(({ artifact }) => artifact))
  return edited
    .filter(({ ref }) => going.has(ref))
    .map(({ ref, at, entries }) => ({
      artifact: ref,
      files: entries.map((entry) => `${at} (${nameOf(entry)})`).filter((name) => !stays.has(name)),
    }))
    .filter(({ files }) => files.length > 0)
}

/** Where nothing is to be written, what has not been touched since it was last found to be as haal put it is not read again, and what turns out to
    be as haal put it is remembered; --frozen reads everything. */
function lookFor(session: Session, shall: readonly Place[]): Look {
  const { flags, seen } = session
  const look = lookerOf(session)
  if (flags.frozen) return look
  const lookAgain = remembering(look, session)
  const after = new Map(shall.map((place) => [place.at, contentOf(place)]))
  return (place, expected) => {
    const content = expected && contentOf({ content: expected })
    if (content === undefined || after.get(place.at) !== content) return look(place, expected)
    return seen.isUntouched(place.at, content) ? untouched : lookAgain(place, expected)
  }
}

const untouched: OnDisk = { state: 'same', changed: [], added: [], missing: [] }

/** Sees to it that the files of a lock's artifacts are at hand, because a tool's own form is made from them. */
async function stockFor(
  session: Session,
  lock: Lock,
  isMeant: (locked: Locked, ref: Ref) => boolean = isPlaced,
): Promise<void> {
  const missing = lockedEntries(lock).filter(
    ([ref, locked]) => isMeant(locked, ref) && storedOf(session, ref, locked) === undefined,
  )
  const taking = missing.map(([, { integrity }]) => ({ after: { from: 'store', integrity } as const }))
  await stock(session, lock, taking)
}

function isPlaced({ targets = [] }: Locked): boolean {
  return targets.length > 0
}

interface Sides {
  before: readonly SharedPlace[]
  after: readonly SharedPlace[]
  force: boolean
}

async function mergeAll(
  session: Session,
  { before, after, force }: Sides,
): Promise<(Omit<Merged, 'step'> & { step?: Step })[]> {
  const files = [...new Set([...before, ...after].map(({ at }) => at))].sort()
  const merged = []
  for (const at of files) {
    const own = (places: readonly SharedPlace[]) => places.filter((place) => place.at === at)
    const stays = after.some((place) => place.at === at)
    const hasAll = stays ? lookAt(session, at) : undefined
    const bytes = sharedBytes(session, at)
    const { step, ...rest } = await mergeFile({ at, bytes, was: own(before), shall: own(after), force })
    if (step === undefined && rest.edited.length + rest.conflicts.length === 0) hasAll?.()
    merged.push(step === undefined ? rest : { ...rest, step: { ...step, place: path.resolve(session.root, at) } })
  }
  return merged
}

/** Before a shared file is read: what to call when it turns out to have all that it shall. What lies behind a link is not remembered. */
function lookAt({ ctx, root, flags, seen }: Session, at: string): (() => void) | undefined {
  const isFile = ctx.disk.stat(path.resolve(root, at))?.type === 'file'
  return !isFile || flags.dryRun || flags.frozen || seen.isUntouched(at, 'shared') ? undefined : seen.look(at, 'shared')
}

/** A lock with the places that tools get, and what is to be told about them. */
export async function placedIn(session: Session, lock: Lock, targets = toolsOf(session)): Promise<Targeted> {
  if (targets.length > 0) await stockFor(session, lock, (_, ref) => isRead(ref))
  return withTargets(session, lock, { targets, link: session.manifest.link })
}

/** The same for those artifacts alone whose files are here: nothing is fetched. */
export async function placedAtHand(session: Session): Promise<Lock> {
  const { lock, manifest } = session
  const { lock: placed } = await withTargets(session, lock, { targets: toolsOf(session), link: manifest.link })
  const here = lockedEntries(placed).filter(([ref, locked]) => storedOf(session, ref, locked) !== undefined)
  return { ...placed, artifacts: Object.fromEntries(here) }
}

/** The tools that haal.json names, and AgentOS from when it was first given skills: `haal agentos` does that without a word in haal.json. */
export function toolsOf({ manifest, lock }: Session): readonly string[] {
  const isGiven = Object.values(lock.artifacts).some((locked) => toolsGiven(locked).includes('agentos'))
  return isGiven && !manifest.targets.includes('agentos') ? [...manifest.targets, 'agentos'] : manifest.targets
}

/** What tools make of an artifact is news when it changes, or when its tool comes: was `named` just now, or gets its first places for what was
    there. A tool that has a place for nothing that is installed was told of when that came. */
export function newsIn(
  { changes, to }: Pick<Plan, 'changes' | 'to'>,
  before: Lock,
  named: readonly string[] = [],
): (ref: Ref, tool: string) => boolean {
  const isOther = ({ action, tools }: Plan['changes'][number]) =>
    action === 'add' || (action === 'update' && tools === undefined)
  const changed = new Set(changes.filter(isOther).map(({ artifact }) => artifact))
  const known = toolsIn(before)
  const now = new Set([...toolsIn(to.lock, (ref) => Object.hasOwn(before.artifacts, ref)), ...named])
  return (ref, tool) => changed.has(ref) || (now.has(tool) && !known.has(tool))
}

function toolsIn(lock: Lock, isMeant: (ref: Ref) => boolean = () => true): Set<string> {
  const all = lockedEntries(lock).filter(([ref]) => isMeant(ref))
  return new Set(all.flatMap(([, locked]) => toolsGiven(locked)))
}
