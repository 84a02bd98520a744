import type { Command } from '../model/command.js'
import type { TargetResult } from '../model/targets.js'
import { targetRemove as perform } from '../operations/targets.js'
import { force } from './flags.js'
import { targetLines } from './target-lines.js'

export const targetRemove: Command<TargetResult> = {
  name: 'target remove',
  args: '<tool...>',
  summary: 'take tools out of haal.json, and what is installed out of their folders',
  about: ['Only what haal has put there goes; files that you changed or added stay.'],
  examples: ['haal target remove windsurf'],
  flags: [force],
  completes: 'target',
  changes: true,
  run: (ctx, names, flags) => perform(ctx, { names, flags }),
  show: targetLines,
}
