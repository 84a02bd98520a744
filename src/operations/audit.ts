import { HaalError } from '../model/errors.js'
import type { Plan } from '../model/plan.js'
import type { Decision } from '../model/policy.js'
import { auditLogs } from '../policy/grants.js'
import { appendAudit } from '../state/audit.js'
import type { Session } from './session.js'

/** Runs a judgement and appends what it decided to every audit log that policy asks for. A log that is required and cannot be written stops
    the command, as the refusal itself would have. A dry run decides nothing. */
export async function audited<T>(session: Session, plan: Plan, judge: () => Promise<T>): Promise<T> {
  const logs = auditLogs(session.policy)
  if (logs.length === 0 || session.flags.dryRun) return judge()
  const write = (decisions: Decision[]): void => {
    for (const log of logs) session.notes.push(...appendAudit(session.ctx.disk, log, decisions))
  }
  try {
    const judged = await judge()
    write(allowed(session, plan))
    return judged
  } catch (e) {
    if (e instanceof HaalError) write([refused(session, e)])
    throw e
  }
}

function allowed({ ctx, command }: Session, { changes }: Plan): Decision[] {
  const time = ctx.now().toISOString()
  return changes
    .filter(({ action }) => action !== 'keep')
    .map(({ action, artifact, to, registry }) => ({
      time,
      command,
      decision: 'allowed',
      about: artifact,
      action,
      ...(to && { version: to.version, integrity: to.integrity }),
      ...(registry !== null && { registry }),
    }))
}

function refused({ ctx, command }: Session, { code, message, details }: HaalError): Decision {
  const { about, rule, source } = details as Partial<Record<'about' | 'source', string>> & Pick<Decision, 'rule'>
  return {
    time: ctx.now().toISOString(),
    command,
    decision: 'refused',
    about: about ?? 'plan',
    code,
    ...(rule !== undefined && { rule }),
    ...(source !== undefined && { source }),
    reason: message,
  }
}
