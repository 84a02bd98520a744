import type { Kind } from '../model/kinds.js'
import type { PlacedKind, ToolName } from '../model/targets.js'

/** Rises whenever a row changes. haal.lock records the places that were written, so removal does not depend on it. */
export const tableVersion = 5

/** How content becomes what a tool reads; `forms.ts` has one function for each. */
export type FormName =
  | 'skill'
  | 'plugin'
  | 'markdown'
  | 'agent-codex'
  | 'agent-gemini'
  | 'agent-kiro'
  | 'agent-opencode'
  | 'command-gemini'
  | 'command-kiro'
  | 'command-opencode'
  | 'rule-claude'
  | 'rule-copilot'
  | 'rule-cursor'
  | 'rule-kiro'
  | 'rule-windsurf'
  | 'hooks'
  | 'servers'

/** Where a tool reads one kind. `<n>` stands for the artifact's name; a scope that is missing has no place. */
export interface Cell {
  form: FormName
  /** Relative to the project. */
  project?: string
  /** Relative to the user's home. */
  global?: string
  /** The place below the folder that the tool's variable names, where that is set. Default: the part of `global` behind `home.folder`. */
  moved?: string
}

/** How a tool writes hooks and calls its own tools; `hooks.ts` has one function for each. */
export type Dialect = 'claude' | 'codex' | 'gemini' | 'cursor' | 'copilot' | 'windsurf' | 'kiro'

/** How a tool writes MCP servers; `servers.ts` has one function for each. */
export type ServerDialect = 'claude' | 'vscode' | 'cursor' | 'windsurf' | 'kiro' | 'gemini' | 'codex' | 'opencode'

export interface Tool {
  title: string
  /** Any of these in a project says that the tool is used there. */
  found: readonly string[]
  /** A variable that moves the tool's own folder away from the user's home. */
  home?: { folder: string; variable: string }
  /** Hooks of all artifacts share a file; or each artifact has one, or each hook. `scaffold` is what a shared file needs besides. */
  hooks?: { dialect: Dialect; file: 'shared' | 'artifact' | 'hook'; scaffold?: Readonly<Record<string, unknown>> }
  /** `key` is where the servers stand in the file; `root` how a server's command, which no shell reads, names the project's root. */
  servers?: { dialect: ServerDialect; key: string; root: string }
  /** How a hook's command line names the project's root; '' where it starts there. `<home>` stands for the artifact's place in it. A tool without one
      gets no hook that needs its own files. */
  root?: string
  reads: Readonly<Partial<Record<PlacedKind, Cell>>>
  /** Kinds that it reads directly in `.haal/`. */
  atHome?: readonly Kind[]
}

const here = (place: string, form: FormName): Cell => ({ form, project: place })
const both = (place: string, form: FormName): Cell => ({ form, project: place, global: place })
const each = (form: FormName, project: string, global: string): Cell => ({ form, project, global })

const shared = '.agents/skills/<n>'

/* For the user, the tools' own pages name more places than the tables that several installers share: hooks of claude, cursor, windsurf and codex,
   agents of cursor, kiro, codex, gemini and opencode, commands of gemini and opencode, steering of kiro, and the settings files that hold servers.
   Without them --global would leave out what the tool reads there. */
