import { isRecord } from '../model/json.js'
import { hookEvents, ownEvents, windsurfTools } from './hook-events.js'
import { compact, type Json } from './json-values.js'
import type { Dialect } from './table.js'
import { toolNames } from './tool-names.js'

/** One hook in a tool's own words: an item of the list that stands under `event`. */
export interface Hook {
  event: string
  item: Json
}

interface HookForm {
  hooks: readonly Hook[]
  /** What a tool has no words for, each a reason people can read. */
  lost: readonly string[]
}

/** The hooks of a configuration in the words of a tool. Claude Code's are translated; those of another tool are for that tool alone. */
export function hooksFor(json: unknown, dialect: Dialect): HookForm {
  const written = dialectOf(json)
  if (written === undefined) return { hooks: [], lost: ['it has no hooks that haal knows'] }
  const all = Object.entries(hooksIn(json)).flatMap(([event, items]) => items.map((item) => ({ event, item })))
  if (written === dialect) return { hooks: all, lost: [] }
  if (written !== 'claude') return { hooks: [], lost: [`it is written for ${written}`] }
  const forms = all.flatMap((hook) => singles(hook).map((single) => translated(single, dialect)))
  return {
    hooks: forms.flatMap(({ hooks }) => hooks),
    lost: [...new Set(forms.flatMap(({ lost }) => lost))],
  }
}

/** A hook of Kiro's is a file of its own, and says so by its keys. */
export function isKiroHook(json: unknown): json is Json {
  return isRecord(json) && isRecord(json.when) && isRecord(json.then)
}

/** Cursor and copilot share some names, but only copilot has a command for each shell. */
function dialectOf(json: unknown): Dialect | undefined {
  if (isKiroHook(json)) return 'kiro'
  const hooks = hooksIn(json)
  const events = Object.keys(hooks)
  if (events.length === 0) return undefined
  const hasShells = Object.values(hooks).some((items) => items.some((item) => 'bash' in item || 'powershell' in item))
  const dialects = ['claude', 'gemini', 'cursor', 'copilot', 'windsurf'] as const
  const known = dialects.find((dialect) => {
    const names = [...Object.values(hookEvents[dialect]), ...(ownEvents[dialect] ?? [])]
    return events.every((event) => names.includes(event)) && !(hasShells && dialect === 'cursor')
  })
  return known ?? (events.every((event) => /^[A-Z]/.test(event)) ? 'claude' : undefined)
}

/** The lists under the events; a configuration may be no more than those. */
function hooksIn(json: unknown): Record<string, Json[]> {
  const outer = isRecord(json) ? json : {}
  const inner = isRecord(outer.hooks) ? outer.hooks : outer
  const lists = Object.entries(inner).filter((pair): pair is [string, unknown[]] => Array.isArray(pair[1]))
  return Object.fromEntries(lists.map(([event, items]) => [event, items.filter(isRecord)]))
}

/** One command of one group, as Claude Code has them. */
interface Single {
  event: string
  matcher: string
  hook: Json
}

function singles({ event, item }: Hook): Single[] {
  const matcher = typeof item.matcher === 'string' ? item.matcher : ''
  const inner = Array.isArray(item.hooks) ? item.hooks.filter(isRecord) : [item]
  return inner.map((hook) => ({ event, matcher, hook }))
}

function translated({ event, matcher, hook }: Single, dialect: Dialect): HookForm {
  const lose = (why: string): HookForm => ({ hooks: [], lost: [why] })
  const name = hookEvents[dialect][event]
  const { command } = hook
  if (name === undefined) return lose(`it has nothing like ${event}`)
  if (typeof command !== 'string' || (hook.type ?? 'command') !== 'command')
    return lose(`only hooks that are commands can be given to it`)
  const all = matcher === '' || matcher === '*'
  const tools = all ? [] : matcher.split('|').map((tool) => ownName(tool.trim(), dialect))
  if (tools.includes(undefined)) return lose(`it cannot tell when "${matcher}" is meant`)
  const own = [...new Set(tools.flatMap((tool) => tool ?? []))]
  const timeout = typeof hook.timeout === 'number' ? hook.timeout : undefined
  return { hooks: printers[dialect]({ name, tools: own, command, timeout }), lost: [] }
}

function ownName(tool: string, dialect: Dialect): string | undefined {
  if (dialect === 'claude' || dialect === 'codex') return tool
  return toolNames[dialect][tool]
}

/** A hook with the event's and the tools' own names; no tools are all of them. `timeout` in seconds. */
interface Named {
  name: string
  tools: readonly string[]
  command: string
  timeout: number | undefined
}

const printers: Readonly<Record<Dialect, (hook: Named) => Hook[]>> = {
  claude: nested,
  codex: nested,
  gemini: ({ timeout, ...hook }) => nested({ ...hook, timeout: timeout && timeout * 1000 }),
  cursor: ({ name, tools, command, timeout }) => [
    { event: name, item: compact({ command, matcher: matcherOf(tools), timeout }) },
  ],
  copilot: ({ name, tools, command, timeout }) => [
    {
      event: name,
      item: compact({ type: 'command', matcher: matcherOf(tools), bash: command, timeoutSec: timeout }),
    },
  ],
  windsurf: ({ name, tools, command }) => {
    const isAround = name.endsWith('_')
    const ends = isAround ? (tools.length > 0 ? tools : windsurfTools) : ['']
    return ends.map((end) => ({ event: `${name}${end}`, item: { command } }))
  },
  kiro: ({ name, tools, command, timeout }) => {
    const toolTypes = name.endsWith('ToolUse') ? (tools.length > 0 ? tools : ['*']) : undefined
    const when = compact({ type: name, toolTypes })
    // biome-ignore lint/suspicious/noThenProperty: the word Kiro has for it
    return [{ event: name, item: { when, then: compact({ type: 'runCommand', command, timeout }) } }]
  },
}

function nested({ name, tools, command, timeout }: Named): Hook[] {
  const hooks = [compact({ type: 'command', command, timeout })]
  return [{ event: name, item: compact({ matcher: matcherOf(tools), hooks }) }]
}

function matcherOf(tools: readonly string[]): string | undefined {
  return tools.length === 0 ? undefined : tools.join('|')
}
