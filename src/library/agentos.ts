import type { AgentosPack, AgentosResult } from '../model/agentos.js'
import { agentos } from '../operations/agentos.js'
import { callerOf } from './call.js'
import { checkPacks, own } from './check.js'
import type { HaalOptions, WriteOptions } from './options.js'

/** Which project is meant, as in `createHaal`. */
export type AgentosOptions = Pick<
  HaalOptions,
  'cwd' | 'home' | 'env' | 'global' | 'config' | 'registryConfig' | 'registries'
>

export interface PackOptions extends AgentosOptions {
  /** What packs are given, by `kind/name` or by id. */
  options?: Readonly<Record<string, Record<string, unknown>>> | undefined
}

/** The packs that are installed and that AgentOS can load, for `AgentOS.create({ extensionManifest })` or `new ExtensionManager({ manifest })`. What
    cannot be loaded is left out: `haal agentos`, or the `agentos()` of an instance, says why. A running process keeps the modules it has loaded:
    after an update, load them in a fresh one. */
export async function extensionManifest(asked: PackOptions = {}): Promise<{ packs: AgentosPack[] }> {
  checkPacks(asked)
  const { options = {}, ...where } = asked
  return (await found(where, { options, dryRun: true })).extensionManifest
}

/** The folder with the installed personas, for AgentOS's `personaLoaderConfig: { personaSource, recursiveSearch: true }`. */
export async function personaSource(where: AgentosOptions = {}): Promise<string> {
  return (await found(where, { dryRun: true })).personaSource
}

/** The folder with the installed skills, for AgentOS's `SkillRegistry.loadFromDir`. AgentOS looks for `SKILL.md`: where a skill was published as
    `skill.md`, this gives all of them a place under that name, `.agentos/skills`, which is kept up from then on. */
export async function skillsDir(where: AgentosOptions = {}): Promise<string> {
  return (await found(where, {})).skillsDir
}

type How = Pick<PackOptions, 'options'> & WriteOptions

function found(where: AgentosOptions, { options = {}, ...how }: How): Promise<AgentosResult> {
  const call: WriteOptions = how
  return callerOf(where)(call, (ctx, flags) => agentos(ctx, { flags, options }), own.nothing)
}
