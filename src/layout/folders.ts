import type { Note } from '../model/artifact.js'
import { kinds } from '../model/kinds.js'
import { leafOf } from '../model/names.js'
import { note } from '../model/notes.js'
import type { Child } from '../model/tree.js'
import type { Layout, Look, Offer } from './look.js'
import { type FiledKind, type Form, filedKinds, forms, scan } from './scan.js'

/** What tools call haal's kinds where they lay out a repository by their own words. */
const words: readonly ({ folder: string; kind: FiledKind } & Form)[] = [
  { folder: 'mcpservers', kind: 'mcp', ...forms.mcp },
  { folder: 'mcp-servers', kind: 'mcp', ...forms.mcp },
  { folder: 'workflows', kind: 'command', markers: [], files: ['.md'], depth: 0 },
  { folder: 'prompts', kind: 'command', markers: [], files: ['.prompt.md'] },
  { folder: 'instructions', kind: 'rule', markers: [], files: ['.instructions.md'] },
]

/** Things that only one tool knows, which haal lists and does not install. */
const unsupported: readonly {
  folder: string
  what: string
  is(entry: Child, within: readonly Child[]): boolean
}[] = [
  {
    folder: 'powers',
    what: 'a Kiro power',
    is: (_entry, within) => within.some(({ path }) => leafOf(path) === 'POWER.md'),
  },
  { folder: 'steering', what: 'a Kiro steering file', is: ({ path }) => path.endsWith('.md') },
  { folder: 'chatmodes', what: 'a Copilot chat mode', is: ({ path }) => path.endsWith('.chatmode.md') },
]

/** Kind folders at the root: `skills/`, `agents/`, … and the words of other tools for them. */
export const folders: Layout = {
  name: 'folders',
  find: async (look) => {
    const top = new Set((await look.entries('')).flatMap(({ path, type }) => (type === 'folder' ? [path] : [])))
    const own = filedKinds.map((kind) => ({ folder: kinds[kind].folder, kind, ...forms[kind] }))
    const found = await Promise.all(
      [...own, ...words]
        .filter(({ folder }) => top.has(folder))
        .map(({ folder, kind, ...form }) => scan(folder, { kind, form }, look)),
    )
    const foreign = await foreignNotes(top, look)
    const isPlugin = await look.hasFile('.claude-plugin/plugin.json')
    const offers = found.flatMap((each) => each.offers).filter((offer) => !(isPlugin && isPluginHooks(offer)))
    const notes = [...found.flatMap((each) => each.notes), ...foreign]
    return offers.length === 0 && notes.length === 0 ? undefined : { offers, notes }
  },
}

/** A plugin's hooks call files of the plugin: without it they run nothing. */
function isPluginHooks({ content }: Offer): boolean {
  return content.path === 'hooks/hooks.json'
}

async function foreignNotes(top: ReadonlySet<string>, look: Look): Promise<Note[]> {
  const notes = unsupported.map(async ({ folder, what, is }) => {
    const entries = top.has(folder) ? await look.entries(folder) : []
    const found = await Promise.all(
      entries.map(async (entry) => is(entry, entry.type === 'folder' ? await look.entries(entry.path) : [])),
    )
    return entries.flatMap(({ path }, i) =>
      found[i] ? [note('W_UNSUPPORTED', `${look.source(path)} is ${what}, which haal does not install`)] : [],
    )
  })
  return (await Promise.all(notes)).flat()
}
