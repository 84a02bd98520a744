import type { Command } from '../model/command.js'
import type { PolicyCheckResult } from '../model/results.js'
import { counted } from '../model/text.js'
import { policyCheck as perform } from '../operations/policy.js'

export const policyCheck: Command<PolicyCheckResult> = {
  name: 'policy check',
  args: '',
  summary: 'judge haal.lock by policy, without writing; exit 5 if something is not allowed',
  examples: ['haal policy check', 'haal policy check --json'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  exit: ({ ok }) => (ok ? 0 : 5),
  show: ({ ok, checked, refusals }, paint) => {
    if (ok)
      return [
        `policy allows ${checked === 1 ? 'the one artifact' : `all ${counted(checked, 'artifact')}`} in haal.lock`,
      ]
    const lines = refusals.map(({ code, about, rule, source, reason, contact }) => {
      const asked = contact === null ? '' : `; ask ${contact}`
      return `${paint.bad(code)}  ${about}: ${reason} ${paint.dim(`(${rule}, ${source}${asked})`)}`
    })
    return [...lines, `${counted(refusals.length, 'refusal')} in ${counted(checked, 'artifact')}`]
  },
}
