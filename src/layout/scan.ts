import type { Note } from '../model/artifact.js'
import type { Kind } from '../model/kinds.js'
import { leafOf, nameProblem, pathProblem } from '../model/names.js'
import { note } from '../model/notes.js'
import type { Child } from '../model/tree.js'
import { inOwnWords } from './agentos-manifest.js'
import type { Found, Look, Offer } from './look.js'

/** A kind that has files. */
export type FiledKind = Exclude<Kind, 'bundle'>

/** How a kind is recognised: a folder by one of the names in it, a single file by how its name ends. */
export interface Form {
  markers: readonly string[]
  files: readonly string[]
  /** Folders below the kind's own that are looked into for categories. */
  depth?: number
}

const module: Form = { markers: ['manifest.json'], files: [] }

/** A plugin needs no plugin.json: the folders a plugin may bring show what it is. */
const pluginParts = ['.claude-plugin', 'plugin.json', 'skills', 'commands', 'agents', 'hooks', '.mcp.json']

export const forms: Readonly<Record<FiledKind, Form>> = {
  skill: { markers: ['SKILL.md', 'skill.md'], files: [] },
  agent: { markers: ['AGENT.md', 'agent.md', 'agent.json'], files: ['.agent.md', '.md'] },
  command: { markers: ['COMMAND.md', 'command.md'], files: ['.prompt.md', '.md'] },
  hook: { markers: ['hooks.json', 'hook.json'], files: ['.json'] },
  plugin: { markers: pluginParts, files: [] },
  rule: { markers: ['RULE.md', 'rule.md'], files: ['.instructions.md', '.md'] },
  mcp: { markers: ['mcp.json', '.mcp.json'], files: ['.json'] },
  tool: module,
  guardrail: module,
  workflow: module,
  persona: { markers: ['persona.json', 'manifest.json'], files: ['.json'] },
  extension: module,
}

export const filedKinds = Object.keys(forms) as FiledKind[]

/** Text that lies beside artifacts and is none: a readme, a licence, a package's own files. */
const besides = [
  /^(readme|licen[cs]e)\.\w+$/i,
  /^(CHANGELOG|CONTRIBUTING|CODE_OF_CONDUCT|SECURITY|NOTICE|AGENTS|CLAUDE|GEMINI)\.md$/,
  /^(package|package-lock|tsconfig)\.json$/,
]

/** Categories may be nested (`rules/repo/claude/x.md`), at most so deep. */
const deepest = 4

/** The artifacts of one kind in a folder, its categories included: `skills/<name>/`, `skills/<category>/<name>/`, `agents/<name>.md`. */
export async function scan(folder: string, as: { kind: FiledKind; form: Form }, look: Look): Promise<Found> {
  const scanning: Scanning = { ...as, look, offers: [], notes: [] }
  const top = await look.entries(folder)
  await Promise.all(top.filter(isOpen).map(({ path }) => look.entries(path)))
  for (const entry of top) await visit(entry, 1, scanning)
  const { offers, notes } = scanning
  return { offers: as.kind === 'extension' ? await inOwnWords(offers, look) : offers, notes }
}

interface Scanning {
  kind: FiledKind
  form: Form
  look: Look
  offers: Offer[]
  notes: Note[]
}

async function visit(entry: Child, depth: number, scanning: Scanning): Promise<void> {
  const { look, form, notes } = scanning
  const name = leafOf(entry.path)
  if (name.startsWith('.')) return
  if (entry.type === 'link') notes.push(note('W_LINK', `${look.source(entry.path)} is not offered: it is a link`))
  if (entry.type === 'file') return visitFile(entry, scanning)
  if (entry.type !== 'folder' || name === 'node_modules') return
  if (!isOpen(entry)) return offer(entry, name, scanning)
  const within = await look.entries(entry.path)
  if (within.some(({ path }) => form.markers.includes(leafOf(path)))) return offer(entry, name, scanning)
  if (depth < (form.depth ?? deepest)) for (const child of within) await visit(child, depth + 1, scanning)
}

function visitFile(entry: Child, scanning: Scanning): void {
  const name = leafOf(entry.path)
  const ending = besides.some((each) => each.test(name))
    ? undefined
    : scanning.form.files.find((end) => name.endsWith(end))
  if (ending !== undefined && name !== ending) offer(entry, name.slice(0, -ending.length), scanning)
}

function offer({ path, type }: Child, name: string, { kind, look, offers, notes }: Scanning): void {
  const why = nameProblem(name)
  if (why !== undefined) notes.push(note('W_NAME_UNSAFE', `${look.source(path)} is not offered: its name ${why}`))
  else offers.push({ kind, name, content: { path }, form: type === 'file' ? 'file' : 'folder', requires: [] })
}

/** A folder whose name can be looked into. */
function isOpen({ path, type }: Child): boolean {
  return type === 'folder' && pathProblem(leafOf(path)) === undefined
}
