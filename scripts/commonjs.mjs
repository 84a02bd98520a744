import { transform } from 'esbuild'

/** File → the sources whose code goes there with all they need, but what an earlier file has. From the shortest command to the longest: to find
    and open a file for every chunk takes longer than to run it, and so does reading what is not run. */
const together = {
  core: ['src/cli/complete.ts'],
  light: ['src/main.ts', 'src/cli/context.ts', 'src/commands/list.ts'],
  work: ['src/commands/install.ts', 'src/commands/verify.ts'],
}

/** What `haal` and `haal/agentos` are: the entries that programs import. */
const library = ['index', 'agentos']

/** Node's own modules that take a millisecond or more to load: they come in when something of them is first used. */
const slow = /^(child_process|crypto|dns|events|https?|module|net|stream|tls|tty|zlib|timers\/promises)$/

/** Turns the chunks of a split ES bundle (file name → text, and esbuild's account of them) into CommonJS, which starts 6 ms sooner: Node
    leaves its loader of ES modules alone. A chunk becomes a function that runs when it is first asked for. Answers file name → text:
    `core.cjs`, whose `load('main')` runs haal, the files of the other chunks, and for each entry of the library an ES module with its names. */
export async function commonJs(texts, outputs) {
  const names = Object.keys(texts)
  const made = await Promise.all(names.map((name) => converted(texts[name])))
  const parts = Object.fromEntries(names.map((name, i) => [name, made[i]]))
  const files = filesOf(names, outputs)
  const entries = Object.entries(files).map(([file, members]) => [
    `${file}.cjs`,
    fileOf(file, members, { parts, files }),
  ])
  const faces = library
    .filter((name) => outputs[name])
    .map((name) => [`${name}.js`, faceOf(name, outputs[name].exports)])
  return Object.fromEntries([...entries, ...faces])
}

/** File → its chunks. */
function filesOf(names, outputs) {
  const taken = new Set()
  const files = {}
  for (const [file, sources] of Object.entries(together)) {
    const first = names.filter((name) => sources.includes(outputs[name].entryPoint))
    files[file] = [...needed(first, outputs)].filter((name) => !taken.has(name)).sort()
    for (const name of files[file]) taken.add(name)
  }
  for (const name of names) if (!taken.has(name)) files[name] = [name]
  return files
}

function needed(names, outputs, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue
    found.add(name)
    const at = outputs[name].imports.filter(({ kind }) => kind === 'import-statement')
    needed(
      at.map(({ path }) => nameOf(path)).filter((each) => outputs[each]),
      outputs,
      found,
    )
  }
  return found
}

/** `dist/chunk-ABC.js` → `chunk-ABC`. */
export function nameOf(file) {
  return file.replace(/^.*[\\/]/, '').replace(/\.js$/, '')
}

/** esbuild leads every use of what is imported through the module it comes from, so that CommonJS sees later changes as ES modules do. What it
    puts around that for modules of any origin is not needed among these. */
async function converted(text) {
  if (/\bexport\s*\*/.test(text))
    throw new Error('a chunk exports all of another one, which scripts/commonjs.mjs cannot say')
  const { code } = await transform(text, { format: 'cjs', platform: 'node', target: 'node20.17', minify: true })
  const short = code
    .replace(/^.*?var ([\w$]+)=\{\};[\w$]+\(\1,\{([^{}]*)\}\);module\.exports=[\w$]+\(\1\);/s, (_, _name, all) =>
      exported(all),
    )
    .replace(/[\w$]+\((require\("(?:\.\/|node:|late:)[^"]+"\))(?:,1)?\)/g, '$1')
    .replace(/0&&\(module\.exports=\{[^{}]*\}\);\s*$/, '')
  const strange = /[\w$]\((require\("[^"]+"\))/.exec(short)
  if (strange) throw new Error(`${strange[1]}: scripts/commonjs.mjs knows chunks and node: modules only`)
  return short
    .replace(/\brequire\("\.\/([^"]+)\.js"\)/g, 'load("$1")')
    .replace(/\bimport\("\.\/([^"]+)\.js"\)/g, 'later("$1")')
    .replace(/\brequire\("late:([^"]+)"\)/g, 'deferred("$1")')
    .replace(/\brequire\("node:([\w/]+)"\)/g, (_, name) => `${slow.test(name) ? 'late' : 'node'}("node:${name}")`)
}

/** `a:()=>b,c:()=>d`, as an object that answers what `b` and `d` are when it is asked. */
function exported(all) {
  return `module.exports={${all.replace(/([\w$]+):\(\)=>([^,]+)/g, 'get $1(){return $2}')}};`
}

function fileOf(file, members, { parts, files }) {
  const all = members.map((name) => `${JSON.stringify(name)}:(function(module){${parts[name]}})`).join(',\n')
  const head =
    file === 'core' ? loader(files) : `const{load,later,node,late,deferred}=require("./core.cjs");module.exports={\n`
  return `"use strict";${head}${all}\n};\n`
}

/** `load` runs a chunk once, `later` does so for `import()`, `deferred` when something of it is first used; `node` and `late` answer a module
    of Node's as ES modules see it, with itself as `default`. */
function loader(files) {
  const shared = Object.entries(files).filter(([file, members]) => file !== 'core' && members.length > 1)
  const where = Object.fromEntries(shared.flatMap(([file, members]) => members.map((name) => [name, file])))
  return `
const made = {}, whole = {}
const where = ${JSON.stringify(where)}
const load = (name) => {
  if (made[name]) return made[name].exports
  if (!parts[name]) Object.assign(parts, require("./" + (where[name] || name) + ".cjs"))
  made[name] = { exports: {} }
  parts[name](made[name])
  return made[name].exports
}
const later = async (name) => load(name)
const node = (name) => (whole[name] ||= Object.create(require(name), { default: { value: require(name) } }))
const standIn = (get) => new Proxy({}, {
  get: (_, key) => (key in get() || key !== "default" ? get()[key] : get()),
  has: (_, key) => key in get(),
  ownKeys: () => Reflect.ownKeys(get()),
  getOwnPropertyDescriptor: (_, key) => ({ ...Object.getOwnPropertyDescriptor(get(), key), configurable: true }),
})
const late = (name) => standIn(() => require(name))
const deferred = (name) => standIn(() => load(name))
module.exports = { load, later, node, late, deferred }
const parts = {
`
}

/** An entry of the library, as ES modules import it. */
function faceOf(entry, names) {
  return `import core from './core.cjs'\nexport const { ${names.join(', ')} } = core.load('${entry}')\n`
}
