import type { Command } from '../model/command.js'
import type { DoctorResult } from '../model/results.js'
import { columns } from '../model/text.js'
import { doctor as perform } from '../operations/doctor.js'

export const doctor: Command<DoctorResult> = {
  name: 'doctor',
  args: '',
  summary: 'look over everything haal depends on; exit 2 if something is wrong, with what mends it',
  examples: ['haal doctor', 'haal doctor --offline'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  exit: ({ ok }) => (ok ? 0 : 2),
  show: ({ checks }, paint) => {
    const rows = columns(checks.map(({ name }) => [name, '']))
    return checks.flatMap(({ ok, says, mend }, i) => {
      const [name = ''] = rows[i] ?? []
      const line = `${ok ? paint.good('ok') : paint.bad('no')}  ${name}  ${says}`
      return mend === undefined ? [line] : [line, paint.dim(`    ${mend}`)]
    })
  },
}
