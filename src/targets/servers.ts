import { isRecord } from '../model/json.js'
import { compact, type Json, withTexts } from './json-values.js'
import type { ServerDialect } from './table.js'

/** The MCP servers that a configuration names. One server by itself has the artifact's name. */
export function serversIn(json: unknown, name: string): Readonly<Record<string, Json>> {
  if (!isRecord(json)) return {}
  if (isServer(json)) return { [name]: json }
  const map = [json.mcpServers, json.servers, json].find(isRecord) ?? {}
  return Object.fromEntries(
    Object.entries(map).filter((pair): pair is [string, Json] => isRecord(pair[1]) && isServer(pair[1])),
  )
}

const addresses = ['url', 'serverUrl', 'httpUrl'] as const

function isServer(value: Json): boolean {
  return ['command', ...addresses].some((key) => typeof value[key] === 'string')
}

/** A server in a tool's own words. Keys that a tool does not know stay, because tools ignore them; codex and opencode do not, and get only their own. */
export const serverForms: Readonly<Record<ServerDialect, (server: Json) => Json>> = {
  claude: (server) => withAddress(server, 'url', transportOf(server)),
  cursor: (server) => withReferences(withAddress(server, 'url', undefined), (name) => `\${env:${name}}`),
  kiro: (server) => withAddress(server, 'url', undefined),
  vscode: (server) => {
    const type = addressOf(server) === undefined ? 'stdio' : transportOf(server)
    return withReferences({ type, ...withAddress(server, 'url', type) }, (name) => `\${env:${name}}`)
  },
  windsurf: (server) => withReferences(withAddress(server, 'serverUrl', undefined), (name) => `\${env:${name}}`),
  gemini: (server) => withAddress(server, transportOf(server) === 'sse' ? 'url' : 'httpUrl', undefined),
  codex: (server) => (addressOf(server) === undefined ? codexLocal(server) : codexRemote(server)),
  opencode: (server) => {
    const { args, env, headers } = server
    const url = addressOf(server)
    const list = Array.isArray(args) ? (args as unknown[]) : []
    const own =
      url === undefined
        ? { type: 'local', command: [server.command, ...list], environment: env, enabled: true }
        : { type: 'remote', url, headers, enabled: true }
    return withReferences(compact(own), (name) => `{env:${name}}`)
  },
}

/** `${NAME}`: a variable of the environment. The plugin's folder is none. */
const references = /\$\{(?!CLAUDE_PLUGIN_ROOT\})([A-Za-z_]\w*)\}/g

/** `${NAME:-text}` */
const defaults = /\$\{[A-Za-z_]\w*:-[^}"]*\}/g

/** Variables that a tool does not replace, but takes for plain text. */
const unread: Readonly<Record<ServerDialect, readonly RegExp[]>> = {
  claude: [],
  cursor: [defaults],
  kiro: [defaults],
  vscode: [defaults],
  windsurf: [defaults],
  gemini: [],
  codex: [references, defaults],
  opencode: [defaults],
}

/** The references in a server that a tool takes for plain text. */
export function unreadIn(dialect: ServerDialect, server: Json): string[] {
  const text = JSON.stringify(server)
  return [...new Set(unread[dialect].flatMap((each) => text.match(each) ?? []))]
}

/* Codex passes variables on by name, and sends one as a header or as a token: https://developers.openai.com/codex/mcp */

function codexLocal({ command, args, env, cwd }: Json): Json {
  const pairs = isRecord(env) ? Object.entries(env) : []
  const passed = pairs.filter(([key, value]) => value === `\${${key}}`).map(([key]) => key)
  const own = pairs.filter(([key]) => !passed.includes(key))
  return compact({ command, args, env: filled(own), env_vars: passed.length > 0 ? passed : undefined, cwd })
}

function codexRemote(server: Json): Json {
  const pairs = isRecord(server.headers) ? Object.entries(server.headers) : []
  const named = pairs.map(([key, value]) => ({ key, value, ...variableOf(key, value) }))
  return compact({
    url: addressOf(server),
    bearer_token_env_var: named.find(({ token }) => token !== undefined)?.token,
    env_http_headers: filled(named.flatMap(({ key, header }) => (header === undefined ? [] : [[key, header]]))),
    http_headers: filled(
      named.flatMap(({ key, value, token, header }) =>
        token === undefined && header === undefined ? [[key, value]] : [],
      ),
    ),
  })
}

/** The variable that is the whole of a header, or its token. */
function variableOf(key: string, value: unknown): { header?: string; token?: string } {
  const [, bearer, name] = /^(Bearer )?\$\{([A-Za-z_]\w*)\}$/.exec(String(value)) ?? []
  if (name === undefined) return {}
  if (bearer === undefined) return { header: name }
  return key.toLowerCase() === 'authorization' ? { token: name } : {}
}

function filled(pairs: readonly (readonly unknown[])[]): Json | undefined {
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs)
}

function addressOf(server: Json): string | undefined {
  return addresses.map((key) => server[key]).find((value) => typeof value === 'string')
}

function transportOf(server: Json): string | undefined {
  if (addressOf(server) === undefined) return typeof server.type === 'string' ? server.type : undefined
  return server.type === 'sse' ? 'sse' : 'http'
}

/** A server with its address under the tool's `key`, and `type`, the transport, which a server without an address does not need. */
function withAddress(server: Json, key: string, type: string | undefined): Json {
  const url = addressOf(server)
  if (url === undefined) return server
  const rest = Object.entries(server).filter(([name]) => name !== 'type' && !addresses.some((each) => each === name))
  return compact({ type, [key]: url, ...Object.fromEntries(rest) })
}

/** A server with `${NAME}` written as the tool writes a variable of the environment. */
function withReferences(server: Json, write: (name: string) => string): Json {
  const change = (text: string) => text.replace(references, (_, name: string) => write(name))
  return withTexts(server, change) as Json
}
