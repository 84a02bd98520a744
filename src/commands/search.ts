import type { Command } from '../model/command.js'
import type { ListResult } from '../model/results.js'
import { search as perform } from '../operations/search.js'
import { allowMissing, onlyKind, onlyRegistry } from './flags.js'
import { offeredLines } from './listing.js'

export const search: Command<ListResult> = {
  name: 'search',
  args: '<text...>',
  summary: 'find artifacts whose name, kind, id, description or author has these words',
  examples: ['haal search review', 'haal search pull request --kind skill'],
  flags: [onlyKind, onlyRegistry, allowMissing],
  run: (ctx, words, flags) => perform(ctx, { text: words.join(' '), flags }),
  show: ({ artifacts }, paint) =>
    artifacts.length === 0 ? ['nothing found; see everything: haal list --available'] : offeredLines(artifacts, paint),
}
