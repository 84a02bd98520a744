import type { Command, Paint } from '../model/command.js'
import type { DiffResult } from '../model/results.js'
import { diff as perform } from '../operations/diff.js'

export const diff: Command<DiffResult> = {
  name: 'diff',
  args: '[artifact]',
  summary: 'show what you changed in installed artifacts or, with --upstream, what an update would change',
  examples: ['haal diff', 'haal diff review-code --upstream'],
  flags: [{ name: 'upstream', summary: 'compare with what an update would bring' }],
  completes: 'installed',
  run: (ctx, [request], flags) => perform(ctx, { ...(request !== undefined && { request }), flags }),
  show: ({ artifacts }, paint) =>
    artifacts.flatMap(({ text }) => text.trimEnd().split('\n')).map((line) => painted(line, paint)),
}

function painted(line: string, paint: Paint): string {
  if (/^(---|\+\+\+) /.test(line)) return paint.bold(line)
  if (line.startsWith('+')) return paint.good(line)
  if (line.startsWith('-')) return paint.bad(line)
  return line.startsWith('@@') ? paint.dim(line) : line
}
