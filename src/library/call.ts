import type { CommonFlags, Context } from '../model/context.js'
import { bug, HaalError } from '../model/errors.js'
import { version } from '../model/haal-version.js'
import { type Callbacks, callbacksOf } from './callbacks.js'
import { checkCall, checkInstance, type Own } from './check.js'
import { callFlags, contextFrom, type Defined, standingFlags } from './context.js'
import type { CallOptions, HaalOptions } from './options.js'

/** One call of one method; the call's options override the instance's. Whatever goes wrong is rejected as a HaalError, except what the program's own
    callbacks throw, which is rejected as it is. `own`: the options that this method takes. */
export type Call = <O extends CallOptions, R>(
  options: O,
  act: (ctx: Context, flags: CommonFlags & Defined<Omit<O, 'signal'>>) => Promise<R>,
  own: Own<O>,
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
    const signal = AbortSignal.any([stop.signal, options.signal, more.signal].filter((each) => each !== undefined))
    const callbacks = callbacksOf(options, stop)
    try {
      signal.throwIfAborted()
      const result = await act({ ...around, ...callbacks.given, signal }, { ...standing, ...callFlags(more) })
      const theirs = callbacks.failure()
      if (theirs !== undefined) throw theirs.error
      return result
    } catch (e) {
      throw failureOf(e, callbacks, signal)
    } finally {
      callbacks.end()
    }
  }
}

function failureOf(cause: unknown, callbacks: Callbacks, signal: AbortSignal): unknown {
  const theirs = callbacks.failure()
  if (theirs !== undefined) return theirs.error
  if (cause instanceof HaalError) return cause
  if (signal.aborted) return new HaalError('E_INTERRUPTED', 'stopped by the signal that was given', { cause })
  return bug(cause, `report it with the stack of its cause (haal ${version})`)
}
