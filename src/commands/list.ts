import type { Command } from '../model/command.js'
import type { ListResult } from '../model/results.js'
import { type ListFlags, list as perform } from '../operations/list.js'
import { installedLines, offeredLines } from './listing.js'

type Listed = ListResult & { available: boolean }

export const list: Command<Listed> = {
  name: 'list',
  args: '',
  summary: 'list what is installed or, with --available, what the registries have',
  examples: ['haal list', 'haal list --available --kind skill', 'haal list --registry corp --json'],
  flags: [
    { name: 'available', summary: 'list what the registries have' },
    { name: 'kind', value: '<kind>', summary: 'only this kind', completes: 'kind' },
    { name: 'registry', value: '<name>', summary: 'only what comes from this registry', completes: 'registry' },
  ],
  run: async (ctx, _args, flags) => {
    const result = await perform(ctx, { flags: flags as ListFlags })
    return { ...result, available: flags.available === true }
  },
  show: ({ artifacts, available }, paint) => {
    if (artifacts.length === 0) return [available ? 'the registries have nothing like that' : 'nothing is installed']
    return (available ? offeredLines : installedLines)(artifacts, paint)
  },
}
