import type { Command } from '../model/command.js'
import type { CacheInfoResult } from '../model/results.js'
import { bytesText, columns } from '../model/text.js'
import { cacheInfo as perform } from '../operations/cache.js'
import { entriesText } from './removed.js'

export const cacheInfo: Command<CacheInfoResult> = {
  name: 'cache info',
  args: '',
  summary: 'say where cache and store are, and how large',
  about: ['The cache may go at any time. The store holds what rollback needs, for every project of yours.'],
  examples: ['haal cache info'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ cache, store }) => {
    const rows = Object.entries({ cache, store }).map(([name, { path, entries, bytes }]) => [
      name,
      entriesText(entries),
      bytesText(bytes),
      path,
    ])
    return columns(rows).map((row) => row.join('  '))
  },
}
