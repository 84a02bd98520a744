import { HaalError } from '../../model/errors.js'
import type { Plan } from '../../model/plan.js'
import type { Decision, Policy } from '../../model/policy.js'
import { auditLogs } from '../../policy/grants.js'
import { allowedIn, refusedIn } from '../../policy/record.js'
import { appendAudit } from '../../state/audit-log.js'
import type { Ground } from '../project/ground.js'

/** Appends what policy decides to every audit log that it asks for. A log that is required and cannot be written stops the command, as a refusal
    would have. A dry run decides nothing. */
export interface Audit {
  /** Which policies ask for a log, as far as they are known. */
  under(policy: Policy): void
  /** Called before a plan is carried out. */
  allowed(plan: Plan): void
  /** Called with everything that ends a command; each refusal is written once, whoever tells it first. */
  refused(e: unknown): void
}

export function openAudit({ ctx, flags, command, notes }: Ground): Audit {
  const told = new WeakSet<HaalError>()
  let known: Policy | undefined
  const write = (decisions: Decision[]): void => {
    for (const log of known === undefined || flags.dryRun ? [] : auditLogs(known))
      notes.push(...appendAudit(ctx.disk, log, decisions))
  }
  const moment = () => ({ time: ctx.now().toISOString(), command })
  return {
    under: (policy) => {
      known = policy
    },
    allowed: (plan) => write(allowedIn(plan, moment())),
    refused: (e) => {
      if (!(e instanceof HaalError) || told.has(e)) return
      told.add(e)
      write(refusedIn(e, moment()))
    },
  }
}
