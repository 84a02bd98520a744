import type { Command } from '../model/command.js'
import type { CacheRemovedResult } from '../model/results.js'
import { cacheClean as perform } from '../operations/cache.js'
import { removedLine } from './removed.js'

export const cacheClean: Command<CacheRemovedResult> = {
  name: 'cache clean',
  args: '',
  summary: 'empty the cache; what is installed, and what rollback needs, stays',
  examples: ['haal cache clean'],
  flags: [],
  changes: true,
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: (result, _paint, flags) => [removedLine(result, flags)],
}
