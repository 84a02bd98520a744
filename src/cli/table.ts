import type { Row, Table } from './row.js'

const group = {
  start: 'Start',
  change: 'Change',
  look: 'Look',
  rule: 'Registries and policy',
  cache: 'Cache and store',
  help: 'Help',
}

/** `summary` repeats the command's own, so that help loads no command. */
const rows: readonly Row[] = [
  {
    name: 'init',
    group: group.start,
    summary: 'make haal.json, with registries and the tools found in this folder',
    load: async () => (await import('../commands/init.js')).init,
  },
  {
    name: 'install',
    aliases: ['i', 'add'],
    group: group.start,
    summary: 'put artifacts into the project and record them in haal.json and haal.lock',
    load: async () => (await import('../commands/install.js')).install,
  },
  {
    name: 'uninstall',
    aliases: ['remove', 'rm'],
    group: group.change,
    summary: 'take artifacts out, with what only they required',
    load: async () => (await import('../commands/uninstall.js')).uninstall,
  },
  {
    name: 'update',
    aliases: ['up', 'upgrade'],
    group: group.change,
    summary: 'raise artifacts to the newest that haal.json allows',
    load: async () => (await import('../commands/update.js')).update,
  },
  {
    name: 'pin',
    group: group.change,
    summary: 'keep artifacts at the version they have, or at the one given',
    load: async () => (await import('../commands/pin.js')).pin,
  },
  {
    name: 'unpin',
    group: group.change,
    summary: 'let artifacts be updated again',
    load: async () => (await import('../commands/unpin.js')).unpin,
  },
  {
    name: 'rollback',
    group: group.change,
    summary: 'bring back the generation before, or any other, or one artifact of it',
    load: async () => (await import('../commands/rollback.js')).rollback,
  },
  {
    name: 'copy',
    group: group.change,
    summary: 'copy an artifact to a folder or into a registry',
    load: async () => (await import('../commands/copy.js')).copy,
  },
  {
    name: 'list',
    aliases: ['ls'],
    group: group.look,
    summary: 'list what is installed or, with --available, what the registries have',
    load: async () => (await import('../commands/list.js')).list,
  },
  {
    name: 'outdated',
    group: group.look,
    summary: 'say what an update would raise, and what is newer beyond the ranges',
    load: async () => (await import('../commands/outdated.js')).outdated,
  },
  {
    name: 'search',
    group: group.look,
    summary: 'find artifacts whose name, id, description or author has these words',
    load: async () => (await import('../commands/search.js')).search,
  },
  {
    name: 'info',
    group: group.look,
    summary: 'show one artifact: where it comes from, its files, and what in it can run',
    load: async () => (await import('../commands/info.js')).info,
  },
  {
    name: 'why',
    group: group.look,
    summary: 'say why an artifact is here, why from this registry, and what policy says of it',
    load: async () => (await import('../commands/why.js')).why,
  },
  {
    name: 'verify',
    group: group.look,
    summary: 'compare installed files with haal.lock, byte by byte; exit 9 if anything differs',
    load: async () => (await import('../commands/verify.js')).verify,
  },
  {
    name: 'diff',
    group: group.look,
    summary: 'show what you changed in installed artifacts or, with --upstream, what an update would change',
    load: async () => (await import('../commands/diff.js')).diff,
  },
  {
    name: 'history',
    group: group.look,
    summary: 'list the generations that rollback can go back to, with what each changed',
    load: async () => (await import('../commands/history.js')).history,
  },
  {
    name: 'doctor',
    group: group.look,
    summary: 'look over everything haal depends on; exit 2 if something is wrong, with what mends it',
    load: async () => (await import('../commands/doctor.js')).doctor,
  },
  {
    name: 'agentos',
    group: group.look,
    summary: 'say what the AgentOS runtime loads of what is installed, and what it cannot load',
    load: async () => (await import('../commands/agentos.js')).agentos,
  },
  {
    name: 'registry list',
    group: group.rule,
    summary: 'list the registries, in the order in which they are asked',
    load: async () => (await import('../commands/registry-list.js')).registryList,
  },
  {
    name: 'registry add',
    group: group.rule,
    summary: 'add a registry at the end of the list in haal.json',
    load: async () => (await import('../commands/registry-add.js')).registryAdd,
  },
  {
    name: 'registry remove',
    group: group.rule,
    summary: 'take a registry out of haal.json, if nothing installed came from it',
    load: async () => (await import('../commands/registry-remove.js')).registryRemove,
  },
  {
    name: 'registry ping',
    group: group.rule,
    summary: 'ask registries whether they answer; exit 7 if one does not',
    load: async () => (await import('../commands/registry-ping.js')).registryPing,
  },
  {
    name: 'target list',
    group: group.rule,
    summary: 'list the tools haal places things for, which of them are used here, and what each can be given',
    load: async () => (await import('../commands/target-list.js')).targetList,
  },
  {
    name: 'target add',
    group: group.rule,
    summary: 'add tools to haal.json, and give them what is installed',
    load: async () => (await import('../commands/target-add.js')).targetAdd,
  },
  {
    name: 'target remove',
    group: group.rule,
    summary: 'take tools out of haal.json, and what is installed out of their folders',
    load: async () => (await import('../commands/target-remove.js')).targetRemove,
  },
  {
    name: 'trust',
    group: group.rule,
    summary: "let a registry's token be sent to that registry, from every project of yours",
    load: async () => (await import('../commands/trust.js')).trust,
  },
  {
    name: 'policy show',
    group: group.rule,
    summary: 'show every rule of policy that holds here, and where it comes from',
    load: async () => (await import('../commands/policy-show.js')).policyShow,
  },
  {
    name: 'policy check',
    group: group.rule,
    summary: 'judge haal.lock by policy, without writing; exit 5 if something is not allowed',
    load: async () => (await import('../commands/policy-check.js')).policyCheck,
  },
  {
    name: 'cache info',
    group: group.cache,
    summary: 'say where cache and store are, and how large',
    load: async () => (await import('../commands/cache-info.js')).cacheInfo,
  },
  {
    name: 'cache clean',
    group: group.cache,
    summary: 'empty the cache; what is installed, and what rollback needs, stays',
    load: async () => (await import('../commands/cache-clean.js')).cacheClean,
  },
  {
    name: 'cache prune',
    group: group.cache,
    summary: 'remove from the store what no generation of any of your projects needs',
    load: async () => (await import('../commands/cache-prune.js')).cachePrune,
  },
  {
    name: 'completion',
    group: group.help,
    summary: 'print the completion script of a shell, or install it',
    load: async () => (await import('./completion.js')).completionOf(table),
  },
  {
    name: 'help',
    group: group.help,
    summary: 'explain haal, a command, or every error',
    load: async () => (await import('./help.js')).helpOf(table),
  },
]

export const table: Table = {
  rows,
  groups: [
    { word: 'cache', summary: 'show, empty or prune what haal keeps for all projects' },
    { word: 'policy', summary: 'show the rules of policy, or judge haal.lock by them' },
    { word: 'registry', summary: 'list, add, remove or try registries' },
    { word: 'target', summary: 'list, add or remove the tools that what is installed is for' },
  ],
}
