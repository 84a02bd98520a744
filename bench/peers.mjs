import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { cannot } from './measure.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
const modern = major > 22 || (major === 22 && minor >= 20)

/** What people use instead, pinned. `skills` from 1.5.19 on, and pnpm 11, need a newer Node than 20; pnpm 12 is a native program. What
    each sends home is off: `skills` looks at these two variables before it asks for anything (isEnabled() in its dist/cli.mjs); the
    others send nothing. */
const pins = {
  skills: { package: 'skills', version: modern ? '1.7.4' : '1.5.18', script: 'bin/cli.mjs' },
  openskills: { package: 'openskills', version: '1.5.0', script: 'dist/cli.js' },
  'pnpm 10': { package: 'pnpm', version: '10.34.8', script: 'bin/pnpm.cjs' },
  'pnpm 12': { package: 'pnpm', version: '12.21.0', program: 'pnpm' },
}

export const silent = { DISABLE_TELEMETRY: '1', DO_NOT_TRACK: '1', CI: '1' }

/** The command of a peer, fetched from npm into the bench's own folder when it is first asked for; { cannot } where it is not to be had. */
export function peer(place, name) {
  if (!fetched.has(name)) fetched.set(name, fetch(place, pins[name]))
  return fetched.get(name)
}
const fetched = new Map()

function fetch(place, pin) {
  const folder = fs.mkdtempSync(path.join(place, 'peer-'))
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }')
  const what = `${pin.package}@${pin.version}`
  const args = ['install', '--save-exact', '--no-audit', '--no-fund', '--loglevel', 'error', what]
  try {
    execFileSync('npm', args, { cwd: folder, stdio: 'pipe' })
  } catch (e) {
    return cannot(`${what} is not to be had: ${/npm error code (\w+)/.exec(String(e.stderr))?.[1] ?? e.message}`)
  }
  const at = path.join(folder, 'node_modules', pin.package)
  return pin.program ? [path.join(at, pin.program)] : [process.execPath, path.join(at, pin.script)]
}

/** A run of a peer, or why there is none. */
export function peerRun(place, { name, args, ...how }) {
  const command = peer(place, name)
  return command.cannot ? command : { ...how, command: [...command, ...args] }
}

/** npm itself, without a shell around it: it comes with Node. */
export function npm() {
  const prefix = path.dirname(path.dirname(fs.realpathSync(process.execPath)))
  const places = [
    path.join(prefix, 'lib/node_modules/npm/bin/npm-cli.js'),
    path.join(path.dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js'),
  ]
  const script = [...places, realOf('npm')].find((file) => file !== undefined && fs.existsSync(file))
  return script === undefined ? cannot('npm is not installed') : [process.execPath, script]
}

function realOf(program) {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const found = folders.map((folder) => path.join(folder, program)).find((file) => fs.existsSync(file))
  return found && fs.realpathSync(found)
}

/** For the table of results. */
export function versions() {
  const said = (program, ...args) => {
    try {
      return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim()
    } catch {
      return 'not installed'
    }
  }
  const pinned = Object.values(pins).map(({ package: name, version }) => `${name} ${version}`)
  const [program, ...args] = npm().cannot ? ['npm'] : npm()
  const git = said('git', '--version').replace('git version ', 'git ')
  return [...pinned, `npm ${said(program, ...args, '--version')}`, git].join(', ')
}
