import type { Terminal } from '../io/terminal.js'
import type { Context } from '../model/context.js'
import type { Reporter } from '../ui/reporter.js'

interface Room {
  terminal: Terminal
  reporter: Reporter
  signal: AbortSignal
}

/** How a command asks for a text that nobody else is to see. */
export function askingSecretly({ terminal, reporter, signal }: Room): NonNullable<Context['askSecret']> {
  return async (message) => {
    const { secret } = await import('../ui/secret.js')
    const output = terminal.errIsTerminal() ? terminal.errors() : terminal.output()
    return secret(reporter.err.finish(message), { input: terminal.input(), output, signal })
  }
}

/** How a command asks the person at the terminal. */
export function asking({ terminal, reporter, signal }: Room): NonNullable<Context['ask']> {
  return async (question) => {
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
    })
  }
}
