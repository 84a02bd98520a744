import fs from 'node:fs'
import path from 'node:path'
import {
  changeSkills,
  emptied,
  haalWith,
  plain,
  plainEnv,
  plainLook,
  projectOf,
  registryOf,
  run,
  shell,
  standing,
} from './grounds.mjs'
import { cannot } from './measure.mjs'
import { packageManager } from './package-managers.mjs'
import { peerRun, silent } from './peers.mjs'

/** A folder of its own for a peer, beside its home. */
function apart(place, env = {}) {
  const base = fs.mkdtempSync(path.join(place, 'peer-ground-'))
  const cwd = path.join(base, 'project')
  fs.mkdirSync(cwd)
  const before = () => {
    fs.rmSync(cwd, { recursive: true, force: true })
    fs.mkdirSync(cwd)
  }
  return { cwd, env: { ...plainEnv(base), ...env }, before }
}

const frozen = (ground) => ({ ...haalWith(ground, 'install', '--frozen', '--quiet'), before: emptied(ground) })

function copied(place, registry) {
  const ground = apart(place)
  return { ...shell(ground, `cp -r '${registry}' copy && "$node" -e 0`), before: ground.before }
}

function plainlyCopied(place, registry) {
  const ground = apart(place)
  return { ...ground, ...plain(ground, 'copy', registry, path.join(ground.cwd, 'copy')) }
}

function unpacked(place, registry) {
  const ground = apart(place)
  const archive = `${registry}.tar.gz`
  run({ command: ['tar', 'czf', archive, '-C', registry, '.'], ...ground })
  return { ...shell(ground, `tar xzf '${archive}' && "$node" -e 0`), before: ground.before }
}

const besideCopying = (count, { atMost, quick = false }) => ({
  name: `frozen from the store, ${count} artifacts`,
  against: {
    'cp -r + node -e 0': atMost,
    'tar xzf + node -e 0': undefined,
  },
  quick,
  prepare: (place) => ({
    haal: frozen(standing(place, count)),
    'cp -r + node -e 0': copied(place, registryOf(place, count)),
    'tar xzf + node -e 0': unpacked(place, registryOf(place, count)),
    plain: plainlyCopied(place, registryOf(place, count)),
  }),
})

/** Untimed before each run: the first `count` skills get another text. So every run finds as many changes, and nothing has to be undone. */
const updateOf = (count) => ({
  name: `update, ${count} of 1000 changed`,
  against: { 'nothing to do, 1000 artifacts': { more: 60 + count } },
  quick: count === 10,
  prepare: (place) => {
    const registry = registryOf(place, 1000, '-changing')
    const ground = projectOf(place, registry)
    let round = 0
    const before = () => {
      round += 1
      changeSkills(registry, { count, round })
    }
    return {
      haal: { ...haalWith(ground, 'update', '--quiet'), before },
      'nothing to do, 1000 artifacts': haalWith(standing(place, 1000), 'install', '--quiet'),
    }
  },
})

/** Nothing but haal.json: no lockfile, no store, no cache. */
function cold(place, registry) {
  const ground = projectOf(place, registry, { installed: false, targets: ['claude'] })
  const made = ['.haal', '.claude', 'haal.lock'].map((name) => path.join(ground.cwd, name))
  const before = () => {
    for (const each of [...made, ground.env.HAAL_HOME]) fs.rmSync(each, { recursive: true, force: true })
  }
  return { ...haalWith(ground, 'install', '--quiet'), before }
}

function restoredBySkills(place, registry) {
  const ground = apart(place, silent)
  const add = peerRun(place, { name: 'skills', args: addAll(registry), ...ground })
  if (add.cannot) return add
  run(add)
  const before = () => {
    for (const each of ['.agents', '.claude']) fs.rmSync(path.join(ground.cwd, each), { recursive: true, force: true })
  }
  return peerRun(place, { name: 'skills', args: ['experimental_install'], ...ground, before })
}

