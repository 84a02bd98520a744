import fs from 'node:fs'
import path from 'node:path'

/** One module as the rules see it. Paths are relative to src/, with `/`. */
export interface Source {
  path: string
  text: string
  /** Without comments, and with the insides of strings and patterns blanked. Same length and lines as `text`. */
  code: string
  imports: readonly Import[]
  exports: readonly string[]
}

export interface Import {
  /** A source's path, or a package's name. */
  from: string
  own: boolean
  /** undefined where the whole module is taken: `* as x`, `import('…')`, `export *`. */
  names?: readonly string[]
  /** Runs when the module loads: neither `import type` nor `import()`. */
  eager: boolean
}

/** All modules below a folder; none where it does not exist. Packages that are installed there are not the house's. */
export function sourcesIn(folder: string, at = ''): Source[] {
  if (!fs.existsSync(folder)) return []
  const entries = fs
    .readdirSync(path.join(folder, at), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const inside = at === '' ? entry.name : `${at}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesIn(folder, inside)
    return /\.m?[tj]s$/.test(entry.name) ? [source(inside, fs.readFileSync(path.join(folder, inside), 'utf8'))] : []
  })
}

export function source(at: string, text: string): Source {
  const code = blanked(text)
  return { path: at, text, code, imports: importsOf(at, text, code), exports: exportsOf(code) }
}

/** The formatter puts every import and export at the start of a line, so a scan of lines finds them all. */
function importsOf(at: string, text: string, code: string): Import[] {
  const found: Import[] = []
  for (const match of code.matchAll(/^(import|export)\b([^'"`;=]*?)\s*\bfrom\s*(?=['"])/gm)) {
    const clause = match[2] ?? ''
    const names = namesOf(clause)
    found.push(
      imported(at, specifierAt(text, match.index + match[0].length), { eager: !/^\s*type\b/.test(clause), names }),
    )
  }
  for (const match of code.matchAll(/^import\s*(?=['"])/gm))
    found.push(imported(at, specifierAt(text, match.index + match[0].length), { eager: true, names: [] }))
  for (const match of code.matchAll(/\bimport\(\s*(?=['"`])/g))
    found.push(imported(at, specifierAt(text, match.index + match[0].length), { eager: false, names: undefined }))
  return found
}

function specifierAt(text: string, at: number): string {
  return text.slice(at + 1, text.indexOf(text[at] ?? '', at + 1))
}

/** `{ a, type b as c }` imports a and b; `d` alone is the default export. */
function namesOf(clause: string): string[] | undefined {
  if (clause.includes('*')) return undefined
  const inside = /\{([^}]*)\}/.exec(clause)?.[1] ?? ''
  const names = inside.split(',').map(
    (each) =>
      each
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)[0] ?? '',
  )
  const alone = clause
    .replace(/\{[^}]*\}/, '')
    .replace(/^\s*type\b/, '')
    .replace(',', '')
    .trim()
  return [...names.filter(Boolean), ...(alone === '' ? [] : ['default'])]
}

function imported(at: string, specifier: string, how: { eager: boolean; names: string[] | undefined }): Import {
  const own = specifier.startsWith('.')
  const from = own ? path.posix.join(path.posix.dirname(at), specifier).replace(/\.js$/, '.ts') : specifier
  return { from, own, eager: how.eager, ...(how.names ? { names: how.names } : {}) }
}

const declaration =
  /^export\s+(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:function\*?|const|let|class|interface|type|enum|default)\s+(\w+)/gm

function exportsOf(code: string): string[] {
  const declared = [...code.matchAll(declaration)].map((match) => match[1] ?? '')
  const lists = [...code.matchAll(/^export\s+(?:type\s+)?\{([^}]*)\}/gm)].flatMap((match) =>
    (match[1] ?? '').split(','),
  )
  const listed = lists.map(
    (each) =>
      each
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+/)
        .at(-1) ?? '',
  )
  return [...declared, ...listed].filter(Boolean)
}

/** Blanks comments and the insides of strings, templates and patterns; keeps code inside `${}`. */
export function blanked(text: string): string {
  let out = ''
  const depths: number[] = []
  let depth = 0
  for (let at = 0; at < text.length; ) {
    const closesHole = text[at] === '}' && depths.at(-1) === depth
    const end = closesHole ? templateEnd(text, at + 1) : literalEnd(text, at, out)
    if (closesHole) depths.pop()
    if (end === at) {
      if (text[at] === '{') depth += 1
      if (text[at] === '}') depth -= 1
      out += text[at++]
      continue
    }
    if (text.slice(at, end).endsWith('${') && (closesHole || text[at] === '`')) depths.push(depth)
    out += blank(text.slice(at, end))
    at = end
  }
  return out
}

/** Keeps the first and the last character, so that a quote still shows where a string was. */
function blank(part: string): string {
  if (part.length < 3 || part.startsWith('//') || part.startsWith('/*'))
    return part.replace(/[^\n]/g, part.length < 3 ? '$&' : ' ')
  return (part[0] ?? '') + part.slice(1, -1).replace(/[^\n]/g, ' ') + part.at(-1)
}

/** Where the comment, string, template or pattern that starts here ends; `at` itself where none does. */
function literalEnd(text: string, at: number, before: string): number {
  const two = text.slice(at, at + 2)
  if (two === '//') return ending(text.indexOf('\n', at), text)
  if (two === '/*') return ending(text.indexOf('*/', at) + 2, text)
  if (text[at] === "'" || text[at] === '"') return quoteEnd(text, at + 1, text[at] ?? '')
  if (text[at] === '`') return templateEnd(text, at + 1)
  if (text[at] === '/' && /(^|[(,=:[!&|?{};+\-*%<>~^]|\breturn|\btypeof|=>)\s*$/.test(before.slice(-20)))
    return patternEnd(text, at + 1)
  return at
}

function ending(at: number, text: string): number {
  return at < 1 ? text.length : at
}

function quoteEnd(text: string, from: number, quote: string): number {
  let at = from
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

/** The end of a template, or the start of the next `${` in it. */
function templateEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== '`' && text.slice(at, at + 2) !== '${') at += text[at] === '\\' ? 2 : 1
  return at + (text[at] === '`' ? 1 : 2)
}

function patternEnd(text: string, from: number): number {
  let at = from
  let inClass = false
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true
    if (text[at] === ']') inClass = false
    at += text[at] === '\\' ? 2 : 1
  }
  return at + 1
}
