import type { Note } from '../model/artifact.js'
import type { Command, Flags, Paint } from '../model/command.js'
import type { HaalError } from '../model/errors.js'
import type { Event } from '../model/events.js'
import { isQuiet } from '../model/notes.js'
import { annotation, brief, errorLines, fewOfMany, nearby, stackLines, warningLines } from './human.js'
import { failure, printDocument, success } from './json.js'
import { type Painter, painter, plainPaint } from './paint.js'
import type { Progress } from './progress.js'

/** Where text goes. */
interface Streams {
  out(text: string): void
  err(text: string): void
}

/** How a run prints. */
export interface Manner {
  json: boolean
  quiet: boolean
  verbose: boolean
  colours: { out: boolean; err: boolean }
  /** Columns of the terminal; Infinity where stdout is none. */
  width: number
  /** The folder in which the person is, with a separator behind it: paths in it are shown relative to it. */
  here: string
  /** GitHub Actions reads the output. */
  annotate: boolean
  /** Adds this run's flags for where it works (--global, --cwd) to the commands in a text, so that they can be pasted. */
  again?: (text: string) => string
  secrets: ReadonlySet<string>
  /** Random characters, new in each run. */
  nonce: string
  /** Draws work that takes long; absent where no person sees it. */
  draws?: (finish: (line: string) => string) => Progress
}

/** What the reporter has to know of a command. */
type Answering<R> = Pick<Command<R>, 'name' | 'show' | 'changes' | 'document' | 'exit'>

/** The only one that prints. Every line and document passes through redaction and escaping here, once. */
export interface Reporter {
  emit(event: Event): void
  /** What a command answered. */
  answer<R>(command: Answering<R>, result: R, flags: Flags): void
  failed(command: string, error: HaalError, exit: number): void
  /** A failure as a document that is not --json's (SARIF), besides `failed`. Prints nothing with --json. */
  failedAs(document: object): void
  /** Lines for a person at the terminal, beside a question. */
  say(lines: readonly string[]): void
  err: Painter
}

export async function reporter(streams: Streams, manner: Manner): Promise<Reporter> {
  const { width, secrets, colours, nonce } = manner
  const near = nearby(manner.here)
  const out = await painter({ colours: colours.out, width, near, secrets, nonce })
  const err = await painter({ colours: colours.err, width, near, secrets, nonce })
  const progress = manner.draws?.(err.finish)
  const printing: Printing = { streams, manner, out, err, near, progress, emitted: [] }
  return {
    err,
    emit: (event) => emit(event, printing),
    say: (lines) => say(lines, printing),
    answer: (command, result, flags) => {
      progress?.stop()
      const carried = notesOf(result)
      const document = () => success(command.name, result, without(printing.emitted, carried))
      const other = command.document?.(result, flags)
      const lines = (paint: Paint) => shown(command, command.show(result, paint, flags), manner)
      if (manner.json) streams.out(printDocument(document(), secrets))
      else if (other !== undefined) streams.out(printDocument(other, secrets))
      else print(manner.quiet && command.changes ? [] : lines(out.paint), printing)
      for (const note of manner.verbose ? carried : fewOfMany(carried)) warn(note, printing)
      const isBad = (command.exit?.(result) ?? 0) !== 0
      if (isBad && other === undefined) annotate(command.name, lines(plainPaint), printing)
    },
    failedAs: (document) => {
      progress?.stop()
      if (!manner.json) streams.out(printDocument(document, secrets))
    },
    failed: (command, failed, exit) => {
      progress?.stop()
      const error = withHint(failed, manner)
      const document = () => failure(command, error, { exit, warnings: printing.emitted })
      if (manner.json) streams.out(printDocument(document(), secrets))
      else say(errorLines(error, err.paint, near), printing)
      if (manner.verbose) say(stackLines(error, err.paint), printing)
      annotate(error.code, error.hint === undefined ? [error.message] : [error.message, error.hint], printing)
    },
  }
}

/** Commands that show what others have written (files, descriptions) or scripts to be run elsewhere: it is printed unchanged. */
const verbatim: ReadonlySet<string> = new Set(['diff', 'help', 'completion', 'completion install', 'search', 'info'])

function shown({ name }: { name: string }, lines: readonly string[], { again }: Manner): readonly string[] {
  return again === undefined || verbatim.has(name) ? lines : lines.map(again)
}

function withHint(error: HaalError, { again }: Manner): HaalError {
  if (again === undefined || error.hint === undefined) return error
  return Object.create(error, { hint: { value: again(error.hint) } }) as HaalError
}

interface Printing {
  streams: Streams
  manner: Manner
  out: Painter
  err: Painter
  near: (text: string) => string
  progress: Progress | undefined
  /** Warnings so far, each once. */
  emitted: Note[]
}

function emit(event: Event, printing: Printing): void {
  const { manner, err, progress } = printing
  if (event.type === 'warning') warn(event.note, printing)
  else if (event.type !== 'debug') progress?.event(event)
  else if (manner.verbose) say([err.paint.dim(event.message)], printing)
}

function warn(note: Note, printing: Printing): void {
  const { manner, emitted, err, near } = printing
  if (emitted.some((each) => each.code === note.code && each.message === note.message)) return
  emitted.push(note)
  const isTold = !manner.json && !manner.quiet && (manner.verbose || !isQuiet(note))
  const said = manner.verbose ? note.message : brief(note.message)
  const message = manner.again?.(said) ?? said
  if (isTold) say(warningLines({ ...note, message }, err.paint, near), printing)
}

function say(lines: readonly string[], { streams, err, progress }: Printing): void {
  const text = lines.map((line) => `${err.finish(line)}\n`).join('')
  if (progress) progress.interrupt(() => streams.err(text))
  else if (text !== '') streams.err(text)
}

function print(lines: readonly string[], { streams, out, near }: Printing): void {
  if (lines.length > 0) streams.out(`${lines.map(near).map(out.finish).join('\n')}\n`)
}

/** The one line that may start with `::`, because haal itself wrote it. */
function annotate(what: string, lines: readonly string[], { streams, manner, err }: Printing): void {
  if (manner.annotate) streams.err(`${err.finish(` ${annotation(what, lines)}`).replace(/^ \\::/, '::')}\n`)
}

function notesOf(result: unknown): readonly Note[] {
  const has = typeof result === 'object' && result !== null && 'warnings' in result && Array.isArray(result.warnings)
  return has ? (result.warnings as readonly Note[]) : []
}

function without(notes: readonly Note[], others: readonly Note[]): Note[] {
  return notes.filter(({ code, message }) => !others.some((each) => each.code === code && each.message === message))
}
