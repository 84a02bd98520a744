import fs from 'node:fs'
import path from 'node:path'
import { learning } from './ground.mjs'

const skill = (name, text = `How to ${name}.`) => `---\nname: ${name}\ndescription: Helps to ${name}\n---\n\n${text}\n`

const registry = {
  'registry/skills/a/SKILL.md': skill('a'),
  'registry/skills/a/notes/one.md': 'one\n',
  'registry/skills/a/run.sh': '#!/bin/sh\n',
  'registry/skills/b/SKILL.md': skill('b'),
  'registry/skills/c/SKILL.md': skill('c'),
  'registry/agents/r.md': '---\nname: r\ndescription: Reviews\n---\n\nYou review.\n',
  'share/registry.json': '{\n  "extensions": { "curated": [] }\n}\n',
}
const newer = {
  'registry/skills/a/SKILL.md': skill('a', 'Quite another way.'),
  'registry/skills/a/notes/one.md': null,
  'registry/skills/a/notes/two.md': 'two\n',
  'registry/agents/r.md': '---\nname: r\ndescription: Reviews\n---\n\nYou review well.\n',
}
/** Files of a person's, in all places where haal works. */
const own = {
  'project/README.md': 'mine\n',
  'project/.haal/mine.md': 'mine\n',
  'project/.claude/settings.json': '{ "mine": true }\n',
  'other/a-note.md': 'mine\n',
}

/** Before each scene: the registries, a project, and what is done first. `line` is what is struck; `look` the command that comes first
    afterwards, which must mend what it finds; `recovers` says that this is killed, too; of `light` ones
    fewer calls are struck. */
export const scenes = {
  install: { line: 'install a b r', look: 'list', first: [] },
  'install beside what is there': { line: 'install b r', first: ['install a'], light: true },
  update: { line: 'update', first: ['install a b r', newer], recovers: true },
  'update over edits': {
    line: 'update --force --yes',
    look: 'list',
    first: ['install a b', { ...newer, 'project/.haal/skills/a/SKILL.md': 'edited\n' }],
    keeps: 'edited\n',
    light: true,
  },
  'update of a clone': {
    line: 'update',
    first: ['install a b r', newer, { 'project/.haal/.state': null, 'haal/store': null }],
    light: true,
  },
  uninstall: { line: 'uninstall a r', first: ['install a b r'], recovers: true },
  rollback: { line: 'rollback', first: ['install a b r', newer, 'update'], recovers: true },
  'rollback of one artifact': {
    line: 'rollback a',
    first: ['install a b r', newer, 'update', 'uninstall b'],
    light: true,
  },
  'copy to a folder': { line: 'copy a ../other/', first: ['install a b'] },
  'copy to a registry': { line: 'copy a registry:share', first: ['install a b'] },
  'copy from a registry': { line: 'copy c ../other/', first: ['install a'] },
  pin: { line: 'pin a', first: ['install a b'], light: true },
  /** The store is looked at as well. */
  prune: { line: 'cache prune', first: ['install c --cwd ../gone', { gone: null }, 'install a'], store: true },
}

const many = Array.from({ length: 120 }, (_, number) => `skill-${String(number).padStart(3, '0')}`)
const files = (text) =>
  Object.fromEntries(
    many.flatMap((name) => [
      [`registry/skills/${name}/SKILL.md`, skill(name, text)],
      [`registry/skills/${name}/reference.md`, `${text}\n`.repeat(100)],
      [`registry/skills/${name}/scripts/run.sh`, '#!/bin/sh\n'],
    ]),
  )
const all = `install ${many.join(' ')}`

/** The same with a hundred artifacts and more; of these calls a sample is struck. */
export const large = {
  install: { line: all, look: 'list', first: [files('first')] },
  update: { line: 'update', first: [files('first'), all, files('second')] },
  uninstall: { line: `uninstall ${many.slice(0, 60).join(' ')}`, first: [files('first'), all] },
  rollback: { line: 'rollback', first: [files('first'), all, files('second'), 'update'] },
}

const registries = [
  { name: 'acme', type: 'file', location: '../registry' },
  { name: 'share', type: 'file', location: '../share' },
]

/** Plays what comes before a scene, and keeps the world under its name. */
export function setScene(ground, name, { first, store }) {
  ground.begin()
  const config = `${JSON.stringify({ registries }, null, 2)}\n`
  ground.write({ ...registry, ...own, 'project/haal.json': config, 'gone/haal.json': config })
  fs.chmodSync(path.join(ground.at, 'registry/skills/a/run.sh'), 0o755)
  for (const step of first) {
    if (typeof step !== 'string') ground.write(step)
    else succeeded(ground.run(step, learning), `${name}: haal ${step}`)
  }
  if (store) age(path.join(ground.at, 'haal/store'))
  ground.keep(name)
}

/** Prune spares what is new. */
function age(folder) {
  for (const { name, parentPath } of fs.readdirSync(folder, { recursive: true, withFileTypes: true }))
    fs.utimesSync(path.join(parentPath, name), 0, 0)
}

export function succeeded({ exit, said }, what) {
  if (exit !== 0) throw new Error(`${what} should have succeeded: exit ${exit}\n${said}`)
}
