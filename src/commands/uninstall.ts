import type { Command } from '../model/command.js'
import type { Outcome } from '../model/plan.js'
import { uninstall as perform } from '../operations/uninstall.js'
import { outcomeLines } from './outcome.js'

export const uninstall: Command<Outcome> = {
  name: 'uninstall',
  args: '<artifact...>',
  summary: 'take artifacts out, with what only they required',
  about: [
    'Removes what was recorded and the folders that this empties. A file that you edited or added stays, and is named.',
    'As every command that writes haal.lock, it also brings what haal.json asks for and is not there yet; the output lists it. Where not all of that can be had, the rest stays as it is, with a warning.',
  ],
  examples: ['haal uninstall review-code', "haal uninstall 'rule/*' --dry-run"],
  flags: [{ name: 'force', short: 'f', summary: 'remove edited files too, and keep them aside' }],
  completes: 'installed',
  changes: true,
  run: (ctx, requests, flags) => perform(ctx, { requests, flags }),
  show: outcomeLines,
}
