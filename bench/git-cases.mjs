import fs from 'node:fs'
import path from 'node:path'
import { served } from './git-server.mjs'
import { haal, plain, skillName } from './grounds.mjs'
import { prose } from './prose.mjs'

/** Files of a skill and their sizes: 4 KB on average, as in registries that people publish, and so are how well they compress (2.6 : 1) and how
    little one is like another. Over a server both matter. */
const files = {
  'SKILL.md': 6000,
  'references/one.md': 6000,
  'references/two.md': 4000,
  'template.txt': 2000,
  'scripts/run.sh': 2000,
}

/** A folder of `count` skills with five files each. */
function library(place, count) {
  const folder = path.join(place, `library-${count}`)
  if (fs.existsSync(folder)) return folder
  for (let i = 0; i < count; i += 1)
    for (const [at, [file, bytes]] of Object.entries(files).entries()) {
      const written = path.join(folder, 'skills', skillName(i), file)
      const head =
        file === 'SKILL.md' ? `---\nname: ${skillName(i)}\ndescription: What it does\nversion: 1.0.0\n---\n\n` : ''
      fs.mkdirSync(path.dirname(written), { recursive: true })
      fs.writeFileSync(written, head + prose(i * 5 + at, bytes), { mode: file.endsWith('.sh') ? 0o755 : 0o644 })
    }
  return folder
}

/** Everything cold: no cache, no store, no project but haal.json. */
async function coldProject(place, registry, { artifacts, env = {} }) {
  const url = await served(place, registry)
  const base = fs.mkdtempSync(path.join(place, 'git-'))
  const cwd = path.join(base, 'project')
  const home = path.join(base, 'haal')
  const config = { registries: [{ name: 'bench', type: 'git', location: url }], artifacts }
  fs.mkdirSync(cwd)
  fs.writeFileSync(path.join(cwd, 'haal.json'), JSON.stringify(config))
  const before = () => {
    for (const each of [path.join(cwd, '.haal'), path.join(cwd, 'haal.lock'), home])
      fs.rmSync(each, { recursive: true, force: true })
  }
  const own = { PATH: process.env.PATH, HOME: path.join(base, 'home'), HAAL_HOME: home, NO_COLOR: '1', ...env }
  return { url, base, haal: { command: [...haal, 'install', '--quiet'], cwd, env: own, before } }
}

/** What a person would do by hand. */
function clone({ url, base }, then = '') {
  const script = `git clone -q --depth 1 ${url} clone${then}`
  const before = () => {
    for (const each of ['clone', 'copy']) fs.rmSync(path.join(base, each), { recursive: true, force: true })
  }
  const env = { PATH: process.env.PATH, HOME: base, GIT_CONFIG_NOSYSTEM: '1' }
  return { command: ['sh', '-c', script], cwd: base, env, before }
}

function plainly({ url, base }, work, ...more) {
  const to = path.join(base, 'plain')
  const before = () => {
    for (const each of [to, `${to}.git`]) fs.rmSync(each, { recursive: true, force: true })
  }
  const env = { PATH: process.env.PATH, HOME: base, GIT_CONFIG_NOSYSTEM: '1' }
  return { ...plain({ cwd: base, env }, work, url, to, ...more), before }
}

const all = { 'skill/*': '*' }
const byHand = `&& cp -r clone/skills copy && ${process.execPath} -e 0`

export const gitCases = [
  {
    name: 'cold install of 100 skills from a git server',
    against: 'git clone + cp -r + node -e 0',
    atMost: 1.3,
    quick: true,
    prepare: async (place) => {
      const ground = await coldProject(place, library(place, 100), { artifacts: all })
      return { haal: ground.haal, peer: clone(ground, byHand), plain: plainly(ground, 'fetch-all') }
    },
  },
  {
    name: 'the same without an installed git',
    against: 'git clone + cp -r + node -e 0',
    atMost: 6,
    prepare: async (place) => {
      const ground = await coldProject(place, library(place, 100), { artifacts: all, env: { HAAL_GIT: 'embedded' } })
      return { haal: ground.haal, peer: clone(ground, byHand) }
    },
  },
  {
    name: 'one skill of a repository of 2,700 files',
    against: 'git clone --depth 1',
    atMost: 0.5,
    prepare: async (place) => {
      const ground = await coldProject(place, library(place, 540), { artifacts: { 'skill/skill-00270': '*' } })
      return { haal: ground.haal, peer: clone(ground), plain: plainly(ground, 'fetch-one', 'skill-00270') }
    },
  },
]
