import type { Note } from '../model/artifact.js'
import type { Paint } from '../model/command.js'
import type { HaalError } from '../model/errors.js'
import { whereAll } from '../model/notes.js'
import { wrap } from '../model/text.js'

/** A failure as people read it: what is wrong, more lines of `details.lines` where there are any, the next move, the code. */
export function errorLines(error: HaalError, paint: Paint, near: Near = same): string[] {
  const lines = Array.isArray(error.details.lines) ? error.details.lines.map(String).map(near) : []
  return [
    ...wrapped(paint.bad('error:'), near(error.message), { indent: 2, paint }),
    ...lines.map((line) => `  ${line}`),
    ...(error.hint === undefined ? [] : wrapped(`  ${paint.bold('hint:')}`, near(error.hint), { indent: 8, paint })),
    `  ${paint.dim(`code: ${error.code}`)}`,
  ]
}

export function warningLines({ code, message }: Note, paint: Paint, near: Near = same): string[] {
  const lines = wrapped(paint.warn('warning:'), `${near(message)} [${code}]`, { indent: 2, paint })
  return [...lines.slice(0, -1), (lines.at(-1) ?? '').replace(/\[\w+\]$/, (end) => paint.dim(end))]
}

/** Notes, with those codes shortened that one registry may cause dozens of (`many` in the table): of more than three, the first two and a count. */
export function fewOfMany(notes: readonly Note[]): Note[] {
  const all = new Map<string, number>()
  const nth = notes.map(({ code }) => {
    const n = (all.get(code) ?? 0) + 1
    all.set(code, n)
    return n
  })
  return notes.flatMap((note, i) => {
    const [n, more, where] = [nth[i] ?? 0, (all.get(note.code) ?? 0) - 2, whereAll(note.code)]
    if (where === undefined || more < 2 || n < 2) return note
    return n === 2 ? [note, { code: note.code, message: `and ${more} more; see ${where}` }] : []
  })
}

/** A message with a list of ten names or more cut to the first five; `--verbose` and `--json` have all of them. */
export function brief(message: string): string {
  return message.replace(/(?:[^\s,()]+, ){9,}[^\s,()]+/g, (list) => {
    const names = list.split(', ')
    return `${names.slice(0, 5).join(', ')} and ${names.length - 5} more; see --verbose`
  })
}

/** Makes the paths in a text relative to the folder where the person is. */
type Near = (text: string) => string

const same: Near = (text) => text

/** For a folder, named with a separator behind it. A root shortens nothing. */
export function nearby(here: string): Near {
  if (!/[^\\/:][\\/]$/.test(here)) return same
  const start = new RegExp(`(?<![\\w./\\\\:-])${here.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?=[\\w.])`, 'g')
  return (text) => (text.includes(here) ? text.replace(start, '') : text)
}

interface Wrapping {
  /** Of the lines behind the first. */
  indent: number
  paint: Paint
}

/** Broken between words where the terminal is narrow, but never inside a command that somebody may want to paste. */
function wrapped(head: string, said: string, { indent, paint }: Wrapping): string[] {
  const text = said.replace(/\S{2000,}/g, (word) => `${word.slice(0, 200)}… (${word.length} characters)`)
  const whole = `${head} ${text}`
  if (paint.width === Number.POSITIVE_INFINITY) return [whole]
  const held = text.replace(/\bhaal [a-z-][^;:,()"[]*/g, (command) => command.replace(/ (?=\S)/g, glue))
  const [first = '', ...rest] = wrap(`${'x'.repeat(8)} ${held}`, paint.width - indent)
  return [first.replace(/^x+/, head), ...rest.map((line) => `${' '.repeat(indent)}${line}`)].map((line) =>
    line.replaceAll(glue, ' '),
  )
}

/** Stands for a space inside a word; private use, so that no text has it. */
const glue = '\ue000'

/** Stacks of an error and of what caused it, for `--verbose`. */
export function stackLines(error: unknown, paint: Paint): string[] {
  const lines: string[] = []
  for (let each = error, depth = 0; each !== undefined && depth < 5; depth += 1) {
    const stack = each instanceof Error ? (each.stack ?? each.message) : String(each)
    lines.push(...stack.split('\n').map((line, i) => paint.dim(`  ${i === 0 && depth > 0 ? 'caused by ' : ''}${line}`)))
    each = each instanceof Error ? each.cause : undefined
  }
  return lines
}

/** A workflow command of GitHub Actions that marks the run with what went wrong.
    Source: GitHub's documentation, "Workflow commands", which says how values are escaped. */
export function annotation(what: string, lines: readonly string[]): string {
  return `::error title=haal ${what}::${percent(lines.join('\n'))}`
}

function percent(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
