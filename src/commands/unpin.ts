import type { Command } from '../model/command.js'
import type { Outcome } from '../model/plan.js'
import { unpin as perform } from '../operations/pin.js'
import { outcomeLines } from './outcome.js'

export const unpin: Command<Outcome> = {
  name: 'unpin',
  args: '<artifact...>',
  summary: 'let artifacts be updated again',
  examples: ['haal unpin review-code'],
  flags: [],
  completes: 'installed',
  changes: true,
  run: (ctx, requests, flags) => perform(ctx, { requests, flags }),
  show: (outcome, paint) =>
    outcome.changes.some(({ action }) => action === 'unpin') || outcome.generation !== null
      ? outcomeLines(outcome, paint)
      : ['nothing to do: none of that is pinned'],
}
