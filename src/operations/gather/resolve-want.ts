import { fail, onError } from '../../model/errors.js'
import type { Ref } from '../../model/kinds.js'
import { isPattern, printRequest } from '../../model/request.js'
import { inShell } from '../../model/text.js'
import { isRoot, lockedFor, refsMatching, type Want } from '../../plan/desire.js'
import { whoRequires } from '../../policy/required.js'
import { find, namesakes } from '../../resolve/walk.js'
import type { Session } from '../session/session.js'
import { holds, type LookedUp, orStays, pick, type Work } from './pick.js'
import { isOpen, lookUpAll } from './resolve-pattern.js'

export async function lookUp(want: Want, work: Work): Promise<LookedUp> {
  const [{ session }, { request }] = [work, want]
  if (want.stays) return { locked: refsMatching(request, session.lock), chosen: [] }
  const locked =
    want.fresh && !isPinned(want, session) ? untouched(want, work) : lockedFor(want, session.lock, work.isMet)
  if (locked.length > 0 && !(isPattern(request) && isOpen(want, work))) return { locked, chosen: [] }
  if (isPattern(request)) return lookUpAll(want, locked, work)
  const found = await orMissing(want, work, () => find(request, session.manifest, session.shelves))
  if (found === undefined) return { locked, chosen: [] }
  work.notes.push(...namesakes(found, request))
  const [ref] = want.fresh ? lockedFor(want, session.lock, work.isMet) : []
  return orStays({ found, ref }, work, async () => [await pick(found, want, work)])
}

/** What a pattern means and a command that names only some of it leaves alone. */
function untouched(want: Want, { session: { lock }, isMet }: Work): Ref[] {
  const { only } = want
  return only === undefined ? [] : lockedFor(want, lock, isMet).filter((ref) => !only.has(ref))
}

/** A pin holds against everything that would raise the artifact. */
function isPinned({ request }: Want, session: Session): boolean {
  const refs = refsMatching(request, session.lock)
  return refs.length > 0 && refs.every((ref) => holds(ref, session))
}

/** A bundle may list what nobody has: that is told, and the rest of it comes. What the command did not name is told with who asks for it. */
function orMissing<T>(want: Want, { leftOut, session }: Work, search: () => Promise<T>): Promise<T | undefined> {
  if (want.named)
    return onError(['E_AMBIGUOUS'], search, ({ code, message, details }) => {
      const [first = ''] = details.candidates as readonly string[]
      return fail(code, message, { hint: `name one of them: haal ${session.command} ${inShell(first)}`, details })
    })
  if (isRoot(want))
    return onError(['E_NOT_FOUND'], search, ({ code, message, hint, details }) =>
      want.by === 'policy'
        ? fail(code, `${message}, and policy requires it`, { hint: whoRequires(session.policy, want.request), details })
        : fail(code, `${message}, and ${want.by} asks for it`, { hint, details }),
    )
  return onError(['E_NOT_FOUND'], search, () => {
    const { by } = want
    const ref = printRequest(want.request)
    leftOut.push({ code: 'W_MEMBER_MISSING', by, ref, says: `${by} lists ${ref}, but no registry has it` })
    return undefined
  })
}
