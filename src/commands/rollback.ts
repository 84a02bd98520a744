import type { Command } from '../model/command.js'
import type { Outcome } from '../model/plan.js'
import { rollback as perform } from '../operations/rollback.js'
import { approve, force } from './flags.js'
import { outcomeLines } from './outcome.js'

export const rollback: Command<Outcome> = {
  name: 'rollback',
  args: '[artifact]',
  summary: 'bring back the generation before, or any other, or one artifact of it',
  about: [
    'Every change makes a generation, a numbered state of the project; haal history lists them. Restores the exact bytes, lockfile and entries of haal.json; no network is needed. A rollback is itself a generation, so it can be undone. What policy forbids by now does not come back. Registries stay as haal.json has them now, but for a ref (branch, tag, range) that haal.lock had otherwise then: haal.json gets that back.',
  ],
  examples: ['haal rollback', 'haal rollback --to 3', 'haal rollback review-code'],
  flags: [
    {
      name: 'to',
      value: '<generation>',
      number: true,
      summary: 'the generation to bring back; see haal history',
      completes: 'generation',
    },
    force,
    approve,
  ],
  completes: 'installed',
  changes: true,
  run: (ctx, [request], flags) => perform(ctx, { ...(request !== undefined && { request }), flags }),
  show: (outcome, paint) => {
    const { changes, generation } = outcome
    if (changes.length === 0 && generation === null)
      return ['nothing to do: nothing is installed, and nothing was then']
    const isSame = generation !== null && changes.every(({ action }) => action === 'keep')
    return isSame
      ? [`no artifact changes; haal.json and haal.lock are as they were, generation ${generation}`]
      : outcomeLines(outcome, paint)
  },
}
