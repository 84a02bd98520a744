import type { Note } from '../model/artifact.js'
import type { Paint } from '../model/command.js'
import type { HaalError } from '../model/errors.js'

/** A failure as people read it: what is wrong, more lines of `details.lines` where there are any, the next move, the code. */
export function errorLines(error: HaalError, paint: Paint): string[] {
  const lines = Array.isArray(error.details.lines) ? error.details.lines.map(String) : []
  return [
    `${paint.bad('error:')} ${error.message}`,
    ...lines.map((line) => `  ${line}`),
    ...(error.hint === undefined ? [] : [`  ${paint.bold('hint:')} ${error.hint}`]),
    `  ${paint.dim(`code: ${error.code}`)}`,
  ]
}

export function warningLine({ code, message }: Note, paint: Paint): string {
  return `${paint.warn('warning:')} ${message} ${paint.dim(`[${code}]`)}`
}

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

/** A workflow command of GitHub Actions that marks the run with the failure.
    Source: GitHub's documentation, "Workflow commands", which says how values are escaped. */
export function annotation(error: HaalError): string {
  const message = error.hint === undefined ? error.message : `${error.message}\n${error.hint}`
  return `::error title=haal ${error.code}::${percent(message)}`
}

function percent(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