const addAll = (registry) => ['add', registry, '--skill', '*', '--agent', 'claude-code', '--yes']

export const installCases = [
  besideCopying(1000, { atMost: 2.0, quick: true }),
  besideCopying(5000, { atMost: 1.8 }),
  {
    name: 'frozen from the store, 1000 artifacts',
    against: { 'npm ci --offline': 0.25, 'pnpm 10 --frozen-lockfile --offline': 0.4, 'pnpm 12, native, the same': 0.4 },
    prepare: async (place) => ({
      haal: frozen(standing(place, 1000)),
      'npm ci --offline': await packageManager(place, registryOf(place, 1000), { name: 'npm' }),
      'pnpm 10 --frozen-lockfile --offline': await packageManager(place, registryOf(place, 1000), { name: 'pnpm 10' }),
      'pnpm 12, native, the same': await packageManager(place, registryOf(place, 1000), { name: 'pnpm 12' }),
      plain: plainlyCopied(place, registryOf(place, 1000)),
    }),
  },
  {
    name: 'nothing to do, 1000 artifacts',
    against: {
      'npm ci --offline': 0.25,
      'npm install --offline': undefined,
      'pnpm 10 --frozen-lockfile --offline': 0.4,
      'pnpm 12, native, the same': 0.4,
    },
    prepare: async (place) => {
      const manager = async (how) => await packageManager(place, registryOf(place, 1000), { ...how, present: true })
      return {
        haal: haalWith(standing(place, 1000), 'install', '--quiet'),
        'npm ci --offline': await manager({ name: 'npm' }),
        'npm install --offline': await manager({ name: 'npm', way: 'nothing' }),
        'pnpm 10 --frozen-lockfile --offline': await manager({ name: 'pnpm 10' }),
        'pnpm 12, native, the same': await manager({ name: 'pnpm 12' }),
        plain: plainLook(standing(place, 1000)),
      }
    },
  },
  {
    name: 'cold install of 100 skills from a folder, one tool',
    against: { 'skills add': 0.4, 'openskills install': undefined },
    quick: true,
    prepare: (place) => {
      const registry = registryOf(place, 100)
      const openskills = ['install', registry, '--yes']
      return {
        haal: cold(place, registry),
        'skills add': peerRun(place, { name: 'skills', args: addAll(registry), ...apart(place, silent) }),
        'openskills install': peerRun(place, { name: 'openskills', args: openskills, ...apart(place, silent) }),
      }
    },
  },
  {
    name: 'frozen, warm, 100 skills',
    against: {
      'skills experimental_install': 0.5,
      'npm ci --offline': 0.5,
      'pnpm 10 --frozen-lockfile --offline': 0.5,
      'pnpm 12, native, the same': 0.5,
      openskills: undefined,
    },
    prepare: async (place) => {
      const registry = registryOf(place, 100)
      return {
        haal: frozen(standing(place, 100)),
        'skills experimental_install': restoredBySkills(place, registry),
        'npm ci --offline': await packageManager(place, registry, { name: 'npm' }),
        'pnpm 10 --frozen-lockfile --offline': await packageManager(place, registry, { name: 'pnpm 10' }),
        'pnpm 12, native, the same': await packageManager(place, registry, { name: 'pnpm 12' }),
        plain: plainlyCopied(place, registry),
        openskills: cannot('it keeps no lockfile'),
      }
    },
  },
  ...[1, 10, 100].map(updateOf),
  {
    name: 'verify, 1000 artifacts, every byte',
    against: { 'sha256sum + node -e 0': 1.5 },
    quick: true,
    prepare: (place) => {
      const ground = standing(place, 1000)
      const digests = `find .haal/skills -type f -print0 | xargs -0 sha256sum > ../sums && "$node" -e 0`
      return {
        haal: haalWith(ground, 'verify', '--quiet'),
        'sha256sum + node -e 0': shell(ground, digests),
        plain: plain(ground, 'digest', '.haal/skills'),
      }
    },
  },
]
