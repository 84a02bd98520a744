import type { Flags } from '../model/command.js'
import type { CacheRemovedResult } from '../model/results.js'
import { bytesText, inDryRun } from '../model/text.js'

/** What went from cache or store, or would in a dry run. */
export function removedLine({ entries, bytes, path }: CacheRemovedResult, { dryRun }: Flags): string {
  if (entries === 0) return `nothing to remove in ${path}`
  const what = `${entriesText(entries)}, ${bytesText(bytes)}, from ${path}`
  return dryRun ? inDryRun(`would remove ${what}`) : `removed ${what}`
}

export function entriesText(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`
}
