import type { Ora } from 'ora'
import type { Event } from '../model/events.js'
import { bytesText, clip, counted } from '../model/text.js'

type Work = Extract<Event, { type: 'start' | 'progress' | 'end' }>

export interface Progress {
  event(event: Work): void
  /** Clears what is drawn, writes, and draws again. */
  interrupt(write: () => void): void
  stop(): void
}

/** Milliseconds before anything is drawn: shorter work draws nothing. */
const delay = 200

/** At most this many lines at once. */
const mostLines = 4

interface Task {
  what: string
  done?: number
  total?: number
  unit?: 'bytes' | 'files' | 'artifacts'
}

/** Draws work that takes long on a terminal, a line for each. ora is loaded only then. */
export function progress(
  stream: NodeJS.WritableStream,
  look: { width: number; finish(line: string): string },
): Progress {
  const tasks = new Map<string, Task>()
  let spinner: Ora | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const draw = () => spinner && show(spinner, taskLines([...tasks.values()], look.width).map(look.finish))
  const begin = async () => {
    const { default: ora } = await import('ora')
    if (stopped) return
    spinner = ora({ stream, discardStdin: false, hideCursor: false, isEnabled: true, color: false })
    draw()
  }
  return {
    event: (event) => {
      note(tasks, event)
      if (tasks.size > 0) timer ??= setTimeout(() => void begin(), delay).unref()
      draw()
    },
    interrupt: (write) => {
      spinner?.clear()
      write()
      if (spinner?.isSpinning) spinner.render()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      spinner?.stop()
    },
  }
}

function show(spinner: Ora, lines: readonly string[]): void {
  if (lines.length === 0) {
    spinner.stop()
    return
  }
  spinner.text = lines.join('\n')
  if (!spinner.isSpinning) spinner.start()
}

function note(tasks: Map<string, Task>, event: Work): void {
  if (event.type === 'end') tasks.delete(event.key)
  else if (event.type === 'start') tasks.set(event.key, { what: event.what })
  else {
    const { type: _type, key, ...counts } = event
    tasks.set(key, { ...(tasks.get(key) ?? { what: key }), ...counts })
  }
}

/** Tasks that read the same, as many requests to one registry do, share a line. */
function taskLines(tasks: readonly Task[], width: number): string[] {
  const all = [...new Set(tasks.map(lineOf))]
  const lines = all.slice(0, mostLines).map((line, i) => `${i === 0 ? '' : '  '}${clip(line, width - 4)}`)
  return all.length > mostLines ? [...lines, `  and ${all.length - mostLines} more`] : lines
}

function lineOf({ what, done, total, unit }: Task): string {
  if (done === undefined || unit === undefined) return what
  const amount = (count: number) => (unit === 'bytes' ? bytesText(count) : counted(count, unit.slice(0, -1)))
  if (total === undefined) return `${what} (${amount(done)})`
  return `${what} (${unit === 'bytes' ? bytesText(done) : done} of ${amount(total)})`
}
