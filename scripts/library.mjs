import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const mark = '<!-- From here on this page is printed by `npm run docs`, from the docstrings in src/. -->\n'
const modules = { haal: 'index', 'haal/agentos': 'agentos' }

/** Writes the types of what programs import into a folder, as TypeScript takes them from the sources: the entries, and what these lead to. */
export function declare(folder) {
  fs.rmSync(folder, { recursive: true, force: true })
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', folder], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`tsc ended with ${status}`)
  const kept = reachable(Object.values(modules).map((name) => path.join(folder, `${name}.d.ts`)))
  const made = fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const entry of made) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isFile() && !kept.has(file)) fs.rmSync(file)
  }
}

/** docs/library.md as it shall be: what people wrote, and behind the mark all that the package exports. `types` is a folder that was declared. */
export function libraryPage(types) {
  const [written] = fs.readFileSync(path.join(root, 'docs/library.md'), 'utf8').split(mark)
  const parts = Object.entries(modules).map(([name, file]) => moduleText(name, path.join(types, `${file}.d.ts`)))
  return `${written}${mark}\n${parts.join('\n')}`
}

/** The names that an entry exports, in its order, each with the file that declares it. */
export function exportsOf(file) {
  const clauses = fs.readFileSync(file, 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from ['"](.+)\.js['"];$/gm)
  return [...clauses].flatMap(([, names, from]) =>
    (names.match(/\w+/g) ?? []).map((name) => ({ name, file: path.join(path.dirname(file), `${from}.d.ts`) })),
  )
}

function reachable(files, found = new Set()) {
  for (const file of files) {
    if (found.has(file)) continue
    found.add(file)
    const own = [...fs.readFileSync(file, 'utf8').matchAll(/['"](\.[^'"]+)\.js['"]/g)]
    reachable(
      own.map(([, to]) => path.join(path.dirname(file), `${to}.d.ts`)),
      found,
    )
  }
  return found
}

function moduleText(name, file) {
  const entries = exportsOf(file).map((each) => entryText(each.name, fs.readFileSync(each.file, 'utf8')))
  return [`## ${name}\n`, ...entries].join('\n')
}

function entryText(name, text) {
  const comment = '((?:/\\*\\*(?:(?!\\*/)[^])*\\*/\\n)?)'
  const found = new RegExp(
    `${comment}^export (?:declare )?((?:interface|type|class|function|const) ${name}\\b)`,
    'm',
  ).exec(text)
  if (!found) throw new Error(`${name} is exported, but not declared where it comes from`)
  const [whole, docstring, start] = found
  const body = statement(text.slice(found.index + whole.length), /^(type|function)/.test(start))
  const prose = docstring === '' ? '' : `${proseOf(docstring)}\n\n`
  return `### ${name}\n\n${prose}\`\`\`ts\n${inHouseStyle(withKeys(start + body, text))}\n\`\`\`\n`
}

/** A type that is the keys of a table beside it, by their names. */
function withKeys(code, text) {
  return code.replace(/ keyof typeof (\w+)/, (_, table) => {
    const [, rows] = new RegExp(`const ${table}: \\{\\n([^]*?)\\n\\};`).exec(text)
    return [...rows.matchAll(/^ {4}readonly (\w+):/gm)].map(([, key]) => `\n  | '${key}'`).join('')
  })
}

/** Up to the semicolon that ends an alias or a function, or to the brace that ends any other declaration. */
function statement(text, endsAtSemicolon) {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    if ('{(['.includes(text[at])) depth += 1
    if ('})]'.includes(text[at])) depth -= 1
    if (depth === 0 && text[at] === ';') return text.slice(0, at)
    if (depth === 0 && text[at] === '}' && !endsAtSemicolon) return text.slice(0, at + 1)
  }
  throw new Error('a declaration without an end')
}

/** An optional value may always be undefined; that goes without saying. */
function inHouseStyle(code) {
  return code
    .replaceAll('    ', '  ')
    .replace(/;$/gm, '')
    .replace(/(\?: .*) \| undefined$/gm, '$1')
    .replace(/(\?: )\((\(.*\) => .*)\)$/gm, '$1$2')
}

function proseOf(docstring) {
  const lines = docstring.replace(/^\/\*\*|\*\/\n$/g, '').split('\n')
  return lines
    .map((line) => line.replace(/^\s*\*? ?/, '').trim())
    .join('\n')
    .trim()
}
