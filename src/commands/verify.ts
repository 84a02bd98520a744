import type { Command } from '../model/command.js'
import type { ErrorCode } from '../model/errors.js'
import type { Problem, VerifyResult } from '../model/results.js'
import { columns, counted } from '../model/text.js'
import { mendHint } from '../operations/places/mend-hint.js'
import { verify as perform } from '../operations/verify.js'
import { type Finding, failedSarif, formatFlag, refuseBoth, sarif } from './sarif.js'

export const verify: Command<VerifyResult> = {
  name: 'verify',
  args: '[artifact...]',
  summary: 'compare installed files with haal.lock, byte by byte; exit 9 if anything differs',
  examples: ['haal verify', 'haal verify review-code --json', 'haal verify --format sarif'],
  flags: [formatFlag],
  completes: 'installed',
  run: async (ctx, requests, flags) => {
    refuseBoth(flags)
    return perform(ctx, { requests, flags })
  },
  document: ({ problems }, { format }) => (format === 'sarif' ? sarif(problems.map(finding), meanings) : undefined),
  failureDocument: (error, { format }) => (format === 'sarif' ? failedSarif(error) : undefined),
  exit: ({ ok }) => (ok ? 0 : 9),
  show: ({ ok, checked, problems, behind }, paint) => {
    if (ok) return [`${counted(checked, 'artifact')} ${checked === 1 ? 'is' : 'are'} as locked`]
    const rows = columns(problems.map(({ problem, artifact, path }) => [problem, artifact, path]))
    const lines = rows.map(([problem = '', ...where]) => `${paint.bad(problem)}  ${where.join('  ').trimEnd()}`)
    const among = checked === 0 ? '' : ` in ${counted(checked, 'artifact')}`
    const count = `${counted(problems.length, 'difference')} from haal.lock${among}`
    const move = mendHint({ problems, behind })
    return [...lines, count, ...(move === undefined ? [] : [paint.dim(move)]), paint.dim(`code: ${drift}`)]
  },
}

const drift: ErrorCode = 'E_DRIFT'

const meanings: Record<Problem['problem'], string> = {
  missing: 'what haal.lock has is not in the project',
  changed: 'what is installed differs from haal.lock',
  added: 'an installed artifact has a file that haal.lock does not know',
  'not-locked': 'something lies among the installed artifacts and is in no haal.lock',
}

function finding({ artifact, path, problem }: Problem): Finding {
  return { rule: problem, at: path, message: `${artifact}: ${meanings[problem]} (${path})` }
}
