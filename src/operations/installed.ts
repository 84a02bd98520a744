import { fail } from '../model/errors.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { nearest } from '../model/nearest.js'
import { isPattern, parseRequest, printRequest } from '../model/request.js'
import { refsMatching } from '../plan/desire.js'
import type { Session } from './session.js'

/** The installed artifacts that a person names. Throws E_NOT_INSTALLED with the nearest name, E_AMBIGUOUS. */
export function installedAs(text: string, { lock }: Session): Ref[] {
  const request = parseRequest(text)
  const refs = refsMatching(request, lock)
  if (refs.length === 0) {
    const close = nearest(
      request.name,
      Object.keys(lock.artifacts).map((ref) => splitRef(ref).name),
    )
    fail('E_NOT_INSTALLED', `${printRequest(request)} is not installed`, {
      hint: close ? `did you mean ${close}?` : 'see what is: haal list',
    })
  }
  if (refs.length > 1 && !isPattern(request))
    fail('E_AMBIGUOUS', `"${text}" fits ${refs.join(', ')}`, {
      hint: `name one of them, for example ${refs[0]}`,
      details: { candidates: refs },
    })
  return refs
}
