import type { Command } from '../model/command.js'
import type { Outcome } from '../model/plan.js'
import { update as perform } from '../operations/update.js'
import { allowMissing, approve, force } from './flags.js'
import { outcomeLines } from './outcome.js'

export const update: Command<Outcome> = {
  name: 'update',
  args: '[artifact...]',
  summary: 'raise artifacts to the newest that haal.json allows',
  about: [
    'Stays within the ranges of haal.json; --latest goes beyond them and rewrites them. Pins hold. An update exists where the files differ, even under one version. See what would change first: haal outdated.',
  ],
  examples: ['haal update', 'haal update review-code --latest', 'haal update --dry-run'],
  flags: [
    { name: 'latest', summary: 'take the newest there is, and rewrite the ranges' },
    force,
    allowMissing,
    approve,
  ],
  completes: 'installed',
  changes: true,
  run: (ctx, requests, flags) => perform(ctx, { requests, flags }),
  show: outcomeLines,
}
