import type { Note, Taken } from '../../model/artifact.js'
import { fail, onError } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import { type Lock, type Locked, lockedRefs } from '../../model/lock.js'
import { note } from '../../model/notes.js'
import { inShell } from '../../model/text.js'
import type { Demands } from '../../plan/demand.js'
import type { Unfolded } from '../../plan/lock.js'
import type { Rename } from '../../plan/renames.js'
import { asVouched, isSameAddress, type SourceChange, sourceChanges } from '../../plan/sources.js'
import { isHeld } from '../../policy/grants.js'
import { located, retake } from '../fetch/into-store.js'
import { checkSource, shown } from '../project/lock-sources.js'
import type { Session } from '../session/session.js'
import { holds } from './pick.js'

/** The registries that the configuration has otherwise than haal.lock, and that can be asked: one that --allow-missing leaves out stays as locked. One
    at another address is followed by an update alone. */
export async function changesHere(session: Session): Promise<SourceChange[]> {
  const { command, lock, manifest, flags, shelves, unresolved } = session
  if (unresolved) return []
  const changes = sourceChanges(lock, manifest.registries).filter(({ isMoved }) => command === 'update' || !isMoved)
  if (changes.length === 0 || !flags.allowMissing) return changes
  await shelves.ordered()
  const open = new Set(shelves.seen().shelves.map(({ registry }) => registry.name))
  return changes.filter(({ name }) => open.has(name))
}

/** Whether what is locked has to be resolved anew, because its registry is configured otherwise by now. What is pinned has not; nor has what was
    asked for at a ref of its own, unless the registry is at another address. */
export function fromChanged(
  changes: readonly SourceChange[],
  { session: { lock, policy }, demands }: { session: Pick<Session, 'lock' | 'policy'>; demands: Demands },
): (ref: Ref) => boolean {
  const changed = new Map(changes.map((change) => [change.name, change]))
  return (ref) => {
    const locked = lock.artifacts[ref]
    const change = locked && changed.get(locked.registry)
    if (locked === undefined || change === undefined) return false
    const { pin, ranges } = demands({ ...locked, ref })
    const hasOwnRef = locked.ref !== undefined && ranges.includes(locked.ref)
    return pin === undefined && !isHeld(policy, ref, locked) && !(hasOwnRef && !change.isMoved)
  }
}

/** The registries as a lock has them from now on: as they are configured where that has changed, and as what was resolved came from them. */
export function recordsNow(
  registries: Lock['registries'],
  changes: readonly SourceChange[],
  resolved: readonly Unfolded[],
): Lock['registries'] {
  const configured = changes.map(({ name, now }) => [name, now] as const)
  const come = resolved.map(({ locked, registry }) => [locked.registry, registry] as const)
  return { ...registries, ...Object.fromEntries([...configured, ...come]) }
}

/** haal.lock has one address for all that came from a registry. From one that is at another by now only an update brings anything of what is locked,
    and then all of it but what is pinned. Throws E_LOCK_SOURCE. */
export function refuseElsewhere(session: Session, next: Lock, come: ReadonlyMap<Ref, Taken>): void {
  const { command, lock, shelves } = session
  const asked = new Set([...come.values()].map(({ registry }) => registry))
  const isOdd = (ref: Ref) => command !== 'update' || !(come.has(ref) || holds(ref, session))
  const owners = new Set(lockedRefs(next).flatMap((ref) => (isOdd(ref) ? (lock.artifacts[ref]?.registry ?? []) : [])))
  for (const { registry } of shelves.seen().shelves)
    if (asked.has(registry.name) && owners.has(registry.name))
      checkSource(registry.name, lock.registries[registry.name], registry)
}

/** What is pinned stays when its registry is at another address, and haal.lock has that address for it, too: so it has to be there, or nobody else
    could get it. Throws E_LOCK_SOURCE. */
export async function demandStaying(session: Session, next: Lock, come: ReadonlyMap<Ref, Taken>): Promise<void> {
  const before = asVouched(session.lock, session.manifest.registries)
  for (const ref of lockedRefs(next).filter((each) => !come.has(each))) {
    const locked = next.artifacts[ref] as Locked
    const [was, now] = [before[locked.registry], next.registries[locked.registry]]
    if (was === undefined || now === undefined || isSameAddress(was, now)) continue
    await onError(
      ['E_INTEGRITY', 'E_ENTRY_MISSING'],
      async () => retake(session, await located({ ...session, lock: next }, ref, locked), { ref, locked }),
      ({ details }) => refuseAbsent(ref, locked, { at: now.location, details }),
    )
  }
}

function refuseAbsent(
  ref: Ref,
  { pinned, registry, version }: Locked,
  { at, details }: { at: string; details: Record<string, unknown> },
): never {
  const [is, hint] = pinned
    ? ['is pinned', `let it go: haal unpin ${inShell(ref)}`]
    : ['is held by policy', `take it out, and take it anew after the update: haal uninstall ${inShell(ref)}`]
  return fail('E_LOCK_SOURCE', `${ref} ${is} at ${version}, of which ${registry} at ${at} has other bytes or none`, {
    hint,
    details: { ...details, artifact: ref, registry, configured: at },
  })
}

/** What a person is told of a change that a command followed. */
export function followedNote(change: SourceChange): Note {
  const { was, now } = whereIn(change)
  return note(
    'W_REF',
    `${change.name} is at ${now} in ${change.file} and was at ${was} in haal.lock: what came from it is resolved anew`,
  )
}

/** The same of a registry that has another name. */
export function renamedNote({ was, now, file }: Rename): Note {
  return note('W_RENAMED', `${was} is named ${now} in ${file}, and in haal.lock from now on`)
}

/** Where a registry was and is: its ref, unless its address is another. */
export function whereIn({ was, now, isMoved }: SourceChange): { was: string; now: string } {
  if (!isMoved) return { was: was.ref ?? 'no ref', now: now.ref ?? 'no ref' }
  return { was: shown(was.location), now: now.location }
}
