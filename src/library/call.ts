import type { CommonFlags, Context } from '../model/context.js'
import { HaalError } from '../model/errors.js'
import { version } from '../model/version.js'
import { callFlags, contextFrom, type Said, standingFlags } from './context.js'
import type { CallOptions, HaalOptions } from './options.js'

/** One call of one method: with the instance's own options under the call's. Whatever goes wrong arrives as a HaalError. */
export type Call = <O extends CallOptions, R>(
  options: O,
  act: (ctx: Context, flags: CommonFlags & Said<Omit<O, 'signal'>>) => Promise<R>,
) => Promise<R>

export function callerOf(options: HaalOptions): Call {
  const around = contextFrom(options)
  const standing = standingFlags(options)
  return async (more, act) => {
    const signal = more.signal === undefined ? around.signal : AbortSignal.any([around.signal, more.signal])
    try {
      signal.throwIfAborted()
      return await act({ ...around, signal }, { ...standing, ...callFlags(more) })
    } catch (e) {
      throw failureOf(e, signal)
    }
  }
}

function failureOf(cause: unknown, signal: AbortSignal): HaalError {
  if (cause instanceof HaalError) return cause
  if (signal.aborted) return new HaalError('E_INTERRUPTED', 'stopped by the signal that was given', { cause })
  const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  return new HaalError('E_BUG', `haal itself failed: ${what}`, {
    hint: `report it with the stack of its cause (haal ${version})`,
    cause,
  })
}
