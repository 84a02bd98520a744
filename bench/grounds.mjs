import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { quickFolder } from './measure.mjs'

const root = path.resolve(import.meta.dirname, '..')
export const haal = [process.execPath, path.join(root, 'bin/haal.js')]

/** A folder of its own for the whole benchmark, removed at the end. */
export function workplace() {
  const place = fs.realpathSync(fs.mkdtempSync(path.join(quickFolder() ?? os.tmpdir(), 'haal-bench-')))
  return { path: place, remove: () => fs.rmSync(place, { recursive: true, force: true }) }
}

/** A folder registry of `count` skills with five files each. The same number makes the same bytes. */
export function registryOf(place, count) {
  const folder = path.join(place, `registry-${count}`)
  if (fs.existsSync(folder)) return folder
  for (let i = 0; i < count; i += 1) writeSkill(folder, `skill-${String(i).padStart(5, '0')}`)
  return folder
}

function writeSkill(registry, name) {
  const folder = path.join(registry, 'skills', name)
  fs.mkdirSync(path.join(folder, 'references'), { recursive: true })
  fs.mkdirSync(path.join(folder, 'scripts'))
  const write = (file, text, mode = 0o644) => fs.writeFileSync(path.join(folder, file), text, { mode })
  write(
    'SKILL.md',
    `---\nname: ${name}\ndescription: The skill called ${name}\nversion: 1.0.0\n---\n\n${prose(name, 40)}`,
  )
  write('references/one.md', prose(`${name} one`, 60))
  write('references/two.md', prose(`${name} two`, 30))
  write('template.txt', prose(`${name} template`, 10))
  write('scripts/run.sh', `#!/bin/sh\necho ${name}\n`, 0o755)
}

function prose(subject, lines) {
  return `${Array.from({ length: lines }, (_, i) => `Line ${i} is about ${subject}, as every other line is.`).join('\n')}\n`
}

/** A project with its own HAAL_HOME that asks for everything in a registry, and has it installed unless told otherwise. */
export function projectOf(place, registry, { installed = true } = {}) {
  const base = fs.mkdtempSync(path.join(place, 'project-'))
  const cwd = path.join(base, 'project')
  fs.mkdirSync(cwd)
  const env = {
    PATH: process.env.PATH,
    HOME: path.join(base, 'home'),
    HAAL_HOME: path.join(base, 'haal'),
    NO_COLOR: '1',
  }
  const config = { registries: [{ name: 'bench', type: 'file', location: registry }], artifacts: { 'skill/*': '*' } }
  fs.writeFileSync(path.join(cwd, 'haal.json'), JSON.stringify(config))
  if (installed)
    execFileSync(haal[0], [...haal.slice(1), 'install', '--yes', '--quiet'], {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  return { cwd, env }
}
