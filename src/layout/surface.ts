import { posix } from 'node:path'
import { sha256Hex } from '../model/digest.js'
import { onError } from '../model/errors.js'
import { isRecord, readJson } from '../model/json.js'
import { kinds } from '../model/kinds.js'
import { byCodeUnit, twinKey } from '../model/names.js'
import { pluginHome } from '../model/plugins.js'
import type { Facts } from './facts.js'
import { type Head, readHead } from './frontmatter.js'
import { type PluginJson, readPluginJson, unreadable } from './manifests.js'
import { below, type Within } from './within.js'

/** Parts of an artifact that start programs: the key of plugin.json that holds or names them, and the file where they lie otherwise. */
const parts = [
  { word: 'hook', key: 'hooks', file: 'hooks/hooks.json', wrapper: 'hooks' },
  { word: 'mcp', key: 'mcpServers', file: '.mcp.json', wrapper: 'mcpServers' },
  { word: 'lsp', key: 'lspServers', file: '.lsp.json', wrapper: 'lspServers' },
  { word: 'monitor', key: 'monitors', file: 'monitors/monitors.json', wrapper: 'monitors' },
] as const

type Part = (typeof parts)[number]

/** Everything of an artifact that can run: executable files, hooks, MCP and language servers, tools it is allowed without asking. One line
    each, sorted: what a person approves, and what an update is compared with. What cannot be understood is listed by its file and the digest
    of that, so that a change of it is another line. */
export async function surfaceOf(within: Within, facts: Facts): Promise<string[]> {
  const lines = [
    ...within.files.filter(({ mode }) => (mode & 0o111) !== 0).map(({ path }) => `script: ${path}`),
    ...(await ownHeads(within, facts)),
    ...(await configured(within)),
    ...(within.artifact.kind === 'plugin' ? await pluginSurface(within, facts.plugin) : []),
    ...(await pluginsWithin(within, facts)),
  ]
  return [...new Set(lines)].sort(byCodeUnit)
}

/** The head of its main file, and of all markdown at the top of an agent, command or rule, which a tool takes where the main file is missing. */
async function ownHeads(within: Within, { head }: Facts): Promise<string[]> {
  const { kind, form } = within.artifact
  const isOne = form === 'folder' && (kind === 'agent' || kind === 'command' || kind === 'rule')
  const others = isOne ? markdownIn(within, /^[^/]+$/).filter((path) => path !== head?.file) : []
  const own = head === undefined ? [] : await headSurface(head.head, { path: head.file, where: '', within })
  return [...own, ...(await headsSurface(others, within))]
}

/** A hook or MCP server that is an artifact of its own. */
async function configured(within: Within): Promise<string[]> {
  const { kind, form } = within.artifact
  const part = parts.find(({ word }) => word === kind)
  if (part === undefined || (kind !== 'hook' && kind !== 'mcp')) return []
  const mains = [...new Set([...kinds[kind].main, part.file])].filter(within.has)
  const files = form === 'file' ? within.files.map(({ path }) => path) : mains
  return (await Promise.all(files.map((file) => fileSurface(file, part, within)))).flat()
}

/** What has a plugin's definition runs as a plugin, though it is a skill, or a skill in a plugin that tools get part by part. */
async function pluginsWithin(within: Within, { plugin }: Facts): Promise<string[]> {
  const isPlugin = within.artifact.kind === 'plugin'
  const isPlaced = (home: string) =>
    home === ''
      ? !(isPlugin && plugin !== undefined)
      : isPlugin && kinds.skill.main.some((file) => within.has(home + file))
  const defined = within.files.map(async ({ path }) => {
    const home = pluginHome(path)
    if (home === undefined || !isPlaced(home)) return []
    const bytes = await within.read(path)
    const manifest = await readable(async () => readPluginJson(bytes, within.source(path)))
    const own = await pluginSurface(below(within, home), manifest)
    return manifest === undefined ? [unread('head', path, bytes), ...own] : own
  })
  return (await Promise.all(defined)).flat()
}

