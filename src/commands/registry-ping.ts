import type { Command } from '../model/command.js'
import { addOne } from '../model/registry.js'
import type { RegistryPingResult } from '../model/results.js'
import { columns, fitted } from '../model/text.js'
import { registryPing as perform } from '../operations/registries.js'

export const registryPing: Command<RegistryPingResult> = {
  name: 'registry ping',
  args: '[name...]',
  summary: 'ask registries whether they answer: exit 7 if not, 5 if policy forbids it',
  examples: ['haal registry ping', 'haal registry ping corp'],
  flags: [],
  completes: 'registry',
  run: (ctx, names, flags) => perform(ctx, { names, flags }),
  exit: ({ registries }) => Math.max(...registries.map((each) => states[stateOf(each)]), 0),
  show: ({ registries }, paint) => {
    if (registries.length === 0) return [`no registry is configured; ${addOne}`]
    const rows = columns(registries.map((each) => [stateOf(each), each.name, '']))
    return registries.flatMap(({ ok, says, mend }, i) => {
      const [state = '', name = ''] = rows[i] ?? []
      const lead = state.length + name.length + 4
      const [first = '', ...more] = fitted(says, paint.width - lead)
      const hint = mend === undefined ? [] : fitted(`hint: ${mend}`, paint.width - state.length - 2)
      const line = `${ok ? paint.good(state) : paint.bad(state)}  ${name}  ${first}`
      return [line, ...[...more, ...hint].map((each) => `${' '.repeat(state.length + 2)}${each}`)]
    })
  },
}

/** The exit status for each; where they differ, the highest counts. */
const states = { ok: 0, forbidden: 5, down: 7 }

function stateOf({ ok, code }: RegistryPingResult['registries'][number]): keyof typeof states {
  if (ok) return 'ok'
  return code === 'E_POLICY_REGISTRY' ? 'forbidden' : 'down'
}
