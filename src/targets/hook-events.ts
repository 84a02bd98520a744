import type { Dialect } from './table.js'

/** Claude Code's names of hook events → each tool's names. Windsurf's for events around a tool's use end in the tool's name. An event that is missing
    has no counterpart. */
export const hookEvents: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  claude: same([
    'SessionStart',
    'SessionEnd',
    'UserPromptSubmit',
    'PreToolUse',
    'PostToolUse',
    'PermissionRequest',
    'Notification',
    'SubagentStart',
    'SubagentStop',
    'Stop',
    'PreCompact',
    'PostCompact',
  ]),
  codex: same([
    'SessionStart',
    'SessionEnd',
    'UserPromptSubmit',
    'PreToolUse',
    'PostToolUse',
    'PermissionRequest',
    'SubagentStart',
    'SubagentStop',
    'Stop',
    'PreCompact',
    'PostCompact',
  ]),
  gemini: {
    SessionStart: 'SessionStart',
    SessionEnd: 'SessionEnd',
    UserPromptSubmit: 'BeforeAgent',
    PreToolUse: 'BeforeTool',
    PostToolUse: 'AfterTool',
    Notification: 'Notification',
    SubagentStop: 'AfterAgent',
    Stop: 'AfterAgent',
    PreCompact: 'PreCompress',
  },
  cursor: {
    SessionStart: 'sessionStart',
    SessionEnd: 'sessionEnd',
    UserPromptSubmit: 'beforeSubmitPrompt',
    PreToolUse: 'preToolUse',
    PostToolUse: 'postToolUse',
    SubagentStart: 'subagentStart',
    SubagentStop: 'subagentStop',
    Stop: 'stop',
    PreCompact: 'preCompact',
  },
  copilot: {
    SessionStart: 'sessionStart',
    SessionEnd: 'sessionEnd',
    UserPromptSubmit: 'userPromptSubmitted',
    PreToolUse: 'preToolUse',
    PostToolUse: 'postToolUse',
    SubagentStop: 'subagentStop',
    Stop: 'agentStop',
  },
  windsurf: {
    UserPromptSubmit: 'pre_user_prompt',
    PreToolUse: 'pre_',
    PostToolUse: 'post_',
    Stop: 'post_cascade_response',
  },
  kiro: {
    UserPromptSubmit: 'promptSubmit',
    PreToolUse: 'preToolUse',
    PostToolUse: 'postToolUse',
    Stop: 'agentStop',
  },
}

/** The ends of Windsurf's events around a tool's use: a hook for all tools gets each. */
export const windsurfTools = ['run_command', 'read_code', 'write_code', 'mcp_tool_use'] as const

/** Events that only one tool has: a hook for such an event was written for that tool. */
export const ownEvents: Readonly<Partial<Record<Dialect, readonly string[]>>> = {
  gemini: ['BeforeModel', 'AfterModel', 'BeforeToolSelection'],
  cursor: [
    'beforeShellExecution',
    'afterShellExecution',
    'beforeMCPExecution',
    'afterMCPExecution',
    'beforeReadFile',
    'afterFileEdit',
    'afterAgentResponse',
    'afterAgentThought',
    'postToolUseFailure',
    'beforeTabFileRead',
    'afterTabFileEdit',
  ],
  copilot: ['errorOccurred'],
  windsurf: windsurfTools.flatMap((end) => [`pre_${end}`, `post_${end}`]),
}

function same(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]))
}
