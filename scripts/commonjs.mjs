import { transform } from 'esbuild'

/** File → the sources whose code goes there with all they need, but what an earlier file has. From the shortest command to the longest: to find
    and open a file for every chunk takes longer than to run it, and so does reading what is not run. */
const together = {
  core: ['src/cli/complete.ts'],
  light: ['src/main.ts', 'src/cli/context.ts', 'src/commands/list.ts'],
  short: ['src/commands/install.ts'],
  work: ['src/operations/install.ts', 'src/commands/verify.ts'],
}

/** What `haal` and `haal/agentos` are: the entries that programs import. */
const library = ['index', 'agentos']

/** Turns the chunks of a split ES bundle (file name → text, and esbuild's account of them) into CommonJS, which starts 6 ms sooner: Node
    leaves its loader of ES modules alone. A chunk becomes a function that runs when something of it is first used, not when it is imported,
    and so does a module of Node's. An import of `late:<entry>` is one of that entry, and does not draw it into the importer's file. Answers file name → text:
    `core.cjs`, whose `load` answers what a chunk exports, the files of the other chunks, and for each entry of the library an ES module with
    its names. */
export async function commonJs(texts, outputs) {
  const files = filesOf(Object.keys(texts), outputs)
  const entries = Object.entries(files).map(async ([file, members]) => [
    `${file}.cjs`,
    await fileOf(file, members, { texts, outputs, files }),
  ])
  const faces = library.filter((name) => outputs[name])
  return {
    ...Object.fromEntries(await Promise.all(entries)),
    ...Object.fromEntries(faces.map((name) => [`${name}.js`, faceOf(name, outputs[name].exports)])),
  }
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
    const at = outputs[name].imports.filter(({ kind, external }) => kind === 'import-statement' && !external)
    needed(
      at.map(({ path }) => nameOf(path)),
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

async function fileOf(file, members, { texts, outputs, files }) {
  const parts = await Promise.all(
    members.map(
      async (name) => `${JSON.stringify(name)}:(function(module){${await partOf(name, { texts, outputs })}})`,
    ),
  )
  const head =
    file === 'core' ? loader(files) : 'const{load,later,lazy,builtin,outside}=require("./core.cjs");module.exports='
  const { code } = await transform(`"use strict";${head}{\n${parts.join(',\n')}\n}`, {
    platform: 'node',
    target: 'node20.17',
    minify: true,
    // Where a program does not catch an error, Node prints the line that threw it.
    lineLimit: 160,
  })
  return inAscii(code)
}

/** What esbuild leaves in regular expressions; it escapes strings itself. */
function inAscii(code) {
  return code.replace(/[^\0-\x7f]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const exportsOf =
  /^.*?var stdin_exports=\{\};__export\(stdin_exports,\{([^{}]*)\}\);module\.exports=__toCommonJS\(stdin_exports\);/s
const imported = /([\w$]+)=(?:__toESM\()?require\("(\.\/|node:|late:)([^"]+?)(?:\.js)?"\)(?:,1)?\)?/

/** esbuild leads every use of what is imported through a variable for the module it comes from, `import_…`, so that CommonJS sees later changes
    as ES modules do. Here that variable is a function that brings the module in. */
async function partOf(name, { texts, outputs }) {
  const { code } = await transform(texts[name], {
    format: 'cjs',
    platform: 'node',
    target: 'node20.17',
    minifyWhitespace: true,
    minifySyntax: true,
  })
  const [start, list] = exportsOf.exec(code) ?? []
  if (start === undefined || /\bexport\s*\*/.test(texts[name]))
    throw new Error(`${name} exports nothing, or all of another: scripts/commonjs.mjs cannot say that`)
  const rest = code.slice(start.length).replace(/0&&\(module\.exports=\{[^{}]*\}\);\s*$/, '')
  const led = rest.replace(/\bimport\("\.\/([^"]+)\.js"\)/g, 'later("$1")').replace(/\bimport\(/g, 'outside(')
  let body = `module.exports=${gettersOf(list)};${led}`
  for (let found = imported.exec(body); found; found = imported.exec(body)) body = withImport(found, { name, outputs })
  if (/\brequire\("\./.test(body)) throw new Error(`${name} imports in a way that scripts/commonjs.mjs does not know`)
  return body
}

function withImport({ 0: all, 1: variable, 2: scheme, 3: from, index, input }, { name, outputs }) {
  const bring = scheme === 'node:' ? `builtin("node:${from}")` : `lazy("${from}")`
  const [before, after] = [input.slice(0, index), input.slice(index + all.length)]
  if (!variable.startsWith('import_')) return `${before}${variable}=${bring}()${after}`
  const uses = new RegExp(`\\b${variable}\\b`, 'g')
  const isUsed = uses.test(before) || uses.test(after)
  if (!isUsed && scheme === './' && hasPackages(name, outputs) && hasPackages(from, outputs))
    return `${before}${variable}=load("${from}")${after}`
  const called = (text) =>
    text
      .replace(new RegExp(`\\bnew (${variable}(?:\\.[\\w$]+)+)`, 'g'), 'new($1)')
      .replace(new RegExp(`\\b${variable}\\b`, 'g'), `${variable}()`)
  return `${called(before)}${variable}=${bring}${called(after)}`
}

/** Packages may count on others to have run before them; haal's own modules do nothing by being loaded. */
function hasPackages(name, outputs) {
  return Object.keys(outputs[name]?.inputs ?? {}).some((input) => input.includes('node_modules'))
}

/** `a:()=>b,c:()=>d`, as an object that answers what `b` and `d` are when it is asked. */
function gettersOf(list) {
  return `{${list.replace(/([\w$]+):\(\)=>([^,]+)/g, 'get $1(){return $2}')}}`
}

/** `load` runs a chunk once and answers its exports; `later` does so for `import()`; `lazy` and `builtin` answer functions that bring in a chunk,
    or a module of Node's as ES modules see it. `outside` imports what is not haal's: code that runs from bin/compiled.js cannot do so itself. */
function loader(files) {
  const shared = Object.entries(files).filter(([file, members]) => file !== 'core' && members.length > 1)
  const where = Object.fromEntries(shared.flatMap(([file, members]) => members.map((name) => [name, file])))
  return `
const made = {}
const where = ${JSON.stringify(where)}
const load = (name) => {
  if (made[name]) return made[name].exports
  if (!parts[name]) Object.assign(parts, require("./" + (where[name] || name) + ".cjs"))
  made[name] = { exports: {} }
  parts[name](made[name])
  return made[name].exports
}
const later = async (name) => load(name)
const lazy = (name) => {
  let its
  return () => (its ??= load(name))
}
const builtin = (name) => {
  let its
  return () => (its ??= Object.create(require(name), { default: { value: require(name) } }))
}
const outside = require.outside || ((url) => import(url))
module.exports = { load, later, lazy, builtin, outside }
const parts = `
}

/** An entry of the library, as ES modules import it. */
function faceOf(entry, names) {
  return `import core from './core.cjs'\nexport const { ${names.join(', ')} } = core.load('${entry}')\n`
}
