import type { Command } from '../model/command.js'
import { addOne } from '../model/registry.js'
import type { RegistryListResult } from '../model/results.js'
import { columns } from '../model/text.js'
import { registryList as perform } from '../operations/registries.js'

export const registryList: Command<RegistryListResult> = {
  name: 'registry list',
  args: '',
  summary: 'list the registries, in the order in which they are asked',
  about: [
    'Nothing is contacted. Those that the primary lists itself are asked after these, and haal registry ping names them.',
  ],
  examples: ['haal registry list'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ registries }, paint) => {
    if (registries.length === 0) return [`no registry is configured; ${addOne}`]
    const rows = columns(
      registries.map(({ name, type, location, ref }) => [
        name,
        type,
        paint.near(ref === null ? location : `${location}#${ref}`),
        '',
      ]),
    )
    return rows.map((row, i) => {
      const { verified, source = '' } = registries[i] ?? {}
      return `${row.join('  ')}${paint.dim(verified ? `verified, ${source}` : source)}`
    })
  },
}