async function pluginSurface(within: Within, plugin: PluginJson | undefined): Promise<string[]> {
  const experimental = isRecord(plugin?.experimental) ? plugin.experimental : {}
  const ofParts = parts.map(async (part) => {
    const given = [plugin?.[part.key], experimental[part.key]].flatMap((value) =>
      Array.isArray(value) ? value : [value],
    )
    const inline = given.filter((value) => typeof value === 'object' && value !== null)
    const named = given.filter((value) => typeof value === 'string')
    const files = [part.file, ...named].flatMap((written) => fileNamed(written, within) ?? [])
    const ofFiles = await Promise.all([...new Set(files)].map((file) => fileSurface(file, part, within)))
    const strange = named.filter((written) => fileNamed(written, within) === undefined)
    return [
      ...inline.flatMap((value) => commandsIn(value, part)),
      ...ofFiles.flat(),
      ...strange.map((written) => `${part.word}: ${written}`),
    ]
  })
  return [...(await Promise.all(ofParts)).flat(), ...(await headsSurface(markdownIn(within, /./), within))]
}

/** The file that a path names on any platform: `./a//b.json`, and on some another spelling of it. */
function fileNamed(written: string, { files }: Within): string | undefined {
  const key = twinKey(posix.normalize(written.replaceAll('\\', '/')))
  return files.find(({ path }) => twinKey(path) === key)?.path
}

async function fileSurface(file: string, part: Part, { read, source }: Within): Promise<string[]> {
  const bytes = await read(file)
  const codes = { syntax: 'E_JSON', key: 'E_JSON_KEY', comments: true } as const
  const json = await readable(async () => readJson(bytes, source(file), codes))
  const commands = json === undefined ? [] : commandsIn(json, part)
  return commands.length > 0 ? commands : [unread(part.word, file, bytes)]
}

function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  return onError(unreadable, read, () => undefined)
}

function unread(word: string, file: string, bytes: Uint8Array): string {
  return `${word}: ${file} (sha256 ${sha256Hex(bytes)})`
}

/** The command lines, addresses and prompts in a configuration, each with the event or server that it stands under. All of them count, also where a
    tool may take only one of several. */
function commandsIn(json: unknown, { word, wrapper }: Part): string[] {
  const outer = isRecord(json) ? json : {}
  const [wrapped, beside] = [wrapper, 'servers'].some((key) => isRecord(outer[key]))
    ? apart(outer, wrapper)
    : [[], json]
  const lines = [...wrapped.flatMap((inner) => commandLines(inner, '')), ...commandLines(beside, nameIn(beside))]
  return lines.map((line) => `${word}: ${line}`)
}

/** What stands in wrappers, and what stands beside them. */
function apart(outer: Readonly<Record<string, unknown>>, wrapper: string): [wrapped: unknown[], beside: unknown] {
  const isWrapped = ([key, value]: [string, unknown]) => (key === wrapper || key === 'servers') && isRecord(value)
  const entries = Object.entries(outer)
  const beside = Object.fromEntries(entries.filter((entry) => !isWrapped(entry)))
  return [entries.filter(isWrapped).map(([, value]) => value), beside]
}

/** One hook or server by itself names its event in `when`, or itself. */
function nameIn(value: unknown): string {
  const { when, name, id } = isRecord(value) ? value : {}
  const names = [isRecord(when) ? when.type : when, name, id]
  return names.find((each) => typeof each === 'string') ?? ''
}

/** Command lines below a value, each with the outermost key, which is the event's or the server's name; the keys between add nothing. */
function commandLines(value: unknown, under: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => commandLines(item, under))
  if (!isRecord(value)) return []
  const here = commandLine(value)
  const within = Object.entries(value).flatMap(([key, item]) => commandLines(item, under === '' ? key : under))
  return here === undefined ? within : [under === '' ? here : `${under}: ${here}`, ...within]
}

