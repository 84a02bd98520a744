import type { Note } from './artifact.js'
import type { Plan } from './plan.js'

/** What happens while a command works; the ui turns it into progress, the library's `onEvent` gets it as it is. */
export type Event =
  | { type: 'start'; what: string; key: string }
  | { type: 'progress'; key: string; done: number; total?: number; unit: 'bytes' | 'files' | 'artifacts' }
  | { type: 'end'; key: string }
  | { type: 'warning'; note: Note }
  | { type: 'debug'; message: string }

export type Question =
  | { kind: 'confirm'; plan: Plan; message: string }
  /** About safety: `--yes` never answers it. */
  | { kind: 'approve'; artifact: string; surface: readonly string[]; message: string }
  | { kind: 'trust'; origin: string; variable: string; message: string }
  | { kind: 'choose'; message: string; choices: readonly Choice[] }

export interface Choice {
  value: string
  label: string
  group: string
  description?: string
  /** Marked before anybody has chosen. */
  chosen?: boolean
  /** Why it cannot be chosen. */
  disabled?: string
}
