import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ready } from './ready.mjs'

const root = path.resolve(import.meta.dirname, '..')
const registry = path.join(root, 'examples/registry')

/** Shows haal at work in a temporary project, with nothing of yours touched. Needs no network once the packages are here. */
async function main() {
  ready()
  const { bundle } = await import('./bundle.mjs')
  await bundle()
  const place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-demo-')))
  try {
    play(place)
  } finally {
    fs.rmSync(place, { recursive: true, force: true })
  }
}

function play(place) {
  const project = path.join(place, 'project')
  fs.mkdirSync(project)
  const haal = (...args) => run(place, args)

  say('An empty project takes a bundle, a plugin and a skill from a registry; here the registry is a folder.')
  haal('install', '--from', registry, 'bundle/code-quality', 'plugin/pull-request', 'skill/write-changelog')

  say('What is installed now:')
  haal('list')

  say('The files:')
  list(project, '.haal')

  say('Agents look into folders of their own. A tool that is named gets everything there, in the form that it reads:')
  haal('target', 'add', 'claude')
  list(project, '.claude')

  say('haal.lock says exactly what that was. It is committed with the project:')
  console.log(shortened(fs.readFileSync(path.join(project, 'haal.lock'), 'utf8'), 24))

  say('A colleague has only haal.json and haal.lock, and gets the same bytes or an error:')
  for (const folder of ['.haal', '.claude']) fs.rmSync(path.join(project, folder), { recursive: true })
  haal('install', '--frozen')
  haal('verify')

  say('A second install has nothing to do:')
  haal('install')
}

function say(text) {
  console.log(`\n# ${text}`)
}

/** Prints the command as a person would type it, and ends the demo where it fails. */
function run(place, args) {
  console.log(`$ haal ${args.map((arg) => (arg === registry ? 'examples/registry' : arg)).join(' ')}`)
  const { status } = spawnSync(process.execPath, [path.join(root, 'bin/haal.js'), ...args], {
    cwd: path.join(place, 'project'),
    env: { ...process.env, HAAL_HOME: path.join(place, 'haal') },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) throw new Error(`haal ${args[0]} ended with ${status}`)
}

function list(project, folder) {
  for (const file of filesIn(path.join(project, folder))) console.log(`  ${folder}/${file}`)
}

function filesIn(folder) {
  const all = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const names = all.map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => !name.startsWith('.state/'))
    .sort()
}

function shortened(text, lines) {
  const all = text.trimEnd().split('\n')
  return all.length <= lines ? text.trimEnd() : `${all.slice(0, lines).join('\n')}\n… ${all.length - lines} more lines`
}

await main()
