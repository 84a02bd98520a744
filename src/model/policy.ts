import type { Digest } from './digest.js'
import type { ErrorCode } from './errors.js'
import type { PolicyFile } from './policy-file.js'
import type { ArtifactPattern, PlacePattern } from './policy-patterns.js'
import type { PinnedKeys } from './public-keys.js'

/** Where policies come from, in the order in which they are read. Each may forbid more than those before it, none allows more. */
export type PolicyLayerName = 'machine' | 'user' | 'environment' | 'project' | 'registry'

/** Whether the person, or who keeps the machine, writes this layer. What comes with a project or from a registry can grant nothing. */
export function isPersonal(layer: PolicyLayerName): boolean {
  return layer !== 'project' && layer !== 'registry'
}

/** Who says a rule: one file or URL. */
export interface PolicySource {
  layer: PolicyLayerName
  /** The absolute path or the URL without its query. */
  from: string
  name?: string
  version?: number
  /** Whom to ask about it. */
  contact?: string
}

/** One policy as it was read. What it `extends` is a layer of its own before it. */
export interface PolicyLayer {
  source: PolicySource
  file: PolicyFile
}

export interface Bounds {
  min?: string | undefined
  max?: string | undefined
}

/** What each rule says, by the name that messages and `haal policy show` use. */
export interface RuleValues {
  haal: Bounds
  tools: Bounds & { tool: string }
  /** Policies of these layers, or of all that are read later, have to be signed. */
  'policies.signature': PinnedKeys & { layers?: readonly PolicyLayerName[] }
  'registries.allow': readonly PlacePattern[]
  'registries.deny': PlacePattern
  'registries.require.verified': boolean
  'registries.require.checksum': boolean
  'registries.require.signature': PinnedKeys & { registry: string }
  namespaces: { match: ArtifactPattern; registry: PlacePattern }
  'artifacts.required': { artifact: ArtifactPattern; range: string }
  'artifacts.pinned': { artifact: ArtifactPattern; to: string }
  'artifacts.allow': readonly ArtifactPattern[]
  'artifacts.deny': ArtifactPattern
  'content.hiddenUnicode': 'deny' | 'allow'
  'content.executables': 'deny' | 'approve' | 'allow'
  'content.licenses': readonly string[]
  'content.minimumAgeHours': number
  'content.maxFileBytes': number
  'content.maxArtifactBytes': number
  'targets.allow': readonly string[]
  audit: { file: string; required: boolean }
}

export type RuleName = keyof RuleValues

export interface Rule<K extends RuleName = RuleName> {
  rule: K
  value: RuleValues[K]
  source: PolicySource
  /** The administrator's own words. */
  reason?: string
}

/** All policies in force. Every rule of every source stays in it: something passes if every rule lets it pass. */
export interface Policy {
  sources: readonly PolicySource[]
  rules: { readonly [K in RuleName]: readonly Rule<K>[] }
}

/** One rule that says no. */
export interface Refusal {
  code: ErrorCode
  rule: RuleName
  source: PolicySource
  /** `skill/x`, `registry corp`, `tool claude`. */
  about: string
  /** Haal's words, then the administrator's. */
  reason: string
}

/** The newest signed version of an index or a policy that was accepted here. */
export interface SeenSigned {
  /** What it calls itself. */
  id: string
  version: number
  digest: Digest
}

/** What was learned of an artifact's bytes when they came. */
export interface SeenBytes {
  /** ISO 8601, as their source says. */
  published?: string
  /** Where they came from, and the keys that had signed the index which names them. */
  signed?: Readonly<Record<string, readonly string[]>>
}

/** One line of the audit log. */
export interface Decision {
  /** ISO 8601, UTC. */
  time: string
  command: string
  decision: 'allowed' | 'refused'
  /** `skill/x`, `registry corp`. */
  about: string
  action?: string
  version?: string
  integrity?: Digest
  registry?: string
  code?: ErrorCode
  rule?: string
  source?: string
  reason?: string
}
