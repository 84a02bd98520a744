import type { Command } from '../model/command.js'
import type { PolicyShowResult } from '../model/results.js'
import { columns } from '../model/text.js'
import { policyShow as perform } from '../operations/policy.js'

export const policyShow: Command<PolicyShowResult> = {
  name: 'policy show',
  args: '',
  summary: 'show every rule of policy that holds here, and where it comes from',
  about: [
    'Policy is read from the machine, the user, HAAL_POLICY, the project and the primary registry; each can only forbid more. A rule in brackets gives way to a stricter one.',
  ],
  examples: ['haal policy show', 'haal policy show --json'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ sources, rules }, paint) => {
    if (sources.length === 0) return ['no policy is in force']
    const from = columns(
      sources.map(({ layer, source, name, version, contact }) => [layer, source, titled(name, version, contact)]),
    )
    const rows = columns(rules.map(({ rule, value, source }) => [rule, JSON.stringify(value), source]))
    const lines = rows.map((row, i) => {
      const { inForce = true, reason = null } = rules[i] ?? {}
      const line = `${row.join('  ')}${reason === null ? '' : `: ${reason}`}`
      return inForce ? line : paint.dim(`(${line})`)
    })
    return [...from.map((row) => row.join('  ').trimEnd()), ...(lines.length === 0 ? ['no rules'] : ['', ...lines])]
  },
}

function titled(name: string | null, version: number | null, contact: string | null): string {
  const title = [name, version === null ? '' : `version ${version}`].filter(Boolean).join(' ')
  return contact === null ? title : `${title} (${contact})`
}
