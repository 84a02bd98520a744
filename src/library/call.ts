import type { CommonFlags, Context } from '../model/context.js'
import { HaalError } from '../model/errors.js'
import { version } from '../model/version.js'
import { type Callbacks, callbacksOf } from './callbacks.js'
import { checkCall, checkInstance, type Sort } from './check.js'
import { callFlags, contextFrom, type Said, standingFlags } from './context.js'
import type { CallOptions, HaalOptions } from './options.js'

/** One call of one method: with the instance's own options under the call's. Whatever goes wrong arrives as a HaalError, but for what the
    program's own callbacks throw: that arrives as it is. `own`: options that are of another type here than elsewhere. */
export type Call = <O extends CallOptions, R>(
  options: O,
  act: (ctx: Context, flags: CommonFlags & Said<Omit<O, 'signal'>>) => Promise<R>,
  own?: Readonly<Record<string, Sort>>,
) => Promise<R>

/** Throws E_USAGE and E_CONFIG for options that cannot be right. */
export function callerOf(given: HaalOptions): Call {
  checkInstance(given)
  const options = { ...given }
  const around = contextFrom(options)
  const standing = standingFlags(options)
  return async (more, act, own) => {
    checkCall(more, own)
    const stop = new AbortController()
    const leave = follow(stop, [options.signal, more.signal])
    const callbacks = callbacksOf(options, stop)
    try {
      stop.signal.throwIfAborted()
      const result = await act(
        { ...around, ...callbacks.given, signal: stop.signal },
        { ...standing, ...callFlags(more) },
      )
      const theirs = callbacks.failure()
      if (theirs !== undefined) throw theirs.error
      return result
    } catch (e) {
      throw failureOf(e, callbacks, stop.signal)
    } finally {
      callbacks.end()
      leave()
    }
  }
}

/** Aborts with any of these; the answer stops listening to them. Not `AbortSignal.any`: on Node 20 a signal that lives long keeps something of
    everything that ever followed it. */
function follow(stop: AbortController, signals: readonly (AbortSignal | undefined)[]): () => void {
  const leaving = signals.map((signal) => {
    const abort = () => stop.abort(signal?.reason)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    return () => signal?.removeEventListener('abort', abort)
  })
  return () => {
    for (const leave of leaving) leave()
  }
}

function failureOf(cause: unknown, callbacks: Callbacks, signal: AbortSignal): unknown {
  const theirs = callbacks.failure()
  if (theirs !== undefined) return theirs.error
  if (cause instanceof HaalError) return cause
  if (signal.aborted) return new HaalError('E_INTERRUPTED', 'stopped by the signal that was given', { cause })
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new HaalError('E_BUG', `haal itself failed: ${what}`, {
    hint: `report it with the stack of its cause (haal ${version})`,
    cause,
  })
}