const named = {
  claude: {
    title: 'Claude Code',
    found: ['.claude', 'CLAUDE.md'],
    home: { folder: '.claude', variable: 'CLAUDE_CONFIG_DIR' },
    hooks: { dialect: 'claude', file: 'shared' },
    servers: { dialect: 'claude', key: 'mcpServers', root: '${CLAUDE_PROJECT_DIR:-.}/' },
    root: '${CLAUDE_PROJECT_DIR}/',
    reads: {
      skill: both('.claude/skills/<n>', 'skill'),
      agent: both('.claude/agents/<n>.md', 'markdown'),
      command: both('.claude/commands/<n>.md', 'markdown'),
      hook: both('.claude/settings.json', 'hooks'),
      plugin: both('.claude/skills/<n>', 'plugin'),
      rule: both('.claude/rules/<n>.md', 'rule-claude'),
      mcp: { ...each('servers', '.mcp.json', '.claude.json'), moved: '.claude.json' },
    },
  },
  copilot: {
    title: 'GitHub Copilot, VS Code',
    found: ['.github/copilot-instructions.md', '.github/prompts'],
    hooks: { dialect: 'copilot', file: 'artifact' },
    servers: { dialect: 'vscode', key: 'servers', root: '${workspaceFolder}/' },
    root: '',
    reads: {
      skill: each('skill', shared, '.copilot/skills/<n>'),
      agent: each('markdown', '.github/agents/<n>.agent.md', '.copilot/agents/<n>.agent.md'),
      command: here('.github/prompts/<n>.prompt.md', 'markdown'),
      hook: here('.github/hooks/<n>.json', 'hooks'),
      rule: here('.github/instructions/<n>.instructions.md', 'rule-copilot'),
      mcp: here('.vscode/mcp.json', 'servers'),
    },
  },
  cursor: {
    title: 'Cursor',
    found: ['.cursor'],
    hooks: { dialect: 'cursor', file: 'shared', scaffold: { version: 1 } },
    servers: { dialect: 'cursor', key: 'mcpServers', root: '${workspaceFolder}/' },
    root: '',
    reads: {
      skill: both('.cursor/skills/<n>', 'skill'),
      agent: both('.cursor/agents/<n>.md', 'markdown'),
      command: both('.cursor/commands/<n>.md', 'markdown'),
      hook: both('.cursor/hooks.json', 'hooks'),
      rule: here('.cursor/rules/<n>.mdc', 'rule-cursor'),
      mcp: both('.cursor/mcp.json', 'servers'),
    },
  },
  windsurf: {
    title: 'Windsurf',
    found: ['.windsurf'],
    hooks: { dialect: 'windsurf', file: 'shared' },
    servers: { dialect: 'windsurf', key: 'mcpServers', root: './' },
    root: '',
    reads: {
      skill: each('skill', '.windsurf/skills/<n>', '.codeium/windsurf/skills/<n>'),
      command: each('markdown', '.windsurf/workflows/<n>.md', '.codeium/windsurf/global_workflows/<n>.md'),
      hook: each('hooks', '.windsurf/hooks.json', '.codeium/windsurf/hooks.json'),
      rule: here('.windsurf/rules/<n>.md', 'rule-windsurf'),
      mcp: { form: 'servers', global: '.codeium/windsurf/mcp_config.json' },
    },
  },
  kiro: {
    title: 'Kiro',
    found: ['.kiro'],
    hooks: { dialect: 'kiro', file: 'hook' },
    servers: { dialect: 'kiro', key: 'mcpServers', root: './' },
    root: '',
    reads: {
      skill: both('.kiro/skills/<n>', 'skill'),
      agent: both('.kiro/agents/<n>.md', 'agent-kiro'),
      command: both('.kiro/steering/<n>.md', 'command-kiro'),
      hook: here('.kiro/hooks/<n>.kiro.hook', 'hooks'),
      rule: both('.kiro/steering/<n>.md', 'rule-kiro'),
      mcp: both('.kiro/settings/mcp.json', 'servers'),
    },
  },
  codex: {
    title: 'Codex',
    found: ['.codex', 'AGENTS.md'],
    home: { folder: '.codex', variable: 'CODEX_HOME' },
    hooks: { dialect: 'codex', file: 'shared' },
    servers: { dialect: 'codex', key: 'mcp_servers', root: './' },
    // Codex runs hooks in the session's folder and sets no variable for the project: the artifact is looked for upwards, because the project may be
    // no git repository, or a part of one. `sh`, because what runs the line is the person's own shell.
    root: "$(sh -c 'until [ -e <home> ] || [ . -ef / ]; do cd ..; done; pwd')/",
    reads: {
      skill: { ...both(shared, 'skill'), moved: 'skills/<n>' },
      agent: both('.codex/agents/<n>.toml', 'agent-codex'),
      command: { form: 'markdown', global: '.codex/prompts/<n>.md' },
      hook: both('.codex/hooks.json', 'hooks'),
      mcp: both('.codex/config.toml', 'servers'),
    },
  },
  gemini: {
    title: 'Gemini CLI',
    found: ['.gemini', 'GEMINI.md'],
    hooks: { dialect: 'gemini', file: 'shared' },
    servers: { dialect: 'gemini', key: 'mcpServers', root: './' },
    root: '$GEMINI_PROJECT_DIR/',
    reads: {
      skill: each('skill', shared, '.gemini/skills/<n>'),
      agent: both('.gemini/agents/<n>.md', 'agent-gemini'),
      command: both('.gemini/commands/<n>.toml', 'command-gemini'),
      hook: both('.gemini/settings.json', 'hooks'),
      mcp: both('.gemini/settings.json', 'servers'),
    },
  },
  opencode: {
    title: 'OpenCode',
    found: ['.opencode', 'opencode.json'],
    servers: { dialect: 'opencode', key: 'mcp', root: './' },
    reads: {
      skill: each('skill', shared, '.config/opencode/skills/<n>'),
      agent: each('agent-opencode', '.opencode/agents/<n>.md', '.config/opencode/agents/<n>.md'),
      command: each('command-opencode', '.opencode/commands/<n>.md', '.config/opencode/commands/<n>.md'),
      mcp: each('servers', 'opencode.json', '.config/opencode/opencode.json'),
    },
  },
  agents: {
    title: 'shared folder of many tools',
    found: ['.agents'],
    reads: { skill: both(shared, 'skill') },
  },
  agentos: {
    title: 'AgentOS',
    found: ['.agentos'],
    reads: { skill: both('.agentos/skills/<n>', 'skill') },
    atHome: ['tool', 'guardrail', 'workflow', 'persona', 'extension'],
  },
} satisfies Partial<Record<ToolName, Tool>>

/** Tools that read skills only, each from a folder of its own. */
const skillsOnly = {
  roo: 'Roo Code',
  junie: 'Junie',
  augment: 'Augment',
  factory: 'Factory',
  goose: 'Goose',
  qwen: 'Qwen Code',
  kilocode: 'Kilo Code',
  openhands: 'OpenHands',
  trae: 'Trae',
  continue: 'Continue',
  crush: 'Crush',
} satisfies Record<Exclude<ToolName, keyof typeof named>, string>

/** Those whose folder for the user does not follow the pattern below. */
const globalSkills: Readonly<Record<string, string>> = { crush: '.config/crush/skills/<n>' }

const skillFolders = Object.entries(skillsOnly).map(([name, title]): [string, Tool] => {
  const global = globalSkills[name] ?? `.${name}/skills/<n>`
  return [name, { title, found: [`.${name}`], reads: { skill: each('skill', `.${name}/skills/<n>`, global) } }]
})

/** Every tool haal places things for, by the name that `targets` in haal.json uses. */
export const tools: ReadonlyMap<string, Tool> = new Map([...Object.entries<Tool>(named), ...skillFolders])
