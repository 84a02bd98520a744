import { onError } from '../model/errors.js'
import { type Kind, kinds } from '../model/kinds.js'
import { type Head, readHead } from './frontmatter.js'
import {
  type AgentosManifest,
  type PackageJson,
  type PluginJson,
  readAgentosManifest,
  readPackageJson,
  readPluginJson,
  unreadable,
} from './manifests.js'
import { type Persona, readPersona } from './persona.js'
import type { Within } from './within.js'

/** What an artifact says of itself, file by file. */
export interface Facts {
  plugin?: PluginJson | undefined
  packageJson?: PackageJson | undefined
  manifest?: AgentosManifest | undefined
  persona?: Persona | undefined
  head?: { file: string; head: Head } | undefined
}

/** Kinds that are AgentOS's: their manifests decide what is loaded, so these must be right. */
export const agentosKinds: ReadonlySet<Kind> = new Set(['tool', 'guardrail', 'workflow', 'persona', 'extension'])

/** Reads the few files that describe an artifact. Those that its kind needs must be right (E_JSON, E_JSON_KEY, E_MANIFEST); others are ignored where
    they cannot be read. */
export async function factsOf(within: Within): Promise<Facts> {
  const { kind } = within.artifact
  const ours = agentosKinds.has(kind)
  const [plugin, packageJson, manifest, persona, head] = [
    await first(within, kinds.plugin.main, { read: readPluginJson, strict: kind === 'plugin' }),
    await first(within, ['package.json'], { read: readPackageJson, strict: ours }),
    await first(within, ['manifest.json'], { read: readAgentosManifest, strict: ours }),
    kind === 'persona' ? await readPersona(within) : undefined,
    await headOf(within),
  ]
  return { plugin, packageJson, manifest, persona, head }
}

async function first<T>(
  { artifact, has, read: bytesOf, source }: Within,
  names: readonly string[],
  { read, strict }: { read(bytes: Uint8Array, source: string): T; strict: boolean },
): Promise<T | undefined> {
  const path = artifact.form === 'folder' ? names.find(has) : undefined
  if (path === undefined) return undefined
  const attempt = async () => read(await bytesOf(path), source(path))
  return strict ? attempt() : onError([...unreadable, 'E_ENTRY_TYPE'], attempt, () => undefined)
}

const headed: ReadonlySet<Kind> = new Set(['skill', 'agent', 'command', 'rule'])

async function headOf({ artifact, files, has, read }: Within): Promise<Facts['head']> {
  if (!headed.has(artifact.kind)) return undefined
  const names: readonly string[] = artifact.form === 'file' ? files.map(({ path }) => path) : kinds[artifact.kind].main
  const file = names.find((path) => has(path) && path.endsWith('.md'))
  return file === undefined ? undefined : { file, head: await readHead(await read(file)) }
}
