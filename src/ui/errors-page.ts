import type { Paint } from '../model/command.js'
import { errors } from '../model/errors.js'
import { addTo } from '../model/maps.js'
import { notes, strictCode } from '../model/notes.js'
import { columns, fitted } from '../model/text.js'

const classes: Record<number, string> = {
  1: 'a bug in haal',
  2: 'usage or configuration',
  3: 'not found',
  4: 'conflict',
  5: 'policy or approval',
  6: 'integrity or signature',
  7: 'registry or network',
  8: 'busy',
  9: 'drift',
  130: 'stopped by a signal (143 for SIGTERM)',
}

/** What `haal help errors` prints. */
export function errorsText({ width }: Pick<Paint, 'width'>): string[] {
  const groups = byExit().map(([exit, rows]) => [
    `exit ${exit}: ${classes[exit] ?? ''}`,
    ...columns(rows).flatMap(([code = '', meaning = '']) => {
      const lines = fitted(meaning, width - code.length - 4)
      return lines.map((line, i) => `  ${i === 0 ? code : ' '.repeat(code.length)}  ${line}`)
    }),
    '',
  ])
  return [
    ...fitted('Every failure has a code that stays the same; the exit status tells its class.', width),
    '',
    ...groups.flat().slice(0, -1),
  ]
}

/** docs/errors.md. */
export function errorsPage(): string[] {
  const groups = byExit().map(([exit, rows]) => [
    `## ${exit}: ${classes[exit] ?? ''}`,
    '',
    '| code | means |',
    '| --- | --- |',
    ...rows.map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
    '',
  ])
  const head = [
    '# Errors',
    '',
    'Every failure has a code that stays the same; the exit status tells its class. `--json` gives both in `error`, and `haal help errors`',
    'prints this list. `0` is success.',
    '',
  ]
  return [...head, ...groups.flat(), ...warnings()]
}

function warnings(): string[] {
  return [
    '## Warnings',
    '',
    'What haal tells without stopping; `--json` has them in `warnings`. `haal install --strict` makes errors of some.',
    '',
    '| code | means | with `--strict` |',
    '| --- | --- | --- |',
    ...Object.entries(notes).map(([code, { meaning }]) => {
      const strict = strictCode({ code, message: '' })
      return `| \`${code}\` | ${meaning} | ${strict === undefined ? '' : `\`${strict}\``} |`
    }),
  ]
}

function byExit(): [exit: number, rows: [code: string, meaning: string][]][] {
  const groups = new Map<number, [string, string][]>()
  for (const [code, [exit, meaning]] of Object.entries(errors)) addTo(groups, exit, [code, meaning])
  return [...groups].sort(([a], [b]) => a - b)
}
