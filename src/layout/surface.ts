import { onError } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import { kinds } from '../model/kinds.js'
import { byCodeUnit } from '../model/names.js'
import type { Facts } from './facts.js'
import { type Head, readHead } from './frontmatter.js'
import { utf8 } from './look.js'
import { isRecord } from './shapes.js'
import type { Within } from './within.js'

/** Parts of an artifact that start programs: the key of plugin.json that holds or names them, and the file where they lie otherwise. */
const parts = [
  { word: 'hook', key: 'hooks', file: 'hooks/hooks.json', wrapper: 'hooks' },
  { word: 'mcp', key: 'mcpServers', file: '.mcp.json', wrapper: 'mcpServers' },
  { word: 'lsp', key: 'lspServers', file: '.lsp.json', wrapper: 'lspServers' },
  { word: 'monitor', key: 'monitors', file: 'monitors/monitors.json', wrapper: 'monitors' },
] as const

type Part = (typeof parts)[number]

/** Everything of an artifact that can run: executable files, hooks, MCP and language servers, tools it is allowed without asking. One line
    each, sorted: what a person approves, and what an update is compared with. What cannot be understood is listed by its file. */
export async function surfaceOf(within: Within, facts: Facts): Promise<string[]> {
  const lines = [
    ...within.files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => `script: ${path}`),
    ...headSurface(facts.head?.head, ''),
    ...(await configured(within)),
    ...(within.artifact.kind === 'plugin' ? await pluginSurface(within, facts) : []),
  ]
  return [...new Set(lines)].sort(byCodeUnit)
}

/** A hook or MCP server that is an artifact of its own. */
async function configured(within: Within): Promise<string[]> {
  const { kind, form } = within.artifact
  const part = parts.find(({ word }) => word === kind)
  if (part === undefined || (kind !== 'hook' && kind !== 'mcp')) return []
  const files = form === 'file' ? within.files.map(({ path }) => path) : kinds[kind].main.filter(within.has)
  return (await Promise.all(files.map((file) => fileSurface(file, part, within)))).flat()
}

async function pluginSurface(within: Within, { plugin }: Facts): Promise<string[]> {
  const experimental = isRecord(plugin?.experimental) ? plugin.experimental : {}
  const ofParts = parts.map(async (part) => {
    const given = [plugin?.[part.key], experimental[part.key]].flatMap((value) =>
      Array.isArray(value) ? value : [value],
    )
    const inline = given.filter((value) => typeof value === 'object' && value !== null)
    const named = given.flatMap((value) => (typeof value === 'string' ? [value] : []))
    const files = [...new Set([part.file, ...named.flatMap(pathIn)])].filter(within.has)
    const ofFiles = await Promise.all(files.map((file) => fileSurface(file, part, within)))
    return [...inline.flatMap((value) => commandsIn(value, part)), ...ofFiles.flat()]
  })
  return [...(await Promise.all(ofParts)).flat(), ...(await headsSurface(within))]
}

function pathIn(written: string): string[] {
  const path = written.replace(/^(\.\/+)+/, '')
  return path === '' ? [] : [path]
}

async function fileSurface(file: string, part: Part, { read, source }: Within): Promise<string[]> {
  const json = await onError(
    ['E_JSON', 'E_JSON_KEY', 'E_LIMIT_SIZE', 'E_LIMIT_DEPTH'],
    async () => parseJson(utf8(await read(file), source(file)), source(file)),
    () => undefined,
  )
  const commands = json === undefined ? [] : commandsIn(json, part)
  return commands.length > 0 ? commands : [`${part.word}: ${file}`]
}

/** The command lines, addresses and prompts in a configuration, each with the event or server that it stands under. */
function commandsIn(json: unknown, { word, wrapper }: Part): string[] {
  const outer = isRecord(json) ? json : {}
  const inner = [outer[wrapper], outer.servers].find(isRecord) ?? json
  return commandLines(inner, nameIn(inner)).map((line) => `${word}: ${line}`)
}

/** One hook or server by itself names its event in `when`, or itself. */
function nameIn(value: unknown): string {
  const { when, name, id } = isRecord(value) ? value : {}
  const names = [isRecord(when) ? when.type : when, name, id]
  return names.find((each) => typeof each === 'string') ?? ''
}

/** The outermost key is the event's or the server's; what lies between it and the command adds nothing. */
function commandLines(value: unknown, under: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => commandLines(item, under))
  if (!isRecord(value)) return []
  const here = commandLine(value)
  if (here !== undefined) return [under === '' ? here : `${under}: ${here}`]
  return Object.entries(value).flatMap(([key, item]) => commandLines(item, under === '' ? key : under))
}

/** `{ command, args }`, `{ bash, powershell }`, `{ url }`, `{ prompt }`: one thing that runs. */
function commandLine(value: Readonly<Record<string, unknown>>): string | undefined {
  const texts = ['command', 'bash', 'powershell', 'url', 'serverUrl', 'httpUrl', 'prompt'].flatMap((key) => {
    const text = value[key]
    return typeof text === 'string'
      ? [text]
      : Array.isArray(text)
        ? [text.filter((each) => typeof each === 'string').join(' ')]
        : []
  })
  if (texts.length === 0) return undefined
  const args = Array.isArray(value.args)
    ? value.args.filter((each) => typeof each === 'string' || typeof each === 'number')
    : []
  return [...texts, ...args].join(' ')
}

/** The skills, commands and agents that a plugin brings have heads of their own, wherever its manifest says they lie. */
async function headsSurface({ files, read }: Within): Promise<string[]> {
  const own = files.map(({ path }) => path).filter((path) => /\.md$/i.test(path))
  const heads = await Promise.all(own.map(async (path) => headSurface(await readHead(await read(path)), ` (${path})`)))
  return heads.flat()
}

function headSurface(head: Head | undefined, where: string): string[] {
  const { values = {} } = head ?? {}
  const tools = toolsIn(values['allowed-tools'] ?? values.allowedTools).map((tool) => `allowed-tools: ${tool}${where}`)
  const started = parts.flatMap((part) => commandsIn(values[part.key], part).map((line) => `${line}${where}`))
  return [...tools, ...started]
}

/** `Read, Bash(git add:*)`, the same without commas, or a list. */
function toolsIn(value: unknown): string[] {
  const text = Array.isArray(value) ? value.filter((each) => typeof each === 'string').join(', ') : value
  return typeof text === 'string' ? (text.match(/[^\s,(]+(\([^)]*\)?)?/g) ?? []) : []
}
