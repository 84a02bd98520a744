import { HaalError } from '../model/errors.js'
import type { Plan } from '../model/plan.js'
import type { Decision } from '../model/policy.js'
import { auditLogs } from '../policy/grants.js'
import { allowedIn, refusedIn } from '../policy/record.js'
import { appendAudit } from '../state/audit.js'
import type { Session } from './session.js'

/** Runs a judgement and appends what it decided to every audit log that policy asks for. A log that is required and cannot be written stops
    the command, as the refusal itself would have. A dry run decides nothing. */
export async function audited<T>(session: Session, plan: Plan, judge: () => Promise<T>): Promise<T> {
  const logs = auditLogs(session.policy)
  if (logs.length === 0 || session.flags.dryRun) return judge()
  const moment = { time: session.ctx.now().toISOString(), command: session.command }
  const write = (decisions: Decision[]): void => {
    for (const log of logs) session.notes.push(...appendAudit(session.ctx.disk, log, decisions))
  }
  try {
    const judged = await judge()
    write(allowedIn(plan, moment))
    return judged
  } catch (e) {
    if (e instanceof HaalError) write(refusedIn(e, moment))
    throw e
  }
}
