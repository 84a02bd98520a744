import type { Note } from '../model/artifact.js'
import type { Lock } from '../model/lock.js'
import { note } from '../model/notes.js'
import { isSameAddress, type SourceChange, sourceChanges } from '../plan/sources.js'
import type { Edit } from '../state/edit.js'
import { refEdits } from '../state/ref-edit.js'
import type { Session } from './session.js'

/** haal.json names the refs of the time again: otherwise the next install would take everything from the present ones. Where they stand in no file
    that haal edits, or were edited since haal.lock was written, that is only told. */
export async function refsOfThen(session: Session, then: Lock): Promise<{ edits: Edit[]; notes: Note[] }> {
  const edits: Edit[] = []
  const notes: Note[] = []
  for (const change of refChanges(session, then)) {
    const found = isWaiting(change, session.lock) ? undefined : await editsFor(session, change)
    edits.push(...(found ?? []))
    notes.push(found === undefined ? comesAgain(change, session) : backNote(change))
  }
  return { edits, notes }
}

/** Registries that are at the same address as then, at another ref. */
export function refChanges({ manifest }: Pick<Session, 'manifest'>, then: Lock): SourceChange[] {
  return sourceChanges(then, manifest.registries).filter(({ was, now }) => isSameAddress(was, now))
}

/** What a person has written and no install has followed yet is not what is rolled back. */
function isWaiting({ name, was }: SourceChange, { registries }: Lock): boolean {
  const record = Object.hasOwn(registries, name) ? registries[name] : undefined
  return record !== undefined && record.ref === was.ref
}

function editsFor({ ctx, manifest }: Session, { name, was }: SourceChange): Promise<Edit[] | undefined> {
  return refEdits(ctx.disk, manifest, { name, via: was.type, ref: was.ref })
}

function backNote({ name, was }: SourceChange): Note {
  return note('W_REF', `haal.json has ${name} at ${was.ref ?? 'no ref'} again, as it was then`)
}

function comesAgain({ name, was, now }: SourceChange, { manifest }: Session): Note {
  const source = manifest.registries.find((registry) => registry.name === name)?.source ?? name
  const stay = was.ref === undefined ? 'take the ref out of' : `write ${was.ref} in`
  const there = `${name} is at ${now.ref ?? 'no ref'}, and in haal.lock at ${was.ref ?? 'no ref'}`
  return note('W_REF', `${there}: the next install takes what comes from it anew; to stay, ${stay} ${source}`)
}
