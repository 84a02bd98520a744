/** Content of artifacts, as short as a test needs it. */

export type Frontmatter = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** A SKILL.md. `body` is what the test tells versions apart by. */
export function skill(name: string, body = `How to ${name}.`, frontmatter: Frontmatter = {}): string {
  return markdown({ name, description: `Helps to ${name}`, ...frontmatter }, body)
}

/** A single-file agent, command or rule. */
export function agent(name: string, body = `You are ${name}.`, frontmatter: Frontmatter = {}): string {
  return markdown({ name, description: `An agent called ${name}`, ...frontmatter }, body)
}

export function markdown(frontmatter: Frontmatter, body: string): string {
  const lines = Object.entries(frontmatter).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  return `---\n${lines.join('\n')}\n---\n\n${body}\n`
}

/** A plugin's own definition, for `.claude-plugin/plugin.json`. */
export function plugin(name: string, version = '1.0.0', more: Record<string, unknown> = {}): Record<string, unknown> {
  return { name, version, description: `The ${name} plugin`, ...more }
}

/** An AgentOS manifest.json. */
export function manifest(id: string, version = '1.0.0', more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, name: id.split('.').at(-1) ?? id, version, entry: 'index.mjs', ...more }
}

/** An AgentOS registry.json with the given curated extensions. */
export function registryJson(entries: readonly Record<string, unknown>[], more: Record<string, unknown> = {}) {
  return { version: '1.0.0', extensions: { curated: entries }, ...more }
}
