import { fail, onError } from '../../model/errors.js'
import { refOf } from '../../model/kinds.js'
import { inShell } from '../../model/text.js'
import { type Demand, whoAsks } from '../../plan/demand.js'
import type { Want } from '../../plan/desire.js'
import { whoRequires } from '../../policy/required.js'
import type { Chosen } from '../../resolve/choose.js'
import type { Found } from '../../resolve/walk.js'
import type { Session } from '../session/session.js'

interface Asking {
  found: Found
  want: Want
  asked: Demand
  session: Session
}

/** A range that the command does not name is told with who asks for it, and a pin with what lets it go. What lies beyond a range is asked for by
    the command. */
export function orWhoAsks(choice: () => Promise<Chosen>, { found, want, asked, session }: Asking): Promise<Chosen> {
  const ref = refOf(found.artifact.kind, found.artifact.name)
  const { by, pin } = asked
  return onError(['E_NO_VERSION', 'E_REF'], choice, (e) => {
    const { code, message, hint, details } = e
    if (session.command === 'pin' && want.named) throw e
    if (pin !== undefined)
      fail(code, `${message}; haal.json pins it to ${pin}`, { hint: `let it go: haal unpin ${inShell(ref)}`, details })
    if (by.some((each) => each.beyond !== undefined) || isNamedAlone(by)) throw e
    const rule = by.find((each) => each.by === 'policy')
    const next = rule === undefined ? hint : whoRequires(session.policy, rule.request)
    return fail(code, `${message}; ${whoAsks(by)}`, { hint: next, details })
  })
}

/** Whether only what the command itself says decides. */
function isNamedAlone(by: readonly Want[]): boolean {
  return by.every(({ named }) => named)
}
