import { isRecord } from '../model/json.js'

/** What an item of a list starts: a file below `.haal/` or, where a command names none, the command. Items have no keys: one that starts what an item
    of haal's starts counts as that item, edited. */
export function commandsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(commandsIn)
  if (!isRecord(value)) return []
  const own = [value.command, value.bash].filter((each) => typeof each === 'string')
  return [...own.map(started), ...commandsIn(value.hooks)]
}

/** The last file is the one that counts: codex's command names the artifact's folder before it. */
function started(command: string): string {
  return command.match(/(?<=(^|[^\w.-]))\.haal\/[^\s"'`;|&<>()$]+/g)?.at(-1) ?? command
}
