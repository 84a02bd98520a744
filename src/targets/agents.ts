import { isRecord } from '../model/json.js'
import { documentOf, type Head, printDocument, stringIn, wordsIn } from './markdown.js'
import { tomlKey, tomlText } from './toml-text.js'
import { toolNames } from './tool-names.js'

/** Agents whose form is not the markdown that most tools share. */
export const agents = {
  /** https://developers.openai.com/codex: a file with name, description and developer_instructions. An agent that is allowed no tool that
      writes gets a sandbox in which nothing can be written. */
  'agent-codex': (bytes: Uint8Array, head: Head, name: string): Uint8Array => {
    const { body } = documentOf(bytes, head)
    const tools = wordsIn(head.tools)
    const writes = tools.length === 0 || tools.some((tool) => writing.has(tool) || tool === '*')
    return toml({
      name: stringIn(head, 'name') ?? name,
      description: stringIn(head, 'description') ?? name,
      sandbox_mode: writes ? undefined : 'read-only',
      developer_instructions: plain(body),
    })
  },
  /** Gemini refuses an agent with a key or a tool it does not know. */
  'agent-gemini': (bytes: Uint8Array, head: Head, name: string): Uint8Array => {
    const said = wordsIn(head.tools)
    const hasTools =
      head.tools === undefined || (Array.isArray(head.tools) && said.every((tool) => geminiTool.test(tool)))
    const isOwn = hasTools && Object.keys(head).every((key) => geminiKeys.has(key))
    if (isOwn && stringIn(head, 'name') !== undefined && stringIn(head, 'description') !== undefined) return bytes
    const tools = said.map((tool) => toolNames.gemini[tool] ?? tool).filter((tool) => geminiTool.test(tool))
    return printDocument(documentOf(bytes, head), {
      name: stringIn(head, 'name') ?? name,
      description: stringIn(head, 'description') ?? name,
      tools: said.length === 0 ? undefined : [...new Set(tools)],
    })
  },
  /** OpenCode does not start where `tools` is no map, or a model has no provider. */
  'agent-opencode': (bytes: Uint8Array, head: Head, name: string): Uint8Array => {
    const model = stringIn(head, 'model')
    const isOwn = (head.tools === undefined || isRecord(head.tools)) && (model === undefined || model.includes('/'))
    if (isOwn && !Object.hasOwn(head, 'color')) return bytes
    const allowed = new Set(wordsIn(head.tools).map((tool) => toolNames.opencode[tool] ?? tool.toLowerCase()))
    const denied = allowed.size === 0 ? [] : Object.values(toolNames.opencode).filter((tool) => !allowed.has(tool))
    return printDocument(documentOf(bytes, head), {
      description: stringIn(head, 'description') ?? name,
      mode: stringIn(head, 'mode') ?? { word: 'subagent' },
      model: model?.includes('/') ? model : undefined,
      tools: denied.length === 0 ? undefined : { map: Object.fromEntries(denied.map((tool) => [tool, false])) },
    })
  },
  /** Kiro's tools are a list of groups: https://kiro.dev/docs/custom-agents. */
  'agent-kiro': (bytes: Uint8Array, head: Head, name: string): Uint8Array => {
    const said = wordsIn(head.tools)
    const isOwn = Array.isArray(head.tools) && !said.some((tool) => Object.hasOwn(toolNames.kiro, tool))
    if (isOwn || said.length === 0) return bytes
    return printDocument(documentOf(bytes, head), {
      name: stringIn(head, 'name') ?? name,
      description: stringIn(head, 'description') ?? name,
      tools: [...new Set(said.map((tool) => toolNames.kiro[tool] ?? tool))],
    })
  },
} as const

const writing = new Set(['Edit', 'MultiEdit', 'NotebookEdit', 'Write'])
const geminiKeys = new Set([
  'name',
  'description',
  'kind',
  'display_name',
  'tools',
  'model',
  'temperature',
  'max_turns',
])

/** As Gemini and MCP servers name tools. What is Claude Code's alone (`TodoWrite`, `Bash(git:*)`) is left out: no list would allow everything. */
const geminiTool = /^(?:[a-z][\w*-]*|\*)$/

/** A command of the gemini CLI: its own words for arguments and for the output of a shell.
    https://geminicli.com/docs/cli/custom-commands */
export function geminiCommand(bytes: Uint8Array, head: Head): Uint8Array {
  const prompt = plain(documentOf(bytes, head).body)
    .replaceAll('$ARGUMENTS', '{{args}}')
    .replace(/!`([^`\n]+)`/g, '!{$1}')
  return toml({ description: stringIn(head, 'description'), prompt })
}

/** OpenCode cannot run a command whose model has no provider: https://opencode.ai/docs/commands */
export function opencodeCommand(bytes: Uint8Array, head: Head): Uint8Array {
  const model = stringIn(head, 'model')
  if (model === undefined || model.includes('/')) return bytes
  return printDocument(documentOf(bytes, head), {
    description: stringIn(head, 'description'),
    agent: stringIn(head, 'agent'),
  })
}

/** A steering file that comes in only when it is named. */
export function kiroCommand(bytes: Uint8Array, head: Head): Uint8Array {
  return printDocument(documentOf(bytes, head), {
    inclusion: { word: 'manual' },
    description: stringIn(head, 'description'),
  })
}

function toml(values: Readonly<Record<string, string | undefined>>): Uint8Array {
  const lines = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${tomlKey(key)} = ${tomlText(value)}\n`],
  )
  return Buffer.from(lines.join(''))
}

/** Without the empty line that stands between head and text, and with the same line ends everywhere. */
function plain(body: string): string {
  return body.replaceAll('\r\n', '\n').replace(/^\n+/, '')
}
