import type { Command } from '../model/command.js'
import type { DoctorResult } from '../model/results.js'
import { columns, fitted } from '../model/text.js'
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
    const wrong = checks.filter(({ ok }) => !ok).length
    const lines = checks.flatMap(({ ok, says, mend }, i) => {
      const name = rows[i]?.[0] ?? ''
      const [first = '', ...more] = fitted(says, paint.width - name.length - 7)
      const [hint = '', ...rest] = mend === undefined ? [] : fitted(mend, paint.width - 11)
      return [
        `${ok ? paint.good('ok ') : paint.bad('bad')}  ${name}  ${first}`,
        ...more.map((line) => `${' '.repeat(name.length + 7)}${line}`),
        ...(hint === '' ? [] : [`     ${paint.bold('hint:')} ${hint}`]),
        ...rest.map((line) => `           ${line}`),
      ]
    })
    return [...lines, wrong === 0 ? 'everything is in order' : `${wrong} of ${checks.length} checks found something`]
  },
}
