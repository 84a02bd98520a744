import type { Command, Paint } from '../model/command.js'
import type { Change } from '../model/plan.js'
import type { HistoryResult } from '../model/results.js'
import { history as perform } from '../operations/history.js'
import { changeLines } from './outcome.js'

export const history: Command<HistoryResult> = {
  name: 'history',
  args: '',
  summary: 'list the generations that rollback can go back to, with what each changed',
  about: ['A generation that changed a lot is cut short; --verbose and --json show all of it.'],
  examples: ['haal history', 'haal history --verbose'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ generations }, paint, { verbose }) => {
    if (generations.length === 0) return ['nothing has been changed yet']
    const width = Math.max(...generations.map(({ number }) => String(number).length))
    return generations.flatMap(({ number, at, command, current, changes }) => [
      `${paint.bold(String(number).padStart(width))}  ${at.slice(0, 16).replace('T', ' ')} UTC  ${command}${current ? paint.good('  now') : ''}`,
      ...indented(changes, { paint, most: verbose ? Number.POSITIVE_INFINITY : 5 }),
    ])
  },
}

/** What a generation changed; of one that changed much, how it begins. */
function indented(changes: readonly Change[], { paint, most }: { paint: Paint; most: number }): string[] {
  const changed = changes.filter(({ action }) => action !== 'keep')
  const shown = changed.length <= most + 1 ? changed : changed.slice(0, most)
  const rest = changed.length - shown.length
  return [
    ...changeLines(shown, paint).map((line) => `   ${line}`),
    ...(rest === 0 ? [] : [paint.dim(`   and ${rest} more: haal history --verbose`)]),
  ]
}
