import type { Command, Paint } from '../model/command.js'
import type { WhyResult } from '../model/results.js'
import { wrap } from '../model/text.js'
import { why as perform } from '../operations/why.js'

export const why: Command<WhyResult> = {
  name: 'why',
  args: '<artifact>',
  summary: 'say why an artifact is here, why from this registry, and what policy says of it',
  examples: ['haal why review-code', 'haal why skill/review-code --json'],
  flags: [],
  completes: 'available',
  run: (ctx, [request = ''], flags) => perform(ctx, { request, flags }),
  show: ({ artifact, registry, reason, shadowed, requestedBy, policy }, paint) => [
    `${paint.bold(artifact)} comes from ${paint.bold(registry)}: ${reason}`,
    ...shadowed.flatMap(({ losers }) =>
      indented(
        `${losers.join(', ')} ${losers.length === 1 ? 'has' : 'have'} one of this name too, and ${losers.length === 1 ? 'was' : 'were'} not asked`,
        paint,
      ),
    ),
    ...(requestedBy.length === 0 ? [] : indented(`requested by ${requestedBy.join(', ')}`, paint)),
    ...policy.flatMap(({ rule, source, effect }) => [
      ...indented(`policy: ${effect}`, paint),
      `    ${paint.dim(`(${rule}, ${source})`)}`,
    ]),
  ],
}

function indented(text: string, { width }: Paint): string[] {
  return wrap(text, width - 4).map((line, i) => `${i === 0 ? '  ' : '    '}${line}`)
}
