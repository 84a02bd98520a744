import { fail } from '../model/errors.js'

/** What a prompt answers. Throws E_INTERRUPTED where a person leaves instead. */
export async function answered<T>(prompt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await prompt()
  } catch (e) {
    if (!(e instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(e.name))) throw e
    signal.throwIfAborted()
    return fail('E_INTERRUPTED', 'stopped at a question; nothing was changed')
  }
}
