import type { Command } from '../model/command.js'
import type { CacheRemovedResult } from '../model/results.js'
import { cachePrune as perform } from '../operations/cache.js'
import { removedLine } from './removed.js'

export const cachePrune: Command<CacheRemovedResult> = {
  name: 'cache prune',
  args: '',
  summary: 'remove from the store what no generation of any of your projects needs',
  examples: ['haal cache prune --dry-run', 'haal cache prune'],
  flags: [],
  changes: true,
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: (result, _paint, flags) => [removedLine(result, flags)],
}
