import type { Command, Flag } from '../model/command.js'
import { commonFlags } from './flags.js'
import type { Given } from './program.js'
import { argumentsOf } from './row.js'

/** Reads a line of plain words and switches (`a b --frozen -y`) as `parse` would, without loading commander: that takes half as long again as
    starting Node. undefined where there is more to read, or something to refuse. */
export function plainlyGiven(command: Command, rest: readonly string[]): Given | undefined {
  const words = rest.filter((word) => !word.startsWith('-'))
  const switches = rest.filter((word) => word.startsWith('-')).map((word) => switchOf(command, word))
  if (!takes(command, words.length) || !switches.every((name) => name !== undefined)) return undefined
  return { args: words, flags: Object.fromEntries(switches.map((name) => [name, true])) }
}

/** As programs name it: `dryRun`. */
function switchOf({ flags }: Command, word: string): string | undefined {
  const isMeant = ({ name, short, value }: Flag) =>
    value === undefined && (word === `--${name}` || (short !== undefined && word === `-${short}`))
  const found = flags.find(isMeant) ?? commonFlags.find(isMeant)
  return found?.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** `args` as in `<artifact> [destination...]`. */
function takes({ args }: Command, count: number): boolean {
  const all = argumentsOf(args)
  const least = all.filter((word) => word.startsWith('<')).length
  return count >= least && (count <= all.length || args.endsWith('...]') || args.endsWith('...>'))
}
