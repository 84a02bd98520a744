import type { Ref } from './kinds.js'

/** What the AgentOS runtime loads of what is installed. */
export interface AgentosResult {
  /** For `AgentOS.create({ extensionManifest })`. The registry that is asked last comes first, the primary last and with the highest priority,
      because of two packs with a tool of one name the later and higher one wins. */
  extensionManifest: { packs: AgentosPack[] }
  /** The folder for AgentOS's `personaLoaderConfig.personaSource`; its `recursiveSearch` has to be true. */
  personaSource: string
  /** The folder for AgentOS's `SkillRegistry.loadFromDir`. */
  skillsDir: string
  /** What AgentOS finds there. */
  loads: readonly { artifact: Ref; as: 'pack' | 'persona' | 'skill' }[]
  problems: readonly AgentosProblem[]
}

export interface AgentosPack {
  /** An absolute path; on Windows a file: URL, because AgentOS takes a drive letter for the scheme of one. */
  module: string
  /** The artifact's id, else `kind/name`. */
  identifier: string
  priority: number
  options: Record<string, unknown>
}

/** Why AgentOS cannot load something, or (`secrets`) why something that it loads may not work. */
export interface AgentosProblem {
  artifact: Ref
  problem: 'not-installed' | 'source-only' | 'packages' | 'secrets' | 'persona' | 'skill-name'
  says: string
  /** The npm packages or the secrets that are missing. */
  names: readonly string[]
  /** What mends it: a command, or what to do. */
  mend: string | null
}
