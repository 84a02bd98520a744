import type { Command } from '../model/command.js'
import type { OutdatedResult } from '../model/results.js'
import { columns } from '../model/text.js'
import { outdated as perform } from '../operations/update.js'

export const outdated: Command<OutdatedResult> = {
  name: 'outdated',
  args: '[artifact...]',
  summary: 'say what an update would raise, and what is newer beyond the ranges',
  examples: ['haal outdated', 'haal outdated review-code --json'],
  flags: [],
  completes: 'installed',
  run: (ctx, requests, flags) => perform(ctx, { requests, flags }),
  show: ({ artifacts }, paint) => {
    const rows = artifacts.filter(
      ({ current, wanted, latest, changed }) => changed || wanted !== current || latest !== current,
    )
    if (rows.length === 0) return ['everything is up to date']
    const cells = rows.map(({ artifact, current, wanted, latest, registry }) => [
      artifact,
      current,
      wanted ?? 'gone',
      latest ?? 'gone',
      registry,
    ])
    const [head = [], ...lines] = columns([['artifact', 'current', 'wanted', 'latest', 'registry'], ...cells])
    return [paint.bold(head.join('  ')), ...lines.map((line, i) => `${line.join('  ')}${paint.dim(remark(rows[i]))}`)]
  },
}

function remark(row: OutdatedResult['artifacts'][number] | undefined): string {
  if (row?.pinned) return '  pinned'
  return row?.changed && row.wanted === row.current ? '  other files under the same version' : ''
}
