import type { Command } from '../model/command.js'
import type { VerifyResult } from '../model/results.js'
import { columns, counted } from '../model/text.js'
import { verify as perform } from '../operations/verify.js'

export const verify: Command<VerifyResult> = {
  name: 'verify',
  args: '[artifact...]',
  summary: 'compare installed files with haal.lock, byte by byte; exit 9 if anything differs',
  examples: ['haal verify', 'haal verify review-code --json'],
  flags: [],
  completes: 'installed',
  run: (ctx, requests, flags) => perform(ctx, { requests, flags }),
  exit: ({ ok }) => (ok ? 0 : 9),
  show: ({ ok, checked, problems }, paint) => {
    if (ok) return [`${counted(checked, 'artifact')} ${checked === 1 ? 'is' : 'are'} as locked`]
    const rows = columns(problems.map(({ problem, artifact, path }) => [problem, artifact, path]))
    const lines = rows.map(([problem = '', ...where]) => `${paint.bad(problem)}  ${where.join('  ').trimEnd()}`)
    return [...lines, `${counted(problems.length, 'difference')} from haal.lock in ${counted(checked, 'artifact')}`]
  },
}
