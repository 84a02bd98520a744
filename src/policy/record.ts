import { type ErrorCode, errors, exits, type HaalError } from '../model/errors.js'
import type { Plan } from '../model/plan.js'
import type { Decision } from '../model/policy.js'

interface Moment {
  /** ISO 8601, UTC. */
  time: string
  command: string
}

/** What the audit log says of a plan that policy let pass: one decision for each change, none for what stays. */
export function allowedIn(plan: Plan, { time, command }: Moment): Decision[] {
  const changes = plan.changes.filter(({ action }) => action !== 'keep')
  return changes.map(({ action, artifact, from, to, registry }) => {
    const label = to ?? from
    return {
      time,
      command,
      decision: 'allowed',
      about: artifact,
      action,
      ...(label !== null && { version: label.version, integrity: label.integrity }),
      ...(registry !== null && { registry }),
    }
  })
}

/** What it says of a failure: one decision for each rule that said no; none where policy had nothing to do with it. */
export function refusedIn({ code, details, message }: HaalError, { time, command }: Moment): Decision[] {
  if (errors[code][0] !== exits.policy && !code.startsWith('E_SIG')) return []
  const all = Array.isArray(details.refusals) ? (details.refusals as unknown[]) : [details]
  return all.map((each) => ({ time, command, decision: 'refused', ...factsIn(each, { code, message }) }))
}

function factsIn(
  refusal: unknown,
  { code, message }: { code: ErrorCode; message: string },
): Omit<Decision, keyof Moment | 'decision'> {
  const facts: Readonly<Record<string, unknown>> = typeof refusal === 'object' && refusal !== null ? { ...refusal } : {}
  const text = (key: string) => (typeof facts[key] === 'string' ? facts[key] : undefined)
  const rule = text('rule')
  const source = text('source')
  return {
    about: text('about') ?? text('artifact') ?? 'policy',
    code: (text('code') ?? code) as ErrorCode,
    ...(rule !== undefined && { rule }),
    ...(source !== undefined && { source }),
    reason: text('reason') ?? message,
  }
}