/** Keys of what a tool starts, asks or sends to. `headersHelper` is a program; `windows`, `linux` and `osx` are commands for one system. */
const starting = [
  ...['command', 'bash', 'powershell', 'windows', 'linux', 'osx'],
  ...['url', 'serverUrl', 'httpUrl', 'headersHelper', 'prompt'],
]

/** Variables that tell loaders, shells, interpreters and package runners what to run. */
const loading =
  /^(path|env|bash_env|shellopts)$|^(ld|dyld|node|java|jdk|git|npm_config|yarn|pip|uv|bun|deno)_|^(python|perl5|ruby)/i

/** `{ command, args, env, cwd }`, `{ bash, powershell }`, `{ url }`, `{ prompt }`: one thing that runs. Some variables decide what a
    program loads, and the folder which program a relative path is. */
function commandLine(value: Readonly<Record<string, unknown>>): string | undefined {
  const texts = starting.flatMap((key) => {
    const text = value[key]
    return typeof text === 'string' ? [text] : Array.isArray(text) ? [wordsIn(text).join(' ')] : []
  })
  if (texts.length === 0) return undefined
  const set = Object.entries(isRecord(value.env) ? value.env : {}).filter(([name]) => loading.test(name))
  const env = set.map(([name, to]) => `${name}=${String(to)}`)
  const folder = typeof value.cwd === 'string' ? [`(in ${value.cwd})`] : []
  return [...env, ...texts, ...wordsIn(value.args), ...folder].join(' ')
}

function wordsIn(value: unknown): (string | number)[] {
  const isWord = (each: unknown) => typeof each === 'string' || typeof each === 'number'
  return Array.isArray(value) ? value.filter(isWord) : []
}

function markdownIn({ files }: Within, where: RegExp): string[] {
  return files.map(({ path }) => path).filter((path) => /\.md$/i.test(path) && where.test(path))
}

/** The skills, commands and agents that a plugin brings have heads of their own, wherever its manifest says they lie. */
async function headsSurface(paths: readonly string[], within: Within): Promise<string[]> {
  const heads = paths.map(async (path) =>
    headSurface(await readHead(await within.read(path)), { path, where: ` (${path})`, within }),
  )
  return (await Promise.all(heads)).flat()
}

/** A head that haal cannot read may start something only if it has one of these words, or a backslash, which can spell any of them. */
const running = /allowed-?tools|permission-?mode|hooks|servers|monitors|\\/i

/** Permission modes in which an agent asks as usual, or changes nothing. */
const asking: ReadonlySet<unknown> = new Set([undefined, null, '', 'default', 'plan'])

interface HeadPlace {
  path: string
  where: string
  within: Within
}

/** What a head allows or starts. One that haal cannot read, a tool may still read. */
async function headSurface(head: Head, { path, where, within }: HeadPlace): Promise<string[]> {
  if (head.problem !== undefined) {
    const bytes = head.absent ? new Uint8Array() : await within.read(path)
    return running.test(Buffer.from(bytes).toString('utf8')) ? [unread('head', path, bytes)] : []
  }
  const { values } = head
  const tools = [values['allowed-tools'], values.allowedTools].flatMap(toolsIn).map((tool) => `allowed-tools: ${tool}`)
  const modes = [values.permissionMode, values['permission-mode']].filter((mode) => !asking.has(mode))
  const unasked = modes.map((mode) => `permission-mode: ${typeof mode === 'string' ? mode : JSON.stringify(mode)}`)
  const started = parts.flatMap((part) =>
    [values[part.key], values[kebab(part.key)]].flatMap((value) =>
      value === undefined ? [] : commandsIn(value, part),
    ),
  )
  return [...tools, ...unasked, ...started].map((line) => `${line}${where}`)
}

/** Some tools write `mcp-servers` in heads. */
function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `Read, Bash(git add:*)`, the same without commas, or a list. */
function toolsIn(value: unknown): string[] {
  const text = Array.isArray(value) ? value.filter((each) => typeof each === 'string').join(', ') : value
  return typeof text === 'string' ? (text.match(/[^\s,(]+(\([^)]*\)?)?/g) ?? []) : []
}
