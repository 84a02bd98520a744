import type { Flags, Paint } from '../model/command.js'
import type { TargetResult } from '../model/targets.js'
import { inDryRun } from '../model/text.js'
import { outcomeLines } from './outcome.js'

/** What changed for the tools, and which of them haal.json names now. */
export function targetLines(result: TargetResult, paint: Paint, { dryRun }: Pick<Flags, 'dryRun'>): string[] {
  const { targets, changes } = result
  const now = `targets: ${targets.length === 0 ? 'none' : targets.join(', ')}`
  if (changes.some(({ action }) => action !== 'keep')) return [...outcomeLines(result, paint), now]
  return [dryRun ? inDryRun(now) : now]
}
