import type { AgentosPack, AgentosResult } from '../model/results.js'
import { agentos } from '../operations/agentos.js'
import { callerOf } from './call.js'
import type { HaalOptions } from './options.js'

/** Which project is meant, as in `createHaal`. */
export type AgentosOptions = Pick<
  HaalOptions,
  'cwd' | 'home' | 'env' | 'global' | 'config' | 'registryConfig' | 'registries'
>

export interface PackOptions extends AgentosOptions {
  /** What packs are given, by `kind/name` or by id. */
  options?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
}

/** The packs that are installed and that AgentOS can load, for `AgentOS.create({ extensionManifest })` or `new ExtensionManager({ manifest })`. What
    cannot be loaded is left out: `haal agentos`, or the `agentos()` of an instance, says why. A running process keeps the modules it has loaded:
    after an update, load them in a fresh one. */
export async function extensionManifest({
  options = {},
  ...where
}: PackOptions = {}): Promise<{ packs: readonly AgentosPack[] }> {
  return (await lookedAt(where, options)).extensionManifest
}

/** The folder with the installed personas, for AgentOS's `personaLoaderConfig: { personaSource, recursiveSearch: true }`. */
export async function personaSource(where: AgentosOptions = {}): Promise<string> {
  return (await lookedAt(where)).personaSource
}

/** The folder with the installed skills, for AgentOS's `SkillRegistry.loadFromDir`. */
export async function skillsDir(where: AgentosOptions = {}): Promise<string> {
  return (await lookedAt(where)).skillsDir
}

function lookedAt(where: AgentosOptions, options: NonNullable<PackOptions['options']> = {}): Promise<AgentosResult> {
  return callerOf(where)({}, (ctx, flags) => agentos(ctx, { flags, options }))
}
