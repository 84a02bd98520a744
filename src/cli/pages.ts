import { scripts } from '../ui/completion/scripts.js'
import { errorsPage } from '../ui/errors-page.js'
import { commandsPage } from '../ui/help.js'
import { completionWords } from './completion.js'
import { commonFlags } from './flags.js'
import { table } from './table.js'

/** Every committed file that is made from a table, by its path in the repository. `scripts/pages.mjs` writes them; a test holds them equal. */
export async function pages(): Promise<Record<string, string>> {
  const commands = await Promise.all(table.map(({ load }) => load()))
  const words = await completionWords()
  const completions = Object.values(scripts).map(({ file, print }) => [`completions/${file}`, print(words)] as const)
  return {
    'docs/errors.md': errorsPage(),
    'docs/commands.md': commandsPage(commands, commonFlags),
    ...Object.fromEntries(completions),
  }
}
