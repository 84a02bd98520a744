import type { Command } from '../model/command.js'
import type { RegistryEditResult } from '../model/results.js'
import { inDryRun } from '../model/text.js'
import { registryAdd as perform } from '../operations/registries.js'
import { addedLine } from './outcome.js'

export const registryAdd: Command<RegistryEditResult> = {
  name: 'registry add',
  args: '<source>',
  summary: 'add a registry at the end of the list in haal.json',
  about: ['A source is owner/repo[#ref], a git or https URL, a path, or npm:pkg@range. It is asked after all others.'],
  examples: [
    'haal registry add acme/skills#v3',
    "haal registry add https://git.corp.com/ext.git --token '${CORP_GIT_TOKEN}'",
  ],
  flags: [
    { name: 'name', value: '<name>', summary: 'what to call it; by default taken from its address' },
    { name: 'ref', value: '<ref>', summary: 'branch, tag, version or commit' },
    { name: 'token', value: '<reference>', summary: 'the environment variable that holds its token, as ${NAME}' },
    { name: 'verified', summary: 'say that you have verified it' },
  ],
  completes: 'folder',
  changes: true,
  run: (ctx, [source = ''], flags) => perform(ctx, { source, flags }),
  show: (added, _paint, { dryRun }) => [dryRun ? inDryRun(addedLine(added, true)) : addedLine(added, false)],
}
