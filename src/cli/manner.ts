import { sep } from 'node:path'
import { currentFolder } from '../io/folder.js'
import type { Terminal } from '../io/terminal.js'
import { wantsColours } from '../ui/paint.js'
import { progress } from '../ui/progress.js'
import type { Manner } from '../ui/reporter.js'
import { wordsOf } from './row.js'
import { table } from './table.js'
import type { Said } from './words.js'

/** How this run talks, from its flags, its environment and where its output goes. */
export function mannerOf(said: Said, terminal: Terminal, secrets: ReadonlySet<string>): Manner {
  const { json, quiet, verbose, where } = said
  const { env } = process
  const watched = !json && !quiet && !isUnattended(env) && terminal.errIsTerminal()
  return {
    json,
    quiet,
    verbose,
    colours: {
      out: !json && wantsColours(env, terminal.outIsTerminal),
      err: wantsColours(env, terminal.errIsTerminal),
    },
    width: json || !terminal.outIsTerminal() ? Number.POSITIVE_INFINITY : terminal.columns(),
    here: (currentFolder() ?? '') + sep,
    annotate: env.GITHUB_ACTIONS === 'true',
    secrets,
    ...(where !== '' && { again: againWith(where) }),
    nonce: Math.random().toString(36).slice(2),
    ...(watched && {
      draws: (finish: (line: string) => string) =>
        progress(terminal.errors(), { width: terminal.errors().columns || 80, finish }),
    }),
  }
}

/** What a text says to run is run where this command was: it has the same flags for that. */
function againWith(where: string): (text: string) => string {
  const words = wordsOf(table).filter((word) => !/ |^(help|completion)$/.test(word))
  const command = new RegExp(`\\bhaal (?=(?:${words.join('|')})(?![\\w-]))`, 'g')
  return (text) => text.replace(command, () => `haal ${where} `)
}

/** A CI run may have a terminal, but nobody sits there; a dumb one cannot draw. */
export function isUnattended({ CI, TERM }: Readonly<Record<string, string | undefined>>): boolean {
  return TERM === 'dumb' || (CI !== undefined && !['', '0', 'false'].includes(CI))
}
