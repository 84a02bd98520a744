import { HaalError } from '../model/errors.js'

/** What went wrong, in words; undefined where nothing did. For what a command can do without. */
export function tried(act: () => void): string | undefined {
  try {
    act()
    return undefined
  } catch (e) {
    if (e instanceof HaalError) return e.message
    throw e
  }
}
