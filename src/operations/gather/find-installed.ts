import type { Request } from '../../model/artifact.js'
import { fail } from '../../model/errors.js'
import { type Ref, splitRef } from '../../model/kinds.js'
import type { Lock } from '../../model/lock.js'
import { nearest } from '../../model/nearest.js'
import { isPattern, parseRequest, printRequest } from '../../model/request.js'
import { inShell } from '../../model/text.js'
import { refsMatching } from '../../plan/desire.js'
import type { Session } from '../session/session.js'

/** The installed artifacts that a person names. Throws E_NOT_INSTALLED with the nearest name, or where another version is installed than
    the one that is named; E_AMBIGUOUS. */
export function installedAs(text: string, { lock, command }: Session): [Ref, ...Ref[]] {
  const request = parseRequest(text)
  const refs = refsMatching(request, lock)
  if (!isPattern(request)) theOne(text, refs)
  const [first, ...others] = refs.filter((ref) => isThat(ref, request, lock))
  return first === undefined ? notInstalled(request, { lock, command }) : [first, ...others]
}

/** The same for a command that is about one artifact: a pattern may mean no more than one either. */
export function oneInstalledAs(text: string, session: Session): Ref {
  const refs = installedAs(text, session)
  theOne(text, refs)
  return refs[0]
}

/** The only one of those that fit a text; undefined where none does. Throws E_AMBIGUOUS. */
export function theOne(text: string, refs: readonly Ref[]): Ref | undefined {
  if (refs.length > 1)
    fail('E_AMBIGUOUS', `"${text}" fits ${refs.join(', ')}`, {
      hint: `name one of them, for example ${refs[0]}`,
      details: { candidates: refs },
    })
  return refs[0]
}

/** A version says which one is meant: a range would have to be read, which is for commands that resolve. */
function isThat(ref: Ref, { range }: Request, lock: Lock): boolean {
  const locked = lock.artifacts[ref]
  return range === undefined || [locked?.version, locked?.ref, '*'].includes(range)
}

function notInstalled(request: Request, { lock, command }: Pick<Session, 'lock' | 'command'>): never {
  const asked = printRequest(request)
  if (isPattern(request))
    fail('E_NOT_INSTALLED', `nothing that is installed fits "${asked}"`, { hint: 'see what is: haal list' })
  const [other] = refsMatching(request, lock)
  if (other !== undefined)
    fail('E_NOT_INSTALLED', `${asked} is not installed, ${other} ${lock.artifacts[other]?.version} is`, {
      hint: `name it without a version: haal ${command} ${inShell(other)}`,
    })
  const names = Object.keys(lock.artifacts).map((ref) => splitRef(ref).name)
  const close = nearest(request.name, names)
  return fail('E_NOT_INSTALLED', `${asked} is not installed`, {
    hint: close ? `did you mean ${close}?` : 'see what is: haal list',
  })
}
