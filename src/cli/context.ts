import path from 'node:path'
import { here } from '../io/here.js'
import type { Terminal } from '../io/terminal.js'
import type { Flags } from '../model/command.js'
import type { Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import { demandConfig } from '../model/manifest.js'
import type { Reporter } from '../ui/reporter.js'
import { asking, askingSecretly } from './asking.js'
import { isUnattended } from './manner.js'
import type { Signals } from './signals.js'

/** What one run of haal has around it, whatever the command. */
export interface Edge {
  terminal: Terminal
  reporter: Reporter
  secrets: Set<string>
  stop: Signals
  /** As in `Context`. */
  works: () => void
}

/** The process as a command sees it. Throws E_USAGE where --cwd is no folder, E_CONFIG where --config is no file. */
export function contextOf(flags: Flags, { terminal, reporter, secrets, stop, works }: Edge): Context {
  const around = here(typeof flags.cwd === 'string' ? flags.cwd : undefined)
  const { cwd, disk } = around
  if (flags.cwd !== undefined && disk.stat(disk.real(cwd) ?? cwd)?.type !== 'folder')
    fail('E_USAGE', `--cwd ${flags.cwd} is not a folder`, { hint: 'name one that is there: --cwd <dir>' })
  if (typeof flags.config === 'string') demandConfig(disk, path.resolve(cwd, flags.config), flags.config)
  const canAsk = !flags.json && !isUnattended(process.env) && terminal.inIsTerminal() && terminal.outIsTerminal()
  return {
    ...around,
    signal: stop.signal,
    works,
    secrets,
    emit: reporter.emit,
    ...(canAsk && {
      ask: asking({ terminal, reporter, signal: stop.signal }),
      askSecret: askingSecretly({ terminal, reporter, signal: stop.signal }),
    }),
  }
}
