import type { Command } from '../model/command.js'
import { errors } from '../model/errors.js'
import type { PolicyCheckResult, ShownRefusal } from '../model/results.js'
import { counted } from '../model/text.js'
import { policyCheck as perform } from '../operations/policy.js'
import { type Finding, failedSarif, formatFlag, refuseBoth, sarif } from './sarif.js'

export const policyCheck: Command<PolicyCheckResult> = {
  name: 'policy check',
  args: '',
  summary: 'judge haal.lock by policy, without writing; exit 5 if something is not allowed',
  examples: ['haal policy check', 'haal policy check --json', 'haal policy check --format sarif'],
  flags: [formatFlag],
  run: async (ctx, _args, flags) => {
    refuseBoth(flags)
    return perform(ctx, { flags })
  },
  document: ({ refusals }, { format }) =>
    format === 'sarif' ? sarif(refusals.map(finding), meanings(refusals)) : undefined,
  failureDocument: (error, { format }) => (format === 'sarif' ? failedSarif(error) : undefined),
  exit: ({ ok }) => (ok ? 0 : 5),
  show: ({ ok, checked, refusals }, paint) => {
    if (ok && checked === 0) return ['nothing is installed that policy could refuse']
    if (ok)
      return [
        `policy allows ${checked === 1 ? 'the one artifact' : `all ${counted(checked, 'artifact')}`} in haal.lock`,
      ]
    const lines = refusals.map((refusal) => {
      const { code, about, reason } = refusal
      return `${paint.bad(code)}  ${about}: ${reason} ${paint.dim(groundsOf(refusal))}`
    })
    const among = checked === 0 ? '' : ` in ${counted(checked, 'artifact')}`
    return [...lines, `${counted(refusals.length, 'refusal')}${among}`]
  },
}

function meanings(refusals: readonly ShownRefusal[]): Record<string, string> {
  return Object.fromEntries(refusals.map(({ code }) => [code, errors[code][1]]))
}

function finding(refusal: ShownRefusal): Finding {
  const { code, about, reason } = refusal
  return { rule: code, at: 'haal.lock', message: `${about}: ${reason} ${groundsOf(refusal)}` }
}

/** The rule, where it is from, and whom to ask. */
function groundsOf({ rule, source, contact }: ShownRefusal): string {
  return `(${rule}, ${source}${contact === null ? '' : `; ask ${contact}`})`
}
