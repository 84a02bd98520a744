import type { Flags } from '../model/command.js'
import type { CacheRemovedResult } from '../model/results.js'
import { bytesText } from '../model/text.js'

/** What went from cache or store, or would in a dry run. */
export function removedLine({ entries, bytes, path }: CacheRemovedResult, { dryRun }: Flags): string {
  if (entries === 0) return `nothing to remove in ${path}`
  const what = `${entriesText(entries)}, ${bytesText(bytes)}, from ${path}`
  return dryRun ? `would remove ${what}; a dry run, nothing is written` : `removed ${what}`
}

export function entriesText(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`
}
