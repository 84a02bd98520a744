import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { changeSkills, emptied, haalWith, projectOf, registryOf, root, run, standing } from './grounds.mjs'

const changing = [
  'mkdir',
  'mkdirat',
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'rmdir',
  'chmod',
  'fchmod',
  'utimensat',
]
const calls = [
  ...[
    'open',
    'openat',
    'read',
    'pread64',
    'readv',
    'preadv',
    'write',
    'pwrite64',
    'writev',
    'pwritev',
    'copy_file_range',
  ],
  ...[
    'sendfile',
    'fsync',
    'fdatasync',
    'sync',
    'syncfs',
    'stat',
    'lstat',
    'fstat',
    'newfstatat',
    'statx',
    'getdents64',
  ],
  ...changing,
]

const size = 1000
const scenes = [
  { name: 'list', prepare: (place) => haalWith(untouched(place), 'list') },
  { name: 'nothing to do', prepare: (place) => haalWith(untouched(place), 'install', '--quiet') },
  { name: 'cold install', prepare: (place) => haalWith(uninstalled(place), 'install', '--quiet') },
  {
    name: 'frozen from the store',
    prepare: (place) => {
      emptied(standing(place, size))()
      return haalWith(standing(place, size), 'install', '--frozen', '--quiet')
    },
  },
  {
    name: 'update of 10',
    prepare: (place) => {
      const registry = registryOf(place, size, '-traced')
      const ground = projectOf(place, registry)
      changeSkills(registry, { count: 10, round: 1 })
      return haalWith(ground, 'update', '--quiet')
    },
  },
]

function tracedLine({ name, twice: _, ...counts }) {
  const all = Object.entries(counts).map(([what, n]) => `${what} ${n}`)
  return `${name.padEnd(24)} ${all.join(', ')}`
}

/** As an install leaves it. */
const untouched = (place) => projectOf(place, registryOf(place, size))
const uninstalled = (place) => projectOf(place, registryOf(place, size), { installed: false })

/** What each command does to files, counted once by strace. Answers { size, rows } or { cannot: why }. */
export function traced(place, print) {
  try {
    execFileSync('strace', ['-qq', '-o', path.join(place, 'strace'), process.execPath, '-e', '0'], { stdio: 'ignore' })
  } catch {
    return { cannot: 'strace is not installed, or may not trace' }
  }
  const rows = scenes.map(({ name, prepare }) => {
    const row = { name, ...counted(traceOf(place, prepare(place)), place) }
    print(tracedLine(row))
    return row
  })
  return { size, rows }
}

/** One file a thread, so that no call is torn by another's. Each line: call(arguments with the paths of descriptors) = result. */
function traceOf(place, { command, ...how }) {
  const folder = fs.mkdtempSync(path.join(place, 'traced-'))
  const flags = ['-ff', '-qq', '-y', '-s', '0', '-e', `trace=${calls.map((call) => `?${call}`).join(',')}`]
  // One thread in the pool: nothing else changes, and the trace is in order.
  run({
    ...how,
    env: { ...how.env, UV_THREADPOOL_SIZE: '1' },
    command: ['strace', ...flags, '-o', path.join(folder, 'call'), ...command],
  })
  const lines = fs.readdirSync(folder).flatMap((name) => fs.readFileSync(path.join(folder, name), 'utf8').split('\n'))
  fs.rmSync(folder, { recursive: true })
  return lines.filter((line) => !/ = -1 /.test(line))
}

/** `twice` has the first few paths behind "read twice" and "written twice". What happens in the place of the bench is the work (project, registry, HAAL_HOME); what is opened in haal's own folder is its start. */
function counted(lines, place) {
  const seen = { looked: 0, readdirs: 0, bytesRead: 0, bytesWritten: 0, flushes: 0, changes: 0, own: new Set() }
  const [reads, writes, opened] = [new Map(), new Map(), new Set()]
  const add = (map, key) => map.set(key, (map.get(key) ?? 0) + 1)
  for (const line of lines) {
    const [, call, args, result] = /^(\w+)\((.*)\) += (\d+)/.exec(line) ?? []
    if (call === undefined) continue
    const at = pathOf(call, args, line)
    if (/^open/.test(call) && at.startsWith(root)) seen.own.add(at)
    if (!at.startsWith(`${place}/`)) continue
    if (/stat/.test(call)) seen.looked += 1
    if (/^getdents/.test(call) && result !== '0') seen.readdirs += 1
    if (/^open/.test(call)) opened.add(at)
    if (/^p?read(v|64)?$/.test(call)) seen.bytesRead += Number(result)
    if (/^p?write|^copy_file|^sendfile/.test(call)) seen.bytesWritten += Number(result)
    // Opened and then read, or written: to open a file once more in order to flush it is neither.
    if (/^p?read(v|64)?$/.test(call) && result !== '0' && opened.delete(at)) add(reads, at)
    if (/^p?write/.test(call) && opened.delete(at)) add(writes, at)
    if (/sync/.test(call)) seen.flushes += 1
    if (changing.includes(call)) seen.changes += 1
  }
  const twice = (map) => [...map].filter(([, times]) => times > 1).map(([at]) => at)
  return {
    'files of its own': seen.own.size,
    'metadata asked for': seen.looked,
    'folders listed': seen.readdirs,
    'files read': reads.size,
    'read twice': twice(reads).length,
    'KiB read': Math.round(seen.bytesRead / 1024),
    'files written': writes.size,
    'written twice': twice(writes).length,
    'KiB written': Math.round(seen.bytesWritten / 1024),
    'moves, folders, removals': seen.changes,
    flushes: seen.flushes,
    twice: [...twice(writes), ...twice(reads)].slice(0, 8).map((at) => at.slice(place.length + 1)),
  }
}

/** The path that a call is about: of its descriptor, or its first string, from the current folder; what an open opened stands behind its result. */
function pathOf(call, args, line) {
  if (/^open/.test(call)) return /= \d+<([^>]*)>/.exec(line)?.[1] ?? ''
  const [, here = '/', named] = /^(?:AT_FDCWD<([^>]*)>, )?"([^"]*)"/.exec(args) ?? []
  return named ? path.resolve(here, named) : (/^\d+<([^>]*)>/.exec(args)?.[1] ?? '')
}
