import type { Command } from '../model/command.js'
import type { RegistryEditResult } from '../model/results.js'
import { inDryRun } from '../model/text.js'
import { registryRemove as perform } from '../operations/registries.js'

export const registryRemove: Command<RegistryEditResult> = {
  name: 'registry remove',
  args: '<name>',
  summary: 'take a registry out of haal.json, if nothing installed came from it',
  examples: ['haal registry remove hub'],
  flags: [],
  completes: 'registry',
  changes: true,
  run: (ctx, [name = ''], flags) => perform(ctx, { name, flags }),
  show: ({ file, registry }, _paint, { dryRun }) => [
    dryRun ? inDryRun(`${file}: would remove the registry ${registry}`) : `${file}: removed the registry ${registry}`,
  ],
}
