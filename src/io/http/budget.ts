import { HaalError, interruption } from '../../model/errors.js'
import type { Clock } from './clock.js'

/** Milliseconds: without a byte, and in all, retries and pauses included. */
export interface Times {
  idle: number
  total: number
}

/** Stops one request, whatever it is doing, when its time is up or the person interrupts. */
export interface Budget {
  signal: AbortSignal
  /** Why it was stopped, where it was: E_TIMEOUT, E_INTERRUPTED. */
  stopped(): HaalError | undefined
  /** Something arrived. */
  touch(): void
  /** Milliseconds left in all. */
  left(): number
  /** Throws where it is stopped meanwhile. */
  pause(ms: number): Promise<void>
  close(): void
}

export function openBudget(
  who: string,
  times: Times,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Budget {
  const stop = new AbortController()
  const started = clock.now()
  const timeout = (why: string) => stop.abort(new HaalError('E_TIMEOUT', `${who} ${why}`))
  const cancel = clock.after(times.total, () => timeout(`took longer than ${times.total / 1000} s`))
  const silence = watchSilence(clock, times.idle, () => timeout(`sent nothing for ${times.idle / 1000} s`))
  const stopped = (): HaalError | undefined => {
    if (stop.signal.aborted) return stop.signal.reason as HaalError
    return signal.aborted ? interruption(signal) : undefined
  }
  // Many requests share the person's signal: as one of several it is not listened to by each of them.
  const either = AbortSignal.any([signal, stop.signal])
  return {
    signal: either,
    stopped,
    touch: silence.touch,
    left: () => times.total - (clock.now() - started),
    pause: async (ms) => {
      silence.suspend(true)
      await passed(clock, ms, either)
      const why = stopped()
      if (why) throw why
      silence.suspend(false)
    },
    close: () => {
      cancel()
      silence.close()
    },
  }
}

/** One timer, set again for what is left of the time: cheaper than a new one for each piece that arrives. */
function watchSilence(clock: Clock, most: number, tooLong: () => void) {
  let last = clock.now()
  let suspended = false
  const touch = () => {
    last = clock.now()
  }
  const watch = (ms: number): (() => void) =>
    clock.after(ms, () => {
      const quiet = suspended ? 0 : clock.now() - last
      if (quiet >= most) tooLong()
      else cancel = watch(most - quiet)
    })
  let cancel = watch(most)
  return {
    touch,
    suspend: (now: boolean) => {
      suspended = now
      touch()
    },
    close: () => cancel(),
  }
}

/** Resolves after so long, or as soon as the signal is aborted. */
function passed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      done()
    }
    const cancel = clock.after(ms, end)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
}
