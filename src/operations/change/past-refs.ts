import type { Note } from '../../model/artifact.js'
import type { Lock } from '../../model/lock.js'
import { note } from '../../model/notes.js'
import type { State } from '../../model/plan.js'
import { lockOf, unfolded } from '../../plan/lock.js'
import { type SourceChange, sourceChanges } from '../../plan/sources.js'
import type { Edit } from '../../state/config/edit.js'
import { refEdits } from '../../state/config/ref-edit.js'
import type { Session } from '../session/session.js'

interface Then {
  to: State
  edits: Edit[]
  notes: Note[]
}

/** A past state, and haal.json with the refs of the time: otherwise the next install would take everything from the present ones. Where those stand in
    no file that haal edits, it is the lockfile that says what stays behind. One that was edited since haal.lock was written is only told. */
export async function refsOfThen(session: Session, past: State): Promise<Then> {
  const then: Then = { to: past, edits: [], notes: [] }
  for (const change of refChanges(session, past.lock)) {
    if (isWaiting(change, session.lock)) {
      then.notes.push(comesAgain(change))
      continue
    }
    const edits = await editsFor(session, change)
    if (edits === undefined) then.to = { ...past, lock: heldBack(then.to.lock, change) }
    else {
      then.edits.push(...edits)
      then.notes.push(backNote(change))
    }
  }
  return then
}

function heldBack(lock: Lock, { name, now }: SourceChange): Lock {
  return lockOf(unfolded(lock), { ...lock, registries: { ...lock.registries, [name]: now } })
}

/** Registries that are at the same address as then, at another ref. */
export function refChanges({ manifest }: Pick<Session, 'manifest'>, then: Lock): SourceChange[] {
  return sourceChanges(then, manifest.registries).filter(({ isMoved }) => !isMoved)
}

/** What a person has written and no install has followed yet is not what is rolled back. */
function isWaiting({ name, now }: SourceChange, { registries }: Lock): boolean {
  const record = Object.hasOwn(registries, name) ? registries[name] : undefined
  return record !== undefined && record.ref !== now.ref
}

function editsFor({ ctx, manifest }: Session, { name, was }: SourceChange): Promise<Edit[] | undefined> {
  return refEdits(ctx.disk, manifest, { name, via: was.type, ref: was.ref })
}

function backNote({ name, was, file }: SourceChange): Note {
  return note('W_REF', `${file} has ${name} at ${was.ref ?? 'no ref'} again, as it was then`)
}

function comesAgain({ name, was, now, file }: SourceChange): Note {
  const [then, next] = [was.ref ?? 'no ref', now.ref ?? 'no ref']
  return note(
    'W_REF',
    `${file} has ${name} at ${next}, haal.lock at ${then}: the next install takes what comes from it anew`,
  )
}
