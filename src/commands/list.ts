import type { Command } from '../model/command.js'
import type { ListResult } from '../model/results.js'
import { list as perform } from '../operations/list.js'
import { allowMissing, onlyKind, onlyRegistry } from './flags.js'
import { installedLines, offeredLines } from './listing.js'

export const list: Command<ListResult> = {
  name: 'list',
  args: '',
  summary: 'list what is installed or, with --available, what the registries have',
  examples: ['haal list', 'haal list --available --kind skill', 'haal list --registry corp --json'],
  flags: [{ name: 'available', summary: 'list what the registries have' }, onlyKind, onlyRegistry, allowMissing],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ artifacts }, paint, { available, kind, registry }) => {
    const isWhole = !available && kind === undefined && registry === undefined
    if (artifacts.length === 0)
      return [isWhole ? 'nothing is installed; see what there is: haal list --available' : 'nothing to list']
    const offered = artifacts.some(({ installed }) => installed !== undefined)
    return (offered ? offeredLines : installedLines)(artifacts, paint)
  },
}
