import path from 'node:path'
import type { Note } from '../../model/artifact.js'
import { fail } from '../../model/errors.js'
import { splitRef } from '../../model/kinds.js'
import { note } from '../../model/notes.js'
import type { Change, Conflict, Plan } from '../../model/plan.js'
import { inShell } from '../../model/text.js'
import type { Difference } from '../../plan/diff.js'
import { cameOtherwise } from '../places/past-places.js'
import type { Session } from '../session/session.js'

/** Throws E_CONFLICT, naming what is in the way. */
export function refuseConflicts({ conflicts }: Plan): void {
  const [first] = conflicts
  if (first === undefined) return
  const said = conflicts.map((each) =>
    isValue(each)
      ? `${each.place} has ${few(each.files)} of yours`
      : `${each.place} ${conflictWords[each.why]}${briefly(each.files)}`,
  )
  fail('E_CONFLICT', said.join('; '), { hint: wayOn(first), details: { conflicts } })
}

function wayOn(conflict: Conflict): string {
  if (isValue(conflict)) return 'take yours out, or rename it; or go on with --force, which keeps the file aside'
  return conflict.why === 'edited'
    ? `see the edits: haal diff ${inShell(conflict.artifact)}; to go on and have them kept aside, add --force`
    : 'move it away, or go on with --force, which keeps it aside'
}

/** Whether a person has a value of the same name in a file that is shared with them. */
function isValue({ why, files }: Conflict): boolean {
  return why === 'foreign' && files.some((name) => name !== '')
}

const conflictWords: Readonly<Record<Conflict['why'], string>> = {
  edited: 'was edited',
  foreign: 'is yours, not haal’s',
  unsafe: 'is not safe to write',
}

function briefly(files: readonly string[]): string {
  const named = few(files.filter((file) => file !== ''))
  return named === '' ? '' : ` (${named})`
}

/** The first few names. */
export function few(names: readonly string[]): string {
  return [...names.slice(0, 3), ...(names.length > 3 ? ['…'] : [])].join(', ')
}

/** What of a person's stays where an artifact goes. */
export function keptFiles({ kept }: Pick<Difference, 'kept'>): Note[] {
  return kept.map(({ artifact, files }) => {
    const places = files.map((file) => path.posix.normalize(file)).join(', ')
    const them = files.length === 1 ? 'it' : 'them'
    return note('W_KEPT', `${places}: kept, because you changed or added ${them} (${splitRef(artifact).name})`)
  })
}

/** A person's edits that are left, in artifacts that are reported as kept or that haal.lock has otherwise than the newest generation. */
export function editedFiles(
  session: Session,
  { edited, kept }: { edited: Difference['edited']; kept: Change[] },
): Note[] {
  if (edited.length === 0) return []
  const refs = new Set([...kept.map(({ artifact }) => artifact), ...cameOtherwise(session)])
  return edited
    .filter(({ artifact }) => refs.has(artifact))
    .map(({ artifact, files }) => {
      const left = `${files.join(', ')}: left as you changed ${files.length === 1 ? 'it' : 'them'}`
      const moves = `see haal diff ${inShell(artifact)}, or take back what is locked with haal install --force`
      return note('W_KEPT', `${left}; ${moves}`)
    })
}
