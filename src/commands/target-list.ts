import type { Command, Paint } from '../model/command.js'
import type { ListedTool, TargetListResult } from '../model/targets.js'
import { columns } from '../model/text.js'
import { targetList as perform } from '../operations/targets.js'

export const targetList: Command<TargetListResult> = {
  name: 'target list',
  args: '',
  summary: 'list the tools haal places things for, which of them are used here, and what each can be given',
  examples: ['haal target list'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ tools }, paint) => {
    const rows = columns(tools.map((tool) => [mark(tool), tool.name, kindsOf(tool), '']))
    const isUsed = tools.some(({ used }) => used)
    return [
      ...rows.map((row, i) => `${row.join('  ')}${remark(tools[i], paint)}`.trimEnd()),
      paint.dim(`${isUsed ? '* is used' : 'none is used'}; add one: haal target add <tool>`),
    ]
  },
}

function mark({ used }: ListedTool): string {
  return used ? '*' : ' '
}

function kindsOf({ places }: ListedTool): string {
  return Object.keys(places)
    .filter((kind) => places[kind] !== null)
    .join(', ')
}

function remark(tool: ListedTool | undefined, paint: Paint): string {
  return tool?.found && !tool.used ? paint.dim('found here') : ''
}
