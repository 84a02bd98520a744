import type { Disk } from './disk.js'
import type { Event, Question } from './events.js'
import type { Given } from './manifest.js'

/** Everything a command may touch, given from outside: nothing below the edge knows `process`, the clock or the network by itself. */
export interface Context {
  /** Absolute. */
  cwd: string
  /** The user's home folder. */
  home: string
  platform: NodeJS.Platform
  env: Readonly<Record<string, string | undefined>>
  disk: Disk
  now(): Date
  /** This process, for the mutex and the journal; `user` as `Stat` has owners, absent on Windows. */
  process: { pid: number; host: string; boot: string; user?: number }
  /** The version of Node.js, for `doctor`. */
  node?: string
  signal: AbortSignal
  /** Tells bin/haal.js that this run takes longer than starting does. Absent where the process is not haal's own. */
  works?: () => void
  /** What a program says beside the project's own configuration. */
  given?: Given
  /** Values that must never be printed: whoever expands a token adds its value. */
  secrets?: Set<string>
  emit(event: Event): void
  /** Absent where nobody can answer. */
  ask?: ((question: Question) => Promise<boolean | string[]>) | undefined
  /** Asks for one text that is typed and never shown. Absent where nobody can answer. */
  askSecret?: ((message: string) => Promise<string>) | undefined
}

/** What a person may say to every command. */
export interface CommonFlags {
  json?: boolean
  dryRun?: boolean
  yes?: boolean
  quiet?: boolean
  verbose?: boolean
  offline?: boolean
  refresh?: boolean
  global?: boolean
  config?: string
  /** Seconds to wait for another haal on the same project. */
  wait?: number
}
