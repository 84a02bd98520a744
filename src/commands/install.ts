import type { Command } from '../model/command.js'
import type { Outcome } from '../model/plan.js'
import { install as perform } from '../operations/install.js'
import { upToDate } from '../operations/up-to-date/check.js'
import { allowMissing, approve, force } from './flags.js'
import { outcomeLines } from './outcome.js'

export const install: Command<Outcome> = {
  name: 'install',
  args: '[artifact...]',
  summary: 'put artifacts into the project and record them in haal.json and haal.lock',
  about: [
    'With names, installs them and adds them to haal.json. Without, installs what haal.lock says, and resolves only what haal.json asks for and haal.lock lacks. An artifact is written [registry:][kind/]name[@version], where name may be an id or a pattern such as skill/*.',
    'Registries are asked in order, and the first that has a name owns it for all versions. Nothing is written before everything has been fetched, checked and allowed by policy; files that you changed are never overwritten unless you say --force, and then they are kept aside.',
  ],
  examples: [
    'haal install review-code',
    'haal install skill/review-code@^1.2.0 corp:tool/search',
    'haal install --all --kind skill',
    'haal install --frozen',
    'haal install review-code --from ./registry --dry-run',
  ],
  flags: [
    { name: 'frozen', summary: 'install exactly what haal.lock says, and fail if anything differs; for CI' },
    { name: 'all', summary: 'install everything the registries have' },
    { name: 'kind', value: '<kind>', summary: 'with --all: only this kind', completes: 'kind' },
    {
      name: 'from',
      value: '<source>',
      summary: 'take it from owner/repo[/path][#ref], a git or https URL, a path or npm:pkg, and add that to haal.json',
      completes: 'folder',
    },
    force,
    allowMissing,
    { ...approve, completes: 'available' },
    { name: 'strict', summary: 'refuse what is otherwise a warning: names, frontmatter' },
  ],
  completes: 'available',
  changes: true,
  run: async (ctx, requests, flags) => (await upToDate(ctx, { requests, flags })) ?? perform(ctx, { requests, flags }),
  show: outcomeLines,
}
