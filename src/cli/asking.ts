import type { Terminal } from '../io/terminal.js'
import type { Context } from '../model/context.js'
import type { Reporter } from '../ui/reporter.js'

interface Room {
  terminal: Terminal
  reporter: Reporter
  signal: AbortSignal
  /** `--yes`: what is no question about safety is answered. */
  yes: boolean
}

/** How a command asks the person at the terminal. */
export function asking({ terminal, reporter, signal, yes }: Room): NonNullable<Context['ask']> {
  return async (question) => {
    if (yes && question.kind === 'confirm') return true
    const [{ askPerson }, { planLines }] = await Promise.all([
      import('../ui/questions.js'),
      import('../commands/outcome.js'),
    ])
    const { finish, paint } = reporter.err
    return askPerson(question, {
      input: terminal.input(),
      output: terminal.errIsTerminal() ? terminal.errors() : terminal.output(),
      signal,
      finish,
      say: reporter.say,
      planLines: (plan) => planLines(plan, paint),
      rows: terminal.size().rows,
    })
  }
}
