import { HaalError } from '../../src/model/errors.js'

/** Whether haal takes what is read: what it refuses has a code, and anything else is a mistake. */
export function isTaken(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (e) {
    if (e instanceof HaalError) return false
    throw e
  }
}
