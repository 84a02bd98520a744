import type { Note, Request } from '../../model/artifact.js'
import type { HaalError } from '../../model/errors.js'
import { type Ref, splitRef } from '../../model/kinds.js'
import type { Locked } from '../../model/lock.js'
import { note } from '../../model/notes.js'
import { printRequest } from '../../model/request.js'
import { called } from '../../resolve/match.js'
import type { Session } from '../session/session.js'

/** An update goes back to an older version. */
export function olderNote(ref: Ref, locked: Locked, { version, registry }: Pick<Locked, 'version' | 'registry'>): Note {
  return note('W_OLDER', `${ref} goes back from ${locked.version} to ${version}, which is what ${registry} has now`)
}

/** An artifact comes from another registry than before, though nobody asked for that. */
export function elsewhereNote(ref: Ref, { was, now }: { was: string; now: string }, { shelves }: Session): Note {
  const { kind, name } = splitRef(ref)
  const former = shelves.seen().shelves.find(({ registry }) => registry.name === was)
  const isGone = former && !called(former.catalog.artifacts, name).some((other) => other.kind === kind)
  const before = isGone ? `${was} no longer has it` : `it came from ${was}`
  return note('W_REGISTRY', `${ref} comes from ${now} now; ${before}`)
}

/** A command goes on although haal.json as a whole could not be resolved. */
export function unresolvedNote({ message }: HaalError): Note {
  return note('W_UNRESOLVED', `all else stays as locked: ${message}`)
}

/** An artifact goes that only a pattern asked for. */
export function goneNote([ref, request]: [Ref, Request]): Note {
  const { range: _range, ...pattern } = request
  const { registry } = pattern
  const who = registry === undefined ? 'no registry has it any more' : `${registry} no longer has it`
  return note('W_GONE', `${ref} goes: ${who}, and only ${printRequest(pattern)} asked for it`)
}
