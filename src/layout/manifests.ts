import * as v from 'valibot'
import { decode, dictionary, loose } from '../model/decode.js'
import { isRecord, readJson } from '../model/json.js'
import { anything, text } from './shapes.js'

/** AgentOS's manifest.json in both its dialects: `extensions: [{ kind, id }]` with an `id`, or one `kind` with `extensionId` and `entryPoint`.
    Only what haal reads is decoded; everything else is tolerated. */
const agentosSchema = loose({
  id: text,
  name: text,
  version: text,
  description: text,
  kind: text,
  extensionId: text,
  entryPoint: text,
  entry: text,
  extensions: v.nullish(v.array(loose({ kind: text, id: text }))),
  agentosVersion: text,
  requiredSecrets: anything,
  dependencies: anything,
  deprecated: anything,
  deprecationMessage: text,
  license: anything,
  licence: anything,
  requires: anything,
  compatibility: anything,
})

const packageSchema = loose({
  name: text,
  version: text,
  description: text,
  main: text,
  exports: anything,
  dependencies: v.nullish(dictionary(v.string())),
  peerDependencies: v.nullish(dictionary(v.string())),
  peerDependenciesMeta: anything,
  engines: anything,
  author: anything,
  license: anything,
  licence: anything,
})

/** Claude's plugin.json. `hooks`, `mcpServers`, `lspServers` and `monitors` are paths or the things themselves. */
const pluginSchema = loose({
  name: text,
  version: text,
  description: text,
  hooks: anything,
  mcpServers: anything,
  lspServers: anything,
  monitors: anything,
  experimental: anything,
  author: anything,
  license: anything,
  licence: anything,
})

export type AgentosManifest = v.InferOutput<typeof agentosSchema>
export type PackageJson = v.InferOutput<typeof packageSchema>
export type PluginJson = v.InferOutput<typeof pluginSchema>

/** Each throws E_JSON, E_JSON_KEY, or E_MANIFEST with the JSON path. */
export const readAgentosManifest = readerOf(agentosSchema)
export const readPackageJson = readerOf(packageSchema)
export const readPluginJson = readerOf(pluginSchema)

/** What these throw where a file is not what its name promises. */
export const unreadable = ['E_JSON', 'E_JSON_KEY', 'E_MANIFEST', 'E_LIMIT_SIZE', 'E_LIMIT_DEPTH'] as const

function readerOf<S extends v.GenericSchema>(schema: S) {
  return (bytes: Uint8Array, source: string): v.InferOutput<S> =>
    decode(schema, readJson(bytes, source), source, 'E_MANIFEST')
}

/** `"Ada"`, `{ "name": "Ada" }` → Ada. */
export function authorOf(author: unknown): string | undefined {
  return wordIn(author, 'name')
}

/** `"MIT"`, npm's old `{ "type": "MIT" }` → MIT. */
export function licenceOf(holder: { license?: unknown; licence?: unknown } | undefined): string | undefined {
  return wordIn(holder?.license, 'type') ?? wordIn(holder?.licence, 'type')
}

function wordIn(value: unknown, key: string): string | undefined {
  const word = isRecord(value) ? value[key] : value
  return typeof word === 'string' && word.trim() !== '' ? word.trim() : undefined
}
