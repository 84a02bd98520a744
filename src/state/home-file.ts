import type { Disk } from '../model/disk.js'
import { type ErrorCode, fail } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import { byCodeUnit } from '../model/names.js'

interface Own<T> {
  code: ErrorCode
  /** What to do where the file is damaged. */
  hint: string
  read(value: unknown): T
}

/** A file in which haal remembers something for itself; undefined where there is none. Throws `code` where it is damaged: nobody can tell then what
    was to be remembered. */
export function readOwn<T>(disk: Disk, file: string, { code, hint, read }: Own<T>): T | undefined {
  try {
    const text = disk.text(file)
    return text === undefined ? undefined : read(parseJson(text, file, { syntax: code, key: code }))
  } catch (cause) {
    return fail(code, `${file} is damaged: ${(cause as Error).message}`, { hint, cause })
  }
}

/** Keys are sorted by code unit; of two that are the same the later one counts. */
export function sorted<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...new Map(entries)].sort(([a], [b]) => byCodeUnit(a, b)))
}
