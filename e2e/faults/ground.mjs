import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const binary = process.env.HAAL_TEST_BINARY ?? path.resolve(import.meta.dirname, '../../bin/haal.js')

/** A folder in memory where there is one: there, fsync costs nothing. */
export function temporary() {
  const memory = '/dev/shm'
  const roomy = fs.existsSync(memory) && fs.statfsSync(memory).bavail * fs.statfsSync(memory).bsize > 2 ** 29
  return fs.mkdtempSync(path.join(roomy ? memory : os.tmpdir(), 'haal-faults-'))
}

/** A world that is brought back again and again: `at` is always at the same path, because states hold paths. */
export function groundIn(root) {
  const at = path.join(root, 'at')
  const kept = (name) => path.join(root, 'kept', name)
  fs.mkdirSync(path.join(root, 'kept'), { recursive: true })
  return {
    at,
    project: path.join(at, 'project'),
    count: path.join(root, 'count'),
    begin: () => {
      fs.rmSync(at, { recursive: true, force: true })
      for (const name of ['project', 'home', 'tmp']) fs.mkdirSync(path.join(at, name), { recursive: true })
    },
    keep: (name) => copy(at, kept(name)),
    bringBack: (name) => copy(kept(name), at),
    write: (files) => {
      for (const [file, text] of Object.entries(files)) write(path.join(at, file), text)
    },
    environment: (more = {}) => environment(at, more),
    run: (words, more) => run(at, words, more),
  }
}

function copy(from, to) {
  fs.rmSync(to, { recursive: true, force: true })
  const { status } = spawnSync('cp', ['-a', from, to])
  if (status !== 0) throw new Error(`cp -a ${from} ${to} failed`)
}

function write(file, text) {
  if (text === null) return fs.rmSync(file, { recursive: true })
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

function environment(at, more) {
  const home = path.join(at, 'home')
  const places = { HOME: home, HAAL_HOME: path.join(at, 'haal'), TMPDIR: path.join(at, 'tmp') }
  // CI reads what haal keeps beside itself, and writes none: each run makes the same calls.
  return { PATH: process.env.PATH, CI: '1', ...places, ...more }
}

/** For a run that is not struck: haal keeps what V8 made of it, so that those to come take two thirds of the time. */
export const learning = { CI: '' }

export function commandOf(words) {
  return [process.env.HAAL_TEST_NODE ?? process.execPath, [binary, ...words.split(' ').filter(Boolean)]]
}

/** One haal, to its end. */
function run(at, words, more) {
  const [node, args] = commandOf(words)
  const options = { cwd: path.join(at, 'project'), env: environment(at, more), encoding: 'utf8', timeout: 60_000 }
  const { status, signal, stdout, stderr } = spawnSync(node, args, options)
  return { exit: status, signal, said: `${stdout}${stderr}` }
}

/** path → what lies there, folders and links included. `skip` gets a path and says what is left out with all below it. */
export function listing(root, skip = () => false) {
  const found = {}
  const visit = (folder) => {
    for (const name of fs.readdirSync(path.join(root, folder)).sort()) {
      const inside = folder === '' ? name : `${folder}/${name}`
      if (skip(inside)) continue
      const stat = fs.lstatSync(path.join(root, inside))
      found[inside] = lineOf(path.join(root, inside), stat)
      if (stat.isDirectory()) visit(inside)
    }
  }
  if (fs.existsSync(root)) visit('')
  return found
}

function lineOf(at, stat) {
  const mode = (stat.mode & 0o777).toString(8)
  if (stat.isDirectory()) return `folder ${mode}`
  if (stat.isSymbolicLink()) return `link ${fs.readlinkSync(at)}`
  return `file ${mode} ${createHash('sha256').update(fs.readFileSync(at)).digest('hex')}`
}
