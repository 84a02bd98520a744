import { HaalError } from '../model/errors.js'

/** For what a command can do without. What went wrong, in words; undefined where nothing did. */
export function attempt(act: () => void): string | undefined {
  try {
    act()
    return undefined
  } catch (e) {
    if (e instanceof HaalError) return e.message
    throw e
  }
}

/** The same, tried once more where it fails. */
export function attemptTwice(act: () => void): string | undefined {
  return attempt(act) === undefined ? undefined : attempt(act)
}
