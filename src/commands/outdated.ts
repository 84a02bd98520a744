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
  show: ({ artifacts, missing }, paint) => {
    const lacking = missing.length === 0 ? [] : [`not installed yet: ${missing.join(', ')}; run: haal install`]
    const rows = artifacts.filter(
      ({ current, wanted, latest, changed }) => changed || wanted !== current || latest !== current,
    )
    if (rows.length === 0) return lacking.length === 0 ? ['everything is up to date'] : lacking
    const cells = rows.map(({ artifact, current, wanted, latest, registry }) => [
      artifact,
      current,
      wanted ?? (latest === null ? 'gone' : 'none'),
      latest ?? 'gone',
      registry,
    ])
    const [head = [], ...lines] = columns([['artifact', 'current', 'wanted', 'latest', 'registry'], ...cells])
    const table = lines.map((line, i) => `${line.join('  ')}${paint.dim(remark(rows[i]))}`)
    return [paint.bold(head.join('  ')), ...table, ...lacking]
  },
}

function remark(row: OutdatedResult['artifacts'][number] | undefined): string {
  if (row?.pinned) return '  pinned'
  return row?.changed && row.wanted === row.current ? '  other files under the same version' : ''
}
