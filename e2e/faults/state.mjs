import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { listing } from './ground.mjs'

/** All that a person can tell one state of a world by: every file but haal's own bookkeeping, and what that says of the past. */
export function stateOf(at) {
  const isOwn = (file) => file === 'project/.haal/.state' || file === 'haal' || file === 'home/.haal/.state'
  const past = Object.fromEntries(sites.map((site) => [site, generationsIn(path.join(at, site))]))
  return JSON.stringify({
    files: listing(at, isOwn),
    past,
    saved: listing(path.join(at, 'project/.haal/.state/saved')),
  })
}

/** Places whose history haal keeps. */
const sites = ['project/.haal/.state', 'haal/copies/.haal/.state']

/** Without the hour, which differs from run to run. */
function generationsIn(state) {
  const folder = path.join(state, 'generations')
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder)
    .filter((name) => /^\d+\.json$/.test(name))
    .sort()
    .map((name) => {
      const { at: _at, ...generation } = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))
      return [name, generation]
    })
}

const ownFiles = new Set(['.gitignore', 'boot.json', 'names', 'seen', 'folders.json', 'generations', 'saved'])

/** What no command may leave: journals, things half written, things set aside, entries of the mutex. */
export function debrisIn(at) {
  const hidden = Object.keys(listing(at)).filter((file) =>
    /(^|\/)\.haal-(new|old|own)-|\.tmp$|\/unfinished\/./.test(file),
  )
  const strange = sites.flatMap((site) =>
    (fs.existsSync(path.join(at, site)) ? fs.readdirSync(path.join(at, site)) : [])
      .filter((name) => !ownFiles.has(name))
      .map((name) => `${site}/${name}`),
  )
  return [...new Set([...hidden, ...strange])]
}

/** Entries of the store that are not what their name says. Read from the description of the format, not with haal's own reader. */
export function damagedIn(at) {
  const store = path.join(at, 'haal/store')
  return Object.entries(listing(store))
    .filter(([file, line]) => /^[0-9a-f]{2}\/[0-9a-f]{64}$/.test(file) && line.startsWith('file'))
    .map(([file]) => file)
    .filter((file) => !isSound(path.join(store, file)))
}

function isSound(file) {
  const bytes = fs.readFileSync(file)
  const trailer = /^([0-9a-f]{64}) (\d{14})\n$/.exec(bytes.subarray(-80).toString('latin1'))
  if (trailer === null) return false
  const end = bytes.length - 80
  const listed = bytes.subarray(end - Number(trailer[2]), end)
  if (sha256(listed) !== trailer[1]) return false
  const lines = listed.toString().split('\n').slice(1, -1)
  let offset = 0
  const tree = lines.map((line) => {
    const [, digest, mode, size, name] = /^([0-9a-f]{64}) (\d+) (\d+) (.+)$/.exec(line) ?? []
    const whole = sha256(bytes.subarray(offset, offset + Number(size))) === digest
    offset += Number(size)
    return {
      name: Buffer.from(name ?? ''),
      line: `${whole ? digest : 'damaged'} ${mode === '755' ? 100755 : 100644} ${name}\n`,
    }
  })
  const sorted = tree.sort((a, b) => Buffer.compare(a.name, b.name)).map(({ line }) => line)
  return sha256(sorted.join('')) === path.basename(file)
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex')
}
