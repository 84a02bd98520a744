import type { Ref } from './kinds.js'
import type { Lock, Locked } from './lock.js'
import type { Content, Outcome } from './plan.js'

/** Kinds that tools read. The others are for AgentOS, and bundles have no files. */
export const placedKinds = ['skill', 'agent', 'command', 'hook', 'plugin', 'rule', 'mcp'] as const

export type PlacedKind = (typeof placedKinds)[number]

/** What `targets` in haal.json may name: the rows of the table of tools, in its order. */
export const toolNames = [
  ...(['claude', 'copilot', 'cursor', 'windsurf', 'kiro', 'codex', 'gemini', 'opencode', 'agents', 'agentos'] as const),
  ...(['roo', 'junie', 'augment', 'factory', 'goose', 'qwen', 'kilocode', 'openhands', 'trae', 'continue'] as const),
  'crush',
] as const

export type ToolName = (typeof toolNames)[number]

/** One value that haal puts into a file it shares with a person: under a key of its own, or as an item of a list. */
export interface Entry {
  /** Keys that lead to the value; of an item, to its list. */
  path: readonly string[]
  value: unknown
  item?: true
}

type SharedFormat = 'json' | 'toml'

/** A file or folder that is haal's as a whole. `at` is relative to the root, with `/`. */
export interface WholePlace {
  ref: Ref
  at: string
  content: Extract<Content, { from: 'store' | 'bytes' | 'link' }>
}

/** Entries of an artifact in a file that may also hold a person's own. */
export interface SharedPlace {
  ref: Ref
  at: string
  format: SharedFormat
  entries: readonly Entry[]
  /** What the file needs besides, where haal makes it. */
  scaffold?: Readonly<Record<string, unknown>>
}

export type Placed = WholePlace | SharedPlace

export function isShared(place: Placed): place is SharedPlace {
  return 'entries' in place
}

/** A place as haal.lock records it, `<tool>:<place>`, taken apart. */
export function splitTarget(target: string): [tool: string, at: string] {
  const colon = target.indexOf(':')
  return colon < 0 ? [target, ''] : [target.slice(0, colon), target.slice(colon + 1)]
}

/** The tools that are given an artifact, each once. */
export function toolsGiven({ targets = [] }: Pick<Locked, 'targets'>): string[] {
  return [...new Set(targets.map((target) => splitTarget(target)[0]))]
}

/** The places that tools were given, each once, as the lock records them. */
export function givenIn({ artifacts }: Pick<Lock, 'artifacts'>): string[] {
  const all = Object.values(artifacts).flatMap(({ targets = [] }) => targets.map((target) => splitTarget(target)[1]))
  return [...new Set(all)]
}

/** Whether tools are given anything. */
export function usesTools({ artifacts }: Pick<Lock, 'artifacts'>): boolean {
  return Object.values(artifacts).some(({ targets = [] }) => targets.length > 0)
}

/** What `target list` answers. */
export interface TargetListResult {
  /** The version of the table of tools. */
  table: number
  tools: readonly ListedTool[]
}

export interface ListedTool {
  name: string
  title: string
  /** haal.json's targets name it. */
  used: boolean
  /** Something in the project says that it is used here. */
  found: boolean
  /** Kind → the place it is read from, with `<n>` for the name; null where the tool has none. */
  places: Readonly<Record<string, string | null>>
}

/** What `target add` and `target remove` changed. */
export interface TargetResult extends Outcome {
  targets: readonly string[]
}
