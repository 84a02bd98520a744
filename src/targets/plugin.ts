import { isRecord } from '../model/json.js'
import { leafOf } from '../model/names.js'
import { definition } from '../model/plugins.js'
import type { PlacedKind } from '../model/targets.js'
import type { Json } from './json-values.js'
import { jsonIn, type Material, partBelow, partFile } from './material.js'

/** Whether a tool that knows plugins takes this one whole. */
export function isWhole({ files }: Material): boolean {
  return files.includes(definition)
}

/** A plugin taken apart, for tools that do not know plugins: its skills, agents, commands, hooks and MCP servers, from where they lie by
    default and from where its definition says. https://code.claude.com/docs/en/plugins-reference */
export function partsOf(plugin: Material): Material[] {
  const own = jsonIn(plugin, definition) ?? jsonIn(plugin, 'plugin.json')
  const manifest = isRecord(own) ? own : {}
  return [
    ...skillsOf(plugin, pathsIn(manifest.skills, 'skills')),
    ...markdownOf(plugin, 'agent', pathsIn(manifest.agents, 'agents')),
    ...markdownOf(plugin, 'command', pathsIn(manifest.commands, 'commands')),
    ...configsOf(plugin, 'hook', { manifest, key: 'hooks', file: 'hooks/hooks.json' }),
    ...configsOf(plugin, 'mcp', { manifest, key: 'mcpServers', file: '.mcp.json' }),
  ]
}

/** Paths that a definition names come on top of the default one. */
function pathsIn(value: unknown, standard: string): string[] {
  const named = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string')
  const plain = named.map((path) => path.replace(/^(\.\/)+|\/+$/g, '')).filter((path) => path !== '' && path !== '.')
  return [...new Set([standard, ...plain])]
}

/** A folder of skills, or the folder of one. */
function skillsOf(plugin: Material, folders: readonly string[]): Material[] {
  const mains = plugin.files.filter((file) => /(^|\/)(SKILL|skill)\.md$/.test(file))
  const homes = mains.map((file) => file.slice(0, file.lastIndexOf('/'))).filter((home) => home !== '')
  const wanted = homes.filter((home) => folders.some((folder) => home === folder || parentOf(home) === folder))
  return wanted.map((home) => partBelow(plugin, home, { kind: 'skill', name: leafOf(home) }))
}

/** Folders within give a name its first words: `commands/git/tidy.md` is `git-tidy`. */
function markdownOf(plugin: Material, kind: PlacedKind, paths: readonly string[]): Material[] {
  return paths.flatMap((path) =>
    plugin.files
      .filter((file) => file.endsWith('.md') && (file === path || file.startsWith(`${path}/`)))
      .map((file) => {
        const below = file === path ? leafOf(file) : file.slice(path.length + 1)
        return partFile(plugin, file, { kind, name: below.slice(0, -'.md'.length).replaceAll('/', '-') })
      }),
  )
}

interface Where {
  manifest: Json
  key: string
  file: string
}

/** Configurations that stand in the definition itself, or in files. */
function configsOf(plugin: Material, kind: PlacedKind, { manifest, key, file }: Where): Material[] {
  const given = Array.isArray(manifest[key]) ? (manifest[key] as unknown[]) : [manifest[key]]
  const inline = given.filter(isRecord)
  const files = pathsIn(manifest[key], file).map((path) => jsonIn(plugin, path))
  const { name } = plugin
  return [...inline, ...files.filter((json) => json !== undefined)].map((config, index) => ({
    ...plugin,
    kind,
    name: index === 0 ? name : `${name}-${index + 1}`,
    config,
  }))
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
