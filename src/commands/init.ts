import type { Command } from '../model/command.js'
import { addOne } from '../model/registry.js'
import type { InitResult } from '../model/results.js'
import { inDryRun } from '../model/text.js'
import { init as perform } from '../operations/init.js'

export const init: Command<InitResult> = {
  name: 'init',
  args: '',
  summary: 'make haal.json, with registries and the tools found in this folder',
  examples: ['haal init', 'haal init --registry acme/skills#v3 --registry ./registry --target claude'],
  flags: [
    {
      name: 'registry',
      value: '<source>',
      several: true,
      summary: 'a registry: [name=]owner/repo[#ref], a URL, a path or npm:pkg; the first is asked first',
      completes: 'folder',
    },
    {
      name: 'target',
      value: '<tool>',
      several: true,
      summary: 'a tool to place installed artifacts for, such as claude',
      completes: 'tool',
    },
  ],
  changes: true,
  run: (ctx, _args, flags) =>
    perform(ctx, { flags: { ...flags, registry: listed(flags.registry), target: listed(flags.target) } }),
  show: ({ file, registries, targets }, _paint, { dryRun }) => [
    dryRun ? inDryRun(`would write ${file}`) : `wrote ${file}`,
    registries.length === 0 ? `no registry yet; ${addOne}` : `registries: ${registries.join(', ')}`,
    targets.length === 0 ? 'no tool yet; add one: haal target add <tool>' : `targets: ${targets.join(', ')}`,
    ...(registries.length === 0 || dryRun ? [] : ['see what there is: haal list --available']),
  ],
}

function listed(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
