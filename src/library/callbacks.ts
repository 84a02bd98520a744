import type { Context } from '../model/context.js'
import type { HaalOptions } from './options.js'

/** A program's own functions for the time of one call. */
export interface Callbacks {
  given: Pick<Context, 'emit' | 'ask' | 'askSecret'>
  /** The first thing that one of them threw or rejected with. */
  failure(): { error: unknown } | undefined
  /** The call is over: what an `onEvent` rejects with from here on is nobody's but the program's. */
  end(): void
}

/** If a callback throws or rejects, the call stops as by a signal, so that nothing stays half done. */
export function callbacksOf({ onEvent, ask, askSecret }: HaalOptions, stop: AbortController): Callbacks {
  let failure: { error: unknown } | undefined
  let isOver = false
  const keep = (error: unknown) => {
    failure ??= { error }
    stop.abort(error)
  }
  const failed = (error: unknown): never => {
    keep(error)
    throw error
  }
  const later = (error: unknown) => {
    if (isOver) throw error
    keep(error)
  }
  const emit: Context['emit'] = (event) => {
    try {
      const answer: unknown = onEvent?.(event)
      // Not waited for.
      if (answer instanceof Promise) answer.catch(later)
    } catch (error) {
      failed(error)
    }
  }
  return {
    given: {
      emit,
      ...(ask && { ask: guarded(ask, failed) }),
      ...(askSecret && { askSecret: guarded(askSecret, failed) }),
    },
    failure: () => failure,
    end: () => {
      isOver = true
    },
  }
}

function guarded<Q, A>(answer: (question: Q) => Promise<A>, failed: (error: unknown) => never) {
  return async (question: Q): Promise<A> => {
    try {
      return await answer(question)
    } catch (error) {
      return failed(error)
    }
  }
}
