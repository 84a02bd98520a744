import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { plainEnv } from './grounds.mjs'
import { cannot } from './measure.mjs'
import { packagesOf } from './npm-registry.mjs'
import { npm, peer, silent } from './peers.mjs'

const frozenPnpm = ['install', '--frozen-lockfile', '--offline', '--ignore-scripts', '--store-dir', '../store']

/** How each is told to do its work, with a lockfile and a warm cache. What they would do besides (an audit, a look for a newer version) is
    off. */
const managers = {
  npm: {
    program: npm,
    first: ['install', '--ignore-scripts'],
    frozen: ['ci', '--offline', '--ignore-scripts'],
    nothing: ['install', '--offline', '--ignore-scripts'],
  },
  'pnpm 10': {
    program: (place) => peer(place, 'pnpm 10'),
    first: ['install', '--ignore-scripts', '--store-dir', '../store'],
    frozen: frozenPnpm,
  },
  'pnpm 12': {
    program: (place) => peer(place, 'pnpm 12'),
    first: ['install', '--ignore-scripts', '--store-dir', '../store'],
    frozen: frozenPnpm,
  },
}

/** The same files as packages, asked for by a project of its own that has its lockfile and a warm cache. `way` is a key of the table.
    Answers a run, with node_modules there or not; or { cannot }. */
export async function packageManager(place, registry, { name, way = 'frozen', present = false }) {
  const ground = await installed(place, registry, name)
  if (ground.cannot) return ground
  const before = () => fs.rmSync(path.join(ground.cwd, 'node_modules'), { recursive: true, force: true })
  const { cwd, env, program } = ground
  return { command: [...program, ...managers[name][way]], cwd, env, ...(present ? {} : { before }) }
}

const grounds = new Map()

function installed(place, registry, name) {
  const key = `${registry} ${name}`
  if (!grounds.has(key)) grounds.set(key, install(place, registry, name))
  return grounds.get(key)
}

async function install(place, registry, name) {
  const { program: found, first } = managers[name]
  const program = found(place)
  if (program.cannot) return program
  const { url, names } = await packagesOf(place, registry)
  const base = fs.mkdtempSync(path.join(place, 'packages-of-'))
  const cwd = path.join(base, 'project')
  fs.mkdirSync(cwd)
  const dependencies = Object.fromEntries(names.map((each) => [each, '1.0.0']))
  fs.writeFileSync(path.join(cwd, 'package.json'), JSON.stringify({ name: 'x', version: '1.0.0', dependencies }))
  fs.writeFileSync(path.join(cwd, '.npmrc'), `registry=${url}/\naudit=false\nfund=false\nupdate-notifier=false\n`)
  const env = { ...plainEnv(base), ...silent }
  try {
    // Not synchronously: the registry is this process.
    await promisify(execFile)(program[0], [...program.slice(1), ...first], { cwd, env, maxBuffer: 64 << 20 })
  } catch (e) {
    return cannot(
      `${name} cannot install: ${String(e.stderr || e.stdout || e.message)
        .trim()
        .split('\n')
        .at(-1)}`,
    )
  }
  return { cwd, env, program }
}
