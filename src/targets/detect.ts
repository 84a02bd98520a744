import { nearest } from '../model/nearest.js'
import { tools } from './table.js'

/** Tools that are used in a project, by what lies in it. */
export function toolsFound(has: (path: string) => boolean): string[] {
  return [...tools].filter(([, { found }]) => found.some(has)).map(([name]) => name)
}

/** The names in a list that name no tool, each with the one that may be meant. */
export function strangeTools(names: readonly string[]): { name: string; meant: string | undefined }[] {
  const known = [...tools.keys()]
  return names.filter((name) => !tools.has(name)).map((name) => ({ name, meant: nearest(name, known) ?? titled(name) }))
}

/** The tool that people call so: `vscode`, `claude-code`. */
function titled(name: string): string | undefined {
  const said = letters(name)
  const found = [...tools].find(([, { title }]) => said.length > 3 && letters(title).includes(said))
  return found?.[0]
}

function letters(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '')
}
