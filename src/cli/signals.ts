import { setMaxListeners } from 'node:events'
import { HaalError } from '../model/errors.js'

export interface Signals {
  signal: AbortSignal
  /** The exit status of the signal that came; undefined where none did. */
  exit(): number | undefined
  /** Gives up from inside: nothing can come any more. */
  abort(): void
}

const numbers = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** The first SIGINT, SIGTERM or SIGHUP asks the command to stop and undo; the second ends haal at once, and the next command mends. */
export function signals(): Signals {
  const controller = new AbortController()
  // Every request under way listens to it, and there may be many.
  setMaxListeners(0, controller.signal)
  let exit: number | undefined
  for (const [name, number] of Object.entries(numbers)) {
    process.on(name, () => {
      if (exit !== undefined) process.exit(number)
      exit = number
      controller.abort(new HaalError('E_INTERRUPTED', `stopped by ${name}`))
    })
  }
  const abort = () => controller.abort(new HaalError('E_INTERRUPTED', 'stopped: the input ended'))
  return { signal: controller.signal, exit: () => exit, abort }
}
