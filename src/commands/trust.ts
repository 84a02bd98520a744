import type { Command } from '../model/command.js'
import type { TrustResult } from '../model/results.js'
import { inDryRun } from '../model/text.js'
import { trust as perform } from '../operations/trust.js'

export const trust: Command<TrustResult> = {
  name: 'trust',
  args: '<registry>',
  summary: "let a registry's token be sent to that registry, from every project of yours",
  about: [
    'A project may name a variable of your environment as a token, but only you can say where its value may go. GITHUB_TOKEN, GH_TOKEN, GITLAB_TOKEN and NPM_TOKEN are bound to their own hosts already; HAAL_TRUSTED_ORIGINS does the same as this command for a CI run.',
    'On Windows a registry on a share of another machine needs this, too: Windows signs in there as you.',
  ],
  examples: ['haal trust corp'],
  flags: [],
  completes: 'registry',
  changes: true,
  run: (ctx, [registry = ''], flags) => perform(ctx, { registry, flags }),
  show: ({ variable, origin, file }, _paint, { dryRun }) => {
    const [now, then] =
      variable === null
        ? [`${origin} may be asked`, `${origin} could be asked`]
        : [`${variable} may be sent to ${origin}`, `${variable} could be sent to ${origin}`]
    return dryRun ? [inDryRun(then)] : [now, `wrote ${file}`]
  },
}
