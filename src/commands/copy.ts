import type { Command } from '../model/command.js'
import type { Outcome } from '../model/plan.js'
import { copy as perform } from '../operations/copy.js'
import { approve } from './flags.js'
import { outcomeLines } from './outcome.js'

export const copy: Command<Outcome> = {
  name: 'copy',
  args: '<artifact> <destination>',
  summary: 'copy an artifact to a folder, to where a tool reads it, or into a registry',
  about: [
    'Copies what is installed, without your edits, or else straight from a registry without touching the project. A destination that ends in / or is a folder gets the artifact inside it, and so does any with --as; the name of a tool puts it where that tool reads it, in its form; registry:<name> adds it to a registry that is a folder, and to its index. haal remembers where a copy came from and never overwrites anything unasked. From then on the copy is yours: haal rollback brings haal.lock back, and leaves the copy where it is.',
  ],
  examples: [
    'haal copy review-code vendor/',
    'haal copy review-code ./mine/ --as my-review',
    'haal copy review-code claude',
  ],
  flags: [
    { name: 'as', value: '<name>', summary: 'another name for the copy' },
    { name: 'force', short: 'f', summary: 'go on where files are in the way, and keep them aside' },
    { ...approve, completes: 'available' },
  ],
  completes: 'available',
  completesLater: 'place',
  changes: true,
  run: (ctx, [request = '', destination = ''], flags) => perform(ctx, { request, destination, flags }),
  // A copy is a person's own from here on: no generation of the project takes it back.
  show: (outcome, paint, { dryRun }) => {
    const lines = outcomeLines(outcome, paint)
    const isMade = dryRun !== true && outcome.changes.some(({ action }) => action === 'copy')
    return isMade ? lines.slice(0, -1) : lines
  },
}
