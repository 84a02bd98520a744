// Runs the files of dist/ with what V8 made of them the last time: to compile them is a quarter of what a short command takes.
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const vm = require('node:vm')

/** As Python keeps its `.pyc` files: beside the code, because it is code. Who may write here may change haal itself; a cache in HAAL_HOME, that CI
    saves and restores, may come from anybody. */
const root = path.join(__dirname, '..')
const kept = path.join(root, '.compiled', `${process.version}-${process.platform}-${process.arch}`)
const isOff = Boolean(process.env.NODE_DISABLE_COMPILE_CACHE)
/** V8 takes nothing that was made under other flags. Who starts Node without any goes before who does, and neither writes anew at each turn. */
const isPlain = process.execArgv.length === 0 && !process.env.NODE_OPTIONS

const made = {}
/** What has run, and what of it is not kept, or not as it is. */
const ran = []
const lacking = []
const piece = Buffer.allocUnsafeSlow(1 << 16)
let spares = false

/** What `require` is to the files of dist/. */
function bring(id) {
  made[id] ??= id.startsWith('./') ? run(path.basename(id)) : atDefaults(() => require(id))
  return made[id]
}

/** What a `vm.Script` cannot do by itself. */
bring.outside = (url) => import(url)

const opening = 'function(module,exports,require){'
const closing = '\n}'

/** The build leaves nothing but ASCII in a file, and nothing is read faster than latin1. */
function run(name) {
  const filename = path.join(root, 'dist', name)
  const text = fs.readFileSync(filename)
  const code = `(${opening}${text.latin1Slice()}${closing})`
  const cachedData = isOff ? undefined : keptOf(name, text)
  const script = atDefaults(() => new vm.Script(code, { filename, cachedData }))
  const start = script.runInThisContext()
  ran.push({ name, script, start })
  if (cachedData === undefined || (script.cachedDataRejected && isPlain)) lacking.push({ name, script, start })
  const module = { exports: {} }
  start(module, module.exports, bring)
  return module.exports
}

/** Kept is the text itself, because V8 knows a text by its length, then V8's data, twice, because V8 looks at their head and not whether they
    are whole. What another version or other flags made V8 does not take. */
function keptOf(name, text) {
  let file
  try {
    file = fs.openSync(path.join(kept, name))
    const size = (fs.fstatSync(file).size - text.length) / 2
    const data = Buffer.allocUnsafeSlow(size)
    fs.readSync(file, data, 0, size, text.length)
    return isAt(0, text, file) && isAt(text.length + size, data, file) ? data : undefined
  } catch {
    return undefined
  } finally {
    if (file !== undefined) fs.closeSync(file)
  }
}

/** Piece by piece: so short a process gives back no memory of what it has read. */
function isAt(start, bytes, file) {
  for (let at = 0; at < bytes.length; at += piece.length) {
    const got = fs.readSync(file, piece, 0, Math.min(piece.length, bytes.length - at), start + at)
    if (!piece.subarray(0, got).equals(bytes.subarray(at, at + piece.length))) return false
  }
  return true
}

/** At the end of a command that went well, when V8 has compiled what it needed of each file. Each command needs other functions: the first time, it
    adds its own to those that are kept; an install that found only those of `list` would take a tenth longer each time. CI begins with nothing each
    time, and would never read it; where haal's folder is another user's, or cannot be written, haal goes without. */
function keep() {
  if (isOff || process.env.CI || process.exitCode) return
  const mark = isPlain ? markOf(process.argv.slice(2)) : undefined
  if (lacking.length === 0 && (mark === undefined || fs.existsSync(mark))) return
  try {
    if (process.getuid && process.getuid() !== fs.statSync(root).uid) return
    fs.mkdirSync(kept, { recursive: true, mode: 0o755 })
    if (lacking.some(({ name }) => fs.existsSync(path.join(kept, name)))) dropMarks()
    atDefaults(() => (isPlain ? ran : lacking).forEach(put))
    if (mark !== undefined) fs.writeFileSync(mark, '')
  } catch {
    return
  }
}

/** Says that what a command needed is among what is kept. */
function markOf([word = '', ...others]) {
  if (!/^[a-z]{1,20}$/.test(word)) return undefined
  return path.join(kept, `${word}${others.includes('--frozen') ? '-frozen' : ''}.added`)
}

/** What is made anew has nothing of other commands in it. */
function dropMarks() {
  for (const name of fs.readdirSync(kept))
    if (name.endsWith('.added')) fs.rmSync(path.join(kept, name), { force: true })
}

/** V8 has the text already: memory outside of its heap would make it collect garbage earlier. */
function put({ name, script, start }) {
  const text = Buffer.from(start.toString().slice(opening.length, -closing.length), 'latin1')
  const data = script.createCachedData()
  const temporary = path.join(kept, `${name}.${process.pid}`)
  try {
    fs.writeFileSync(temporary, Buffer.concat([text, data, data]), { mode: 0o644, flush: true })
    fs.renameSync(temporary, path.join(kept, name))
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

/** The V8 of Node 20 optimizes what so short a process never gets back: half of the processor time of a frozen install of 1,000 artifacts. Later ones
    have no such flag; on 24 and 26 nothing was to be gained. `node:v8` takes a fifth of Node's start to load: for those who have work to do. */
function spareOptimizing() {
  if (!process.versions.node.startsWith('20.')) return
  spares = true
  setBudget(1_000_000)
}

/** What is compiled already, haal's files and Node's own, is so under the flags that V8 starts with, and is compiled anew under others. */
function atDefaults(act) {
  if (!spares) return act()
  setBudget(67_584)
  try {
    return act()
  } finally {
    setBudget(1_000_000)
  }
}

function setBudget(bytes) {
  require('node:v8').setFlagsFromString(`--interrupt-budget=${bytes}`)
}

process.on('exit', keep)
module.exports = { load: bring('./core.cjs').load, spareOptimizing }
