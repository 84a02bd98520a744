import { kinds, splitRef } from '../model/kinds.js'
import { addTo } from '../model/maps.js'
import type { Entry, Placed } from '../model/targets.js'
import { agents, geminiCommand, kiroCommand, opencodeCommand } from './agents.js'
import { type Hook, hooksFor, isKiroHook } from './hooks.js'
import { type Json, withTexts } from './json-values.js'
import { textOf } from './markdown.js'
import { jsonIn, type Material } from './material.js'
import { namesRoot, withFolder, withFolderQuoted } from './plugin-root.js'
import { rules } from './rules.js'
import { serverForms, serversIn, unreadIn } from './servers.js'
import type { FormName, Tool } from './table.js'

/** Where something goes, and for whom. */
export interface Spot {
  tool: Tool
  /** As the lockfile records it. */
  at: string
  /** The artifact's place in `.haal/`, relative to the root. */
  home: string
  /** How a hook's command line, and a server's command, name the root; undefined where they cannot. */
  root: string | undefined
  serverRoot: string | undefined
  /** What stands before `home` in files that agents read: nothing, or with --global the root. */
  shown: string
  /** Link folders instead of copying them. */
  link: boolean
}

interface Formed {
  places: readonly Placed[]
  /** What the tool cannot be given, each a reason. */
  lost: readonly string[]
}

/** Pure: from what an artifact holds to what a tool reads. */
type Form = (material: Material, spot: Spot) => Promise<Formed>

/** The form that each row of the table names. */
export const forms: Readonly<Record<FormName, Form>> = {
  skill: async (material, spot) => whole(material, spot, skillNames(material)),
  plugin: async (material, spot) => whole(material, spot, undefined),
  markdown: async (material, spot) => {
    const file = mainOf(material)
    if (file === undefined) return lost('it has no markdown file')
    const bytes = material.read(file)
    const named = withRoot(bytes, material, spot)
    const content = named === bytes ? ({ from: 'store', integrity: material.integrity, file } as const) : own(named)
    return { places: [{ ref: material.ref, at: spot.at, content }], lost: [] }
  },
  'agent-codex': changed(agents['agent-codex']),
  'agent-gemini': changed(agents['agent-gemini']),
  'agent-opencode': changed(agents['agent-opencode']),
  'agent-kiro': changed(agents['agent-kiro']),
  'command-gemini': changed(geminiCommand),
  'command-kiro': changed(kiroCommand),
  'command-opencode': changed(opencodeCommand),
  'rule-claude': changed(rules['rule-claude']),
  'rule-copilot': changed(rules['rule-copilot']),
  'rule-cursor': changed(rules['rule-cursor']),
  'rule-kiro': changed(rules['rule-kiro']),
  'rule-windsurf': changed(rules['rule-windsurf']),
  hooks: async (material, spot) => hooks(material, spot),
  servers: async (material, spot) => servers(material, spot),
}

/** A folder as it is, but for the names a tool needs; a link to it where nothing is renamed. */
function whole(material: Material, spot: Spot, rename: Readonly<Record<string, string>> | undefined): Formed {
  const { ref, integrity, under, file } = material
  const folder = under === '' ? spot.home : `${spot.home}/${under}`
  const content =
    spot.link && rename === undefined && file === undefined
      ? ({ from: 'link', to: folder } as const)
      : ({ from: 'store', integrity, ...(under !== '' && { under }), ...(rename && { rename }) } as const)
  return { places: [{ ref, at: spot.at, content }], lost: [] }
}

/** Tools look for SKILL.md, spelled so. */
function skillNames({ files, file }: Material): Readonly<Record<string, string>> | undefined {
  if (files.includes('SKILL.md')) return undefined
  const main = file ?? files.find((each) => each === 'skill.md')
  return main === undefined ? undefined : { [main]: 'SKILL.md' }
}

/** One markdown file, made into another file. */
function changed(form: (bytes: Uint8Array, head: Readonly<Record<string, unknown>>, name: string) => Uint8Array): Form {
  return async (material, spot) => {
    const file = mainOf(material)
    if (file === undefined) return lost('it has no markdown file')
    const bytes = withRoot(material.read(file), material, spot)
    const content = own(form(bytes, await material.head(bytes), material.name))
    return { places: [{ ref: material.ref, at: spot.at, content }], lost: [] }
  }
}

function own(bytes: Uint8Array): { from: 'bytes'; bytes: Uint8Array } {
  return { from: 'bytes', bytes }
}

/** The file that says what an agent, command or rule is. */
function mainOf({ kind, name, file, files }: Material): string | undefined {
  if (file !== undefined) return file
  const mains: readonly string[] = [...kinds[kind].main, `${name}.md`]
  const markdown = files.filter((each) => /^[^/]+\.md$/i.test(each))
  return mains.find((main) => markdown.includes(main)) ?? (markdown.length === 1 ? markdown[0] : undefined)
}

