import { HaalError } from '../src/model/errors.js'

/** The error of haal's that something fails with. What else is thrown is thrown on. */
export function failure(attempt: () => unknown): HaalError {
  try {
    attempt()
  } catch (e) {
    return ofHaal(e)
  }
  throw new Error('it did not fail')
}

/** The code of the error of haal's that something fails with, or `passes`. */
export function codeOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (e) {
    return ofHaal(e).code
  }
  return 'passes'
}

/** The same of what takes its time. */
export async function laterCodeOf(attempt: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt)
  } catch (e) {
    return ofHaal(e).code
  }
  return 'passes'
}

function ofHaal(e: unknown): HaalError {
  if (e instanceof HaalError) return e
  throw e
}
