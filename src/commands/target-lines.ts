import type { Paint } from '../model/command.js'
import type { TargetResult } from '../model/targets.js'
import { outcomeLines } from './outcome.js'

/** Which tools are used now, and what changed for them. */
export function targetLines(result: TargetResult, paint: Paint): string[] {
  const { targets, changes, generation } = result
  const now = targets.length === 0 ? 'no tool is used' : `used are ${targets.join(', ')}`
  return changes.length === 0 && generation !== null ? [now] : [...outcomeLines(result, paint), now]
}
