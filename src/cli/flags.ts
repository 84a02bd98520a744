import type { Flag } from '../model/command.js'

/** What every command takes. */
export const commonFlags: readonly Flag[] = [
  { name: 'json', summary: 'print one JSON document' },
  { name: 'dry-run', short: 'n', summary: 'say what would be done, and write nothing' },
  { name: 'yes', short: 'y', summary: 'go on without asking; questions about safety are still asked' },
  { name: 'quiet', short: 'q', summary: 'print only what was asked for, and errors' },
  { name: 'verbose', summary: 'say more of what happens, and where an error comes from' },
  { name: 'offline', summary: 'use no network; what is stored and cached may answer' },
  { name: 'refresh', summary: 'ask registries again, whatever is cached' },
  { name: 'global', short: 'g', summary: 'work on what is installed for you instead of the project' },
  { name: 'cwd', short: 'C', value: '<dir>', summary: 'start in this folder', completes: 'folder' },
  { name: 'config', value: '<file>', summary: 'read this file instead of haal.json', completes: 'file' },
  { name: 'wait', value: '<s>', number: true, summary: 'seconds to wait for another haal on the same project (10)' },
  { name: 'help', short: 'h', summary: 'explain the command' },
]
