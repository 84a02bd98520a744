import type { Command } from '../model/command.js'
import type { TargetResult } from '../model/targets.js'
import { targetRemove as perform } from '../operations/targets.js'
import { targetLines } from './target-lines.js'

export const targetRemove: Command<TargetResult> = {
  name: 'target remove',
  args: '<tool...>',
  summary: 'take tools out of haal.json, and what is installed out of their folders',
  about: ['Only what haal has put there goes; files that you changed or added stay.'],
  examples: ['haal target remove windsurf'],
  flags: [
    { name: 'force', short: 'f', summary: 'go on where files were edited or are in the way, and keep them aside' },
  ],
  completes: 'tool',
  changes: true,
  run: (ctx, names, flags) => perform(ctx, { names, flags }),
  show: targetLines,
}
