import type { CommonFlags, Context } from './context.js'
import type { HaalError } from './errors.js'

/** What a value completes to. */
export type Completes =
  | 'installed'
  | 'available'
  | 'registry'
  | 'tool'
  /** A tool that haal.json names. */
  | 'target'
  | 'generation'
  | 'kind'
  | 'shell'
  | 'file'
  | 'folder'
  /** A tool or a folder. */
  | 'place'

/** One option of a command. `name` is the long form without dashes; without `value` it is a switch. */
export interface Flag {
  name: string
  /** One letter, without its dash. */
  short?: string
  summary: string
  /** The placeholder in help: `<n>`. */
  value?: string
  /** May be given several times; the value is a list. */
  several?: boolean
  /** Whole numbers arrive as numbers. */
  number?: boolean
  choices?: readonly string[]
  completes?: Completes
}

export type Flags = CommonFlags & Readonly<Record<string, unknown>>

/** Marks parts of a line for the ui, which alone knows whether there are colours. */
export interface Paint {
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  dim(text: string): string
  bold(text: string): string
  /** Makes paths in a text relative to where the person is, as they are printed in any case. For text in columns, whose widths depend on it. */
  near(text: string): string
  /** Columns of the terminal; Infinity where the output is none. */
  readonly width: number
}

export type StyleName = keyof Omit<Paint, 'near' | 'width'>

/** One command: flags in, data out. `run` never prints; `show` says how a person reads the result, --json prints it as it is. */
export interface Command<R = unknown> {
  name: string
  /** As help prints them: `[artifact...]`. */
  args: string
  summary: string
  /** Shown under the options, each runnable as it stands. */
  examples: readonly string[]
  /** More than the summary, one paragraph a string. */
  about?: readonly string[]
  flags: readonly Flag[]
  completes?: Completes
  /** What its arguments behind the first complete to, where that is something else. */
  completesLater?: Completes
  /** Its purpose is to change something: --quiet then hides what it did. */
  changes?: true
  run(ctx: Context, args: readonly string[], flags: Flags): Promise<R>
  show(result: R, paint: Paint, flags: Flags): readonly string[]
  /** A document that a flag asks for in the place of text: printed as it is, without the envelope of --json. */
  document?(result: R, flags: Flags): object | undefined
  /** The same for a failure, which people are told as well. */
  failureDocument?(error: HaalError, flags: Flags): object | undefined
  /** Exit code of a successful run, where it is not always 0 (`verify` with problems). */
  exit?(result: R): number
}
