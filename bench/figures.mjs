import { execFileSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { haalWith, projectOf, registryOf, root, run } from './grounds.mjs'
import { timed } from './measure.mjs'
import { npm } from './peers.mjs'

const mebibyte = 1024 * 1024

/** Written by the process itself when it ends, so that it works where there is no /proc. */
const preload = `process.on('exit', () => {
  require('node:fs').writeFileSync(process.env.BENCH_PEAK, String(process.resourceUsage().maxRSS))
})`

/** The largest resident size of a run, in MiB: the median of three. */
async function peakOf(place, { before, ...each }) {
  const script = path.join(place, 'peak.cjs')
  const told = path.join(place, 'peak.txt')
  fs.writeFileSync(script, preload)
  const env = { ...each.env, NODE_OPTIONS: `--require ${script}`, BENCH_PEAK: told }
  const peaks = []
  for (let i = 0; i < 3; i += 1) {
    before()
    await timed({ ...each, env })
    peaks.push(Number(fs.readFileSync(told, 'utf8')) / 1024)
  }
  return peaks.sort((a, b) => a - b)[1]
}

function coldRun(ground) {
  const made = [path.join(ground.cwd, '.haal'), path.join(ground.cwd, 'haal.lock'), ground.env.HAAL_HOME]
  const before = () => {
    for (const each of made) fs.rmSync(each, { recursive: true, force: true })
  }
  return { ...haalWith(ground, 'install', '--quiet'), before }
}

/** One skill of 60 files with a MiB each that no compression makes smaller; the same bytes every time. */
function largeArchive(place) {
  const folder = path.join(place, 'large/skills/large')
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'SKILL.md'), '---\nname: large\ndescription: A large skill\n---\n\nLarge.\n')
  for (let i = 0; i < 60; i += 1) {
    const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, i), Buffer.alloc(16))
    fs.writeFileSync(path.join(folder, `part-${i}.bin`), noise.update(Buffer.alloc(mebibyte)))
  }
  const archive = path.join(place, 'large.tgz')
  run({ command: ['tar', 'czf', archive, '-C', path.join(place, 'large'), '.'], cwd: place, env: process.env })
  return archive
}

async function serve(file) {
  const server = http.createServer((_request, response) => fs.createReadStream(file).pipe(response))
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  server.unref()
  return `http://127.0.0.1:${server.address().port}/${path.basename(file)}`
}

async function archivePeak(place, location) {
  const ground = projectOf(place, location, { installed: false })
  return await peakOf(place, coldRun(ground))
}

function published() {
  const [program, ...args] = npm()
  const said = execFileSync(program, [...args, 'pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return Object.values(JSON.parse(said))[0]
}

export const figures = [
  {
    name: 'memory: cold install of 1000 artifacts',
    unit: 'MiB',
    atMost: 120,
    quick: true,
    figure: (place) => peakOf(place, coldRun(projectOf(place, registryOf(place, 1000), { installed: false }))),
  },
  {
    name: 'memory: one archive of 60 MiB, from this machine',
    unit: 'MiB',
    atMost: 150,
    quick: true,
    figure: (place) => archivePeak(place, largeArchive(place)),
  },
  {
    name: 'memory: one archive of 60 MiB, over HTTP',
    unit: 'MiB',
    atMost: 150,
    figure: async (place) => archivePeak(place, await serve(largeArchive(place))),
  },
  { name: 'the package, unpacked', unit: 'MB', atMost: 3, quick: true, figure: () => published().unpackedSize / 1e6 },
  {
    name: 'the package, what it depends on',
    unit: 'packages',
    atMost: 3,
    quick: true,
    figure: () => {
      const text = fs.readFileSync(path.join(root, 'package.json'), 'utf8')
      return Object.keys(JSON.parse(text).dependencies ?? {}).length
    },
  },
]
