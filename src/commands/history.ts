import type { Command, Paint } from '../model/command.js'
import type { Change } from '../model/plan.js'
import type { HistoryResult } from '../model/results.js'
import { history as perform } from '../operations/history.js'
import { changeLines } from './outcome.js'

export const history: Command<HistoryResult> = {
  name: 'history',
  args: '',
  summary: 'list the generations that rollback can go back to, with what each changed',
  examples: ['haal history', 'haal history --json'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ generations }, paint) => {
    if (generations.length === 0) return ['nothing has been changed yet']
    return generations.flatMap(({ number, at, command, current, changes }) => [
      `${paint.bold(String(number))}  ${at.slice(0, 16).replace('T', ' ')}  ${command}${current ? paint.good('  now') : ''}`,
      ...indented(changes, paint),
    ])
  },
}

function indented(changes: readonly Change[], paint: Paint): string[] {
  const changed = changes.filter(({ action }) => action !== 'keep')
  return changeLines(changed, paint).map((line) => `   ${line}`)
}
