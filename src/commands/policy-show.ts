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
      sources.map(({ layer, source, name, version, contact }) => [
        layer,
        paint.near(source),
        titled(name, version, contact),
      ]),
    )
    // The value stands last: one that is long pushes nothing aside.
    const rows = columns(
      rules.map(({ rule, value, source, inForce, reason }) => [
        inForce ? rule : `(${rule})`,
        paint.near(source),
        `${JSON.stringify(value)}${reason === null ? '' : `: ${reason}`}`,
      ]),
    )
    const lines = rows.map((row, i) => (rules[i]?.inForce ? row.join('  ') : paint.dim(row.join('  '))))
    return [...from.map((row) => row.join('  ').trimEnd()), ...(lines.length === 0 ? ['no rules'] : ['', ...lines])]
  },
}

function titled(name: string | null, version: number | null, contact: string | null): string {
  const title = [name, version === null ? '' : `version ${version}`].filter(Boolean).join(' ')
  return contact === null ? title : `${title} (${contact})`
}
