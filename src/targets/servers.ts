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

/** A server in a tool's own words. What a tool has no word for stays, as a tool passes over it; codex and opencode do not. */
export const serverForms: Readonly<Record<ServerDialect, (server: Json) => Json>> = {
  claude: (server) => withAddress(server, 'url', transportOf(server)),
  cursor: (server) => withReferences(withAddress(server, 'url', undefined), (name) => `\${env:${name}}`),
  kiro: (server) => withAddress(server, 'url', undefined),
  vscode: (server) => {
    const type = addressOf(server) === undefined ? 'stdio' : transportOf(server)
    return withReferences({ type, ...withAddress(server, 'url', type) }, (name) => `\${env:${name}}`)
  },
  windsurf: (server) => withAddress(server, 'serverUrl', undefined),
  gemini: (server) => withAddress(server, transportOf(server) === 'sse' ? 'url' : 'httpUrl', undefined),
  codex: (server) => {
    const { args, env, cwd, headers } = server
    const url = addressOf(server)
    return compact(url === undefined ? { command: server.command, args, env, cwd } : { url, http_headers: headers })
  },
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

function addressOf(server: Json): string | undefined {
  return addresses.map((key) => server[key]).find((value) => typeof value === 'string')
}

function transportOf(server: Json): string | undefined {
  if (addressOf(server) === undefined) return typeof server.type === 'string' ? server.type : undefined
  return server.type === 'sse' ? 'sse' : 'http'
}

/** Only a server with an address needs to say how it is spoken to. */
function withAddress(server: Json, key: string, type: string | undefined): Json {
  const url = addressOf(server)
  if (url === undefined) return server
  const rest = Object.entries(server).filter(([name]) => name !== 'type' && !addresses.some((each) => each === name))
  return compact({ type, [key]: url, ...Object.fromEntries(rest) })
}

/** `${NAME}`, where a tool writes a variable of the environment otherwise. The plugin's folder is no such variable. */
function withReferences(server: Json, write: (name: string) => string): Json {
  const change = (text: string) =>
    text.replace(/\$\{(?!CLAUDE_PLUGIN_ROOT\})([A-Za-z_]\w*)\}/g, (_, name: string) => write(name))
  return withTexts(server, change) as Json
}
