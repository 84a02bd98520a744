/** Where an artifact of a kind lives below `.haal/`. A bundle has no files. The first seven are OLAF's, the next AgentOS's. */
export const kinds = {
  skill: { folder: 'skills', main: ['SKILL.md', 'skill.md'] },
  agent: { folder: 'agents', main: ['AGENT.md', 'agent.md'] },
  command: { folder: 'commands', main: ['COMMAND.md', 'command.md'] },
  hook: { folder: 'hooks', main: ['hooks.json', 'hook.json'] },
  plugin: { folder: 'plugins', main: ['.claude-plugin/plugin.json', 'plugin.json'] },
  rule: { folder: 'rules', main: ['RULE.md', 'rule.md'] },
  mcp: { folder: 'mcp', main: ['mcp.json', '.mcp.json'] },
  tool: { folder: 'tools', main: ['manifest.json'] },
  guardrail: { folder: 'guardrails', main: ['manifest.json'] },
  workflow: { folder: 'workflows', main: ['manifest.json'] },
  persona: { folder: 'personas', main: ['persona.json', 'manifest.json'] },
  extension: { folder: 'extensions', main: ['manifest.json'] },
  bundle: { folder: null, main: [] },
} as const satisfies Record<string, { folder: string | null; main: readonly string[] }>

export type Kind = keyof typeof kinds

export const kindNames = Object.keys(kinds) as Kind[]

/** The identity of an artifact, `kind/name`. */
export type Ref = `${Kind}/${string}`

/** A kind by its own word or its folder's: `skill` and `skills` are the same. */
export function kindOf(word: string): Kind | undefined {
  return kindNames.find((kind) => kind === word || kinds[kind].folder === word)
}

export function refOf(kind: Kind, name: string): Ref {
  return `${kind}/${name}`
}

/** Only for what is a `Ref`: the kind is not checked. */
export function splitRef(ref: string): { kind: Kind; name: string } {
  const slash = ref.indexOf('/')
  return { kind: ref.slice(0, slash) as Kind, name: ref.slice(slash + 1) }
}
