import { isRecord } from '../model/json.js'

/** The commands that an item of a list starts. Items have no keys: one that starts the command of an item of haal's counts as that item, edited. */
export function commandsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(commandsIn)
  if (!isRecord(value)) return []
  const own = [value.command, value.bash].filter((each) => typeof each === 'string')
  return [...own, ...commandsIn(value.hooks)]
}
