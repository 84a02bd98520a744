import type { Command } from '../model/command.js'
import type { TargetResult } from '../model/targets.js'
import { targetAdd as perform } from '../operations/targets.js'
import { force } from './flags.js'
import { targetLines } from './target-lines.js'

export const targetAdd: Command<TargetResult> = {
  name: 'target add',
  args: '<tool...>',
  summary: 'add tools to haal.json, and give them what is installed',
  about: [
    'What is installed is placed where each tool reads it, in its own form. See docs/tools.md, or: haal target list',
  ],
  examples: ['haal target add cursor windsurf'],
  flags: [force],
  completes: 'tool',
  changes: true,
  run: (ctx, names, flags) => perform(ctx, { names, flags }),
  show: targetLines,
}
