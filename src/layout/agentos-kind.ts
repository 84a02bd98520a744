import { type Kind, kindOf } from '../model/kinds.js'
import type { AgentosManifest } from './manifests.js'

const byCategory: Readonly<Record<string, string>> = { safety: 'guardrail', workflows: 'workflow', personas: 'persona' }

/** Kinds that extensions bring besides their own; any other kind that is declared says what the extension is. */
const companions = new Set(['tool', 'http-handler'])

export interface AgentosKind {
  kind: Kind
  /** Kept where haal has no folder of its own for it. */
  agentosKind?: string
}

/** haal's kind for one of AgentOS's words: its own where it has one, else `extension`. */
export function agentosKind(word: string): AgentosKind {
  const kind = kindOf(word)
  return kind === undefined ? { kind: 'extension', agentosKind: word } : { kind }
}

/** The words for what a manifest declares, in its order. */
export function declaredKinds(manifest: AgentosManifest | undefined): string[] {
  const own = manifest?.kind ? [manifest.kind] : []
  return [...new Set([...own, ...(manifest?.extensions ?? []).flatMap(({ kind }) => (kind ? [kind] : []))])]
}

/** The word for the kind of an entry that does not name one: the manifest's own, the only one it declares, among several the category's, else
    the first that is no mere companion; without a manifest the category's, else a tool. */
export function kindWord(manifest: AgentosManifest | undefined, category: string | undefined): string {
  const usual = category !== undefined && Object.hasOwn(byCategory, category) ? byCategory[category] : undefined
  const declared = declaredKinds(manifest)
  if (manifest?.kind) return manifest.kind
  if (usual !== undefined && (declared.length === 0 || declared.includes(usual))) return usual
  return declared.find((word) => !companions.has(word)) ?? declared[0] ?? 'tool'
}
