import type { Flag } from '../model/command.js'

/** Flags that several commands take, in one wording. */

export const force: Flag = {
  name: 'force',
  short: 'f',
  summary: 'go on where files were edited or are in the way, and keep them aside',
}

export const allowMissing: Flag = {
  name: 'allow-missing',
  summary: 'go on without a secondary registry that does not answer',
}

export const onlyKind: Flag = { name: 'kind', value: '<kind>', summary: 'only this kind', completes: 'kind' }

export const onlyRegistry: Flag = {
  name: 'registry',
  value: '<name>',
  summary: 'only what comes from this registry',
  completes: 'registry',
}

/** Completes what is installed; a command that installs something new overrides that. */
export const approve: Flag = {
  name: 'approve',
  value: '<artifact>',
  several: true,
  summary: 'let this artifact bring what can run: hooks, scripts, MCP servers',
  completes: 'installed',
}
