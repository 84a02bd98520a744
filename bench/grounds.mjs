import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { quickFolder } from './measure.mjs'

export const root = path.resolve(import.meta.dirname, '..')
export const haal = [process.execPath, path.join(root, 'bin/haal.js')]

/** A folder of its own for the whole benchmark, removed at the end. */
export function workplace() {
  const place = fs.realpathSync(fs.mkdtempSync(path.join(quickFolder() ?? os.tmpdir(), 'haal-bench-')))
  return { path: place, remove: () => fs.rmSync(place, { recursive: true, force: true }) }
}

/** A folder registry of `count` skills with five files each. The same number makes the same bytes. A registry with a label of its own is
    for a case that changes it. */
export function registryOf(place, count, label = '') {
  const folder = path.join(place, `registry-${count}${label}`)
  if (fs.existsSync(folder)) return folder
  for (let i = 0; i < count; i += 1) writeSkill(folder, skillName(i))
  return folder
}

export function skillName(index) {
  return `skill-${String(index).padStart(5, '0')}`
}

/** Another text and another version for the first `count` skills. */
export function changeSkills(registry, { count, round }) {
  for (let i = 0; i < count; i += 1) {
    const name = skillName(i)
    fs.writeFileSync(path.join(registry, 'skills', name, 'SKILL.md'), skillText(name, `1.0.${round}`))
  }
}

function writeSkill(registry, name) {
  const folder = path.join(registry, 'skills', name)
  fs.mkdirSync(path.join(folder, 'references'), { recursive: true })
  fs.mkdirSync(path.join(folder, 'scripts'))
  const write = (file, text, mode = 0o644) => fs.writeFileSync(path.join(folder, file), text, { mode })
  write('SKILL.md', skillText(name, '1.0.0'))
  write('references/one.md', prose(`${name} one`, 60))
  write('references/two.md', prose(`${name} two`, 30))
  write('template.txt', prose(`${name} template`, 10))
  write('scripts/run.sh', `#!/bin/sh\necho ${name}\n`, 0o755)
}

function skillText(name, version) {
  const head = `---\nname: ${name}\ndescription: The skill called ${name}\nversion: ${version}\n---\n\n`
  return `${head}${prose(`${name} ${version}`, 40)}`
}

function prose(subject, lines) {
  return `${Array.from({ length: lines }, (_, i) => `Line ${i} is about ${subject}, as every other line is.`).join('\n')}\n`
}

/** A project with its own HAAL_HOME that asks for everything in a registry (a folder, an archive, or the URL of one), and has it installed unless told otherwise. */
export function projectOf(place, registry, { installed = true, targets = [] } = {}) {
  const base = fs.mkdtempSync(path.join(place, 'project-'))
  const cwd = path.join(base, 'project')
  fs.mkdirSync(cwd)
  const env = { ...plainEnv(base), HAAL_HOME: path.join(base, 'haal') }
  const type = registry.startsWith('http:') ? 'url' : 'file'
  const config = {
    registries: [{ name: 'bench', type, location: registry }],
    artifacts: { 'skill/*': '*' },
    ...(targets.length === 0 ? {} : { targets }),
  }
  fs.writeFileSync(path.join(cwd, 'haal.json'), JSON.stringify(config))
  if (installed) run({ command: [...haal, 'install', '--yes', '--quiet'], cwd, env })
  return { cwd, env }
}

const stood = new Map()

/** A project that has `count` artifacts installed and is shared by all cases that leave it as it was. */
export function standing(place, count) {
  const key = `${place} ${count}`
  if (!stood.has(key)) stood.set(key, projectOf(place, registryOf(place, count)))
  return stood.get(key)
}

/** All that a run sees of the environment: nothing of the machine's own settings leaks in. */
export function plainEnv(base) {
  return { PATH: process.env.PATH, HOME: path.join(base, 'home'), NO_COLOR: '1' }
}

/** Untimed, for preparing. */
export function run({ command: [program, ...args], cwd, env }) {
  return execFileSync(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 << 20 })
}

/** What starting Node alone costs: most figures are a multiple of it. */
export const bareNode = (ground) => ({ command: [process.execPath, '-e', '0'], ...ground })

/** The least that a program on Node does of the same work: `bench/plain.cjs`. */
export const plain = (ground, ...args) => ({
  command: [process.execPath, path.join(root, 'bench/plain.cjs'), ...args],
  ...ground,
})

/** What nothing but asking for each file's metadata costs, beside starting Node. */
export function plainLook(ground) {
  const files = fs.readdirSync(ground.cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const own = files.map((entry) => path.join(entry.parentPath, entry.name)).filter((file) => !file.includes('.state'))
  const names = path.join(fs.mkdtempSync(path.join(path.dirname(ground.cwd), 'files-')), 'names')
  fs.writeFileSync(names, own.join('\n'))
  return plain(ground, 'look', names)
}

export const haalWith = (ground, ...args) => ({ command: [...haal, ...args], ...ground })

/** For steps that no single program does. `$node` is the Node that runs haal. */
export const shell = (ground, script) => ({
  command: ['sh', '-c', script],
  cwd: ground.cwd,
  env: { ...ground.env, node: process.execPath },
})

/** As a colleague or CI gets it: haal.json, haal.lock and nothing else, while the store has everything. */
export function emptied(ground) {
  return () => fs.rmSync(path.join(ground.cwd, '.haal'), { recursive: true, force: true })
}
