import type { Command } from '../model/command.js'
import type { RegistryPingResult } from '../model/results.js'
import { columns } from '../model/text.js'
import { registryPing as perform } from '../operations/registries.js'

export const registryPing: Command<RegistryPingResult> = {
  name: 'registry ping',
  args: '[name...]',
  summary: 'ask registries whether they answer; exit 7 if one does not',
  examples: ['haal registry ping', 'haal registry ping corp'],
  flags: [],
  completes: 'registry',
  run: (ctx, names, flags) => perform(ctx, { names, flags }),
  exit: ({ registries }) => (registries.every(({ ok }) => ok) ? 0 : 7),
  show: ({ registries }, paint) => {
    if (registries.length === 0) return ['no registry is configured']
    const rows = columns(registries.map(({ name, ok }) => [ok ? 'ok' : 'down', name, '']))
    return registries.flatMap(({ ok, says, mend }, i) => {
      const [state = '', name = ''] = rows[i] ?? []
      const line = `${ok ? paint.good(state) : paint.bad(state)}  ${name}  ${says}`
      return mend === undefined ? [line] : [line, `      ${mend}`]
    })
  },
}
