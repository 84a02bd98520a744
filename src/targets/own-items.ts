import { isRecord } from '../model/json.js'

/** Items of a list have no names. One that starts the same commands as an item of haal's is that item, edited. */
export function isOurItem(there: unknown, value: unknown): boolean {
  const own = commandsIn(value)
  const found = commandsIn(there)
  return own.length > 0 && own.some((command) => found.includes(command))
}

function commandsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(commandsIn)
  if (!isRecord(value)) return []
  const own = [value.command, value.bash].filter((each) => typeof each === 'string')
  return [...own, ...commandsIn(value.hooks)]
}
