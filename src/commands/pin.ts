import type { Command } from '../model/command.js'
import type { Outcome } from '../model/plan.js'
import { pin as perform } from '../operations/pin.js'
import { approve, force } from './flags.js'
import { outcomeLines } from './outcome.js'

export const pin: Command<Outcome> = {
  name: 'pin',
  args: '<artifact[@version]...>',
  summary: 'keep artifacts at the version they have, or at the one given',
  about: ['A pin is in haal.json and holds through install, update and rollback of others, until haal unpin.'],
  examples: ['haal pin review-code', 'haal pin review-code@1.2.3'],
  flags: [force, approve],
  completes: 'installed',
  changes: true,
  run: (ctx, requests, flags) => perform(ctx, { requests, flags }),
  show: outcomeLines,
}