/** A file of a plugin with the plugin's folder written in place of the variable. */
function withRoot(bytes: Uint8Array, { ref }: Material, { home, shown }: Spot): Uint8Array {
  if (splitRef(ref).kind !== 'plugin') return bytes
  const text = textOf(bytes)
  return namesRoot(text) ? Buffer.from(withFolder(text, shown + home)) : bytes
}

/** A configuration with the artifact's own folder written in place of the variable, and of the dot in a path to one of its files. undefined where
    the folder is needed and cannot be named. */
function configured(
  config: unknown,
  { files }: Material,
  { folder, write }: { folder: string | undefined; write(text: string, folder: string): string },
): unknown {
  let isLost = false
  const value = withTexts(config, (text) => {
    const dotted = /^\.\/([^\s"']+)/.exec(text)?.[1]
    const spelled = dotted !== undefined && files.includes(dotted) ? `\${CLAUDE_PLUGIN_ROOT}${text.slice(1)}` : text
    if (!namesRoot(spelled)) return text
    isLost ||= folder === undefined
    return write(spelled, folder ?? '')
  })
  return isLost ? undefined : value
}

function folderFrom(root: string | undefined, { home }: Spot): string | undefined {
  return root === undefined ? undefined : root.replace('<home>', () => (isPlain(home) ? home : '.haal')) + home
}

/** Whether a shell takes it for one word as it stands. */
function isPlain(text: string): boolean {
  return /^[\w./-]+$/.test(text)
}

const noRoot = 'it cannot be told where the files lie'

function hooks(material: Material, spot: Spot): Formed {
  const config = configOf(material)
  if (config === undefined) return lost('its hooks cannot be read')
  const value = configured(config, material, { folder: folderFrom(spot.root, spot), write: withFolderQuoted })
  const to = spot.tool.hooks
  if (value === undefined || to === undefined) return lost(noRoot)
  const { hooks: all, lost: without } = hooksFor(value, to.dialect)
  if (isKiroHook(value) && without.length === 0) return { places: [file(material, spot.at, value)], lost: [] }
  const places = all.length === 0 ? [] : hookPlaces[to.file](all, { material, spot })
  return { places, lost: without }
}

interface Placing {
  material: Material
  spot: Spot
}

const hookPlaces: Readonly<Record<'shared' | 'artifact' | 'hook', (all: readonly Hook[], to: Placing) => Placed[]>> = {
  shared: (all, { material: { ref }, spot: { at, tool } }) => {
    const entries = all.map(({ event, item }): Entry => ({ path: ['hooks', event], value: item, item: true }))
    const scaffold = tool.hooks?.scaffold
    return [{ ref, at, format: 'json', entries, ...(scaffold !== undefined && { scaffold }) }]
  },
  artifact: (all, { material, spot }) => {
    const lists = new Map<string, Json[]>()
    for (const { event, item } of all) addTo(lists, event, item)
    return [file(material, spot.at, { version: 1, hooks: Object.fromEntries(lists) })]
  },
  hook: (all, { material, spot }) =>
    all.map(({ item }, index) => {
      const { ref, name } = material
      const title = index === 0 ? name : `${name}-${index + 1}`
      const at = spot.at.replace(/[^/]*$/, (leaf) => `${title}${leaf.slice(name.length)}`)
      return file(material, at, { version: '1.0.0', enabled: true, name: title, description: ref, ...item })
    }),
}

function servers(material: Material, spot: Spot): Formed {
  const { ref, name } = material
  const to = spot.tool.servers
  const all = Object.entries(serversIn(configOf(material), name))
  if (all.length === 0 || to === undefined) return lost('its servers cannot be read')
  const folder = folderFrom(spot.serverRoot, spot)
  const formed = all.map(([key, server]) => ({ key, server: serverForms[to.dialect](server) }))
  const entries = formed.flatMap(({ key, server }): Entry[] => {
    const value = configured(server, material, { folder, write: withFolder })
    return value === undefined ? [] : [{ path: [to.key, key], value }]
  })
  const unread = formed.flatMap(({ key, server }) =>
    unreadIn(to.dialect, server).map((variable) => `nothing reads ${variable} in its server ${key}`),
  )
  const format = spot.at.endsWith('.toml') ? 'toml' : 'json'
  return {
    places: entries.length === 0 ? [] : [{ ref, at: spot.at, format, entries }],
    lost: [...(entries.length < all.length ? [noRoot] : []), ...unread],
  }
}

function configOf(material: Material): unknown {
  const { config, file, kind, files } = material
  if (config !== undefined) return config
  const mains = file === undefined ? [...kinds[kind].main, 'hooks/hooks.json'] : [file]
  const main = mains.find((each) => files.includes(each))
  return main === undefined ? undefined : jsonIn(material, main)
}

function file({ ref }: Material, at: string, value: unknown): Placed {
  return { ref, at, content: own(Buffer.from(`${JSON.stringify(value, null, 2)}\n`)) }
}

function lost(why: string): Formed {
  return { places: [], lost: [why] }
}
