import { HaalError } from '../../model/errors.js'
import type { Clock } from './clock.js'

/** Milliseconds: without a byte, and in all, retries and pauses included. */
export interface Times {
  idle: number
  total: number
}

/** Stops one request, whatever it is doing, when its time is up or the person has had enough. */
export interface Budget {
  signal: AbortSignal
  /** Something arrived. */
  touch(): void
  /** Milliseconds left in all. */
  left(): number
  pause(ms: number): Promise<void>
  /** Throws why it was stopped, where it was. */
  check(): void
  close(): void
}

export function openBudget(
  who: string,
  times: Times,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Budget {
  const stop = new AbortController()
  const started = clock.now()
  let last = started
  let pausing = false
  const timeout = (why: string) =>
    stop.abort(new HaalError('E_TIMEOUT', `${who} ${why}`, { hint: 'check the network, or try again later' }))
  const interrupt = () => stop.abort(new HaalError('E_INTERRUPTED', 'stopped'))
  const cancelTotal = clock.after(times.total, () => timeout(`took longer than ${times.total / 1000} s`))
  const watch = (ms: number): (() => void) =>
    clock.after(ms, () => {
      const quiet = pausing ? 0 : clock.now() - last
      if (quiet >= times.idle) timeout(`sent nothing for ${times.idle / 1000} s`)
      else cancelIdle = watch(times.idle - quiet)
    })
  let cancelIdle = watch(times.idle)
  if (signal.aborted) interrupt()
  signal.addEventListener('abort', interrupt)
  return {
    signal: stop.signal,
    touch: () => {
      last = clock.now()
    },
    left: () => times.total - (clock.now() - started),
    pause: async (ms) => {
      pausing = true
      await wait(clock, ms, stop.signal)
      pausing = false
      last = clock.now()
    },
    check: () => stop.signal.throwIfAborted(),
    close: () => {
      cancelTotal()
      cancelIdle()
      signal.removeEventListener('abort', interrupt)
    },
  }
}

function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, stopped) => {
    const give = () => {
      cancel()
      stopped(signal.reason)
    }
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', give)
      done()
    })
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
