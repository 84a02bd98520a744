import type { Import, Source } from './sources.js'

/** What each part may import, besides itself. docs/architecture.md draws it. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  main: ['cli', 'commands', 'ui', 'io', 'model'],
  cli: ['commands', 'ui', 'io', 'model'],
  index: ['library', 'model'],
  agentos: ['library', 'model'],
  library: ['operations', 'io', 'model'],
  commands: ['operations', 'model'],
  operations: ['resolve', 'intake', 'plan', 'policy', 'targets', 'state', 'model'],
  resolve: ['layout', 'transport', 'model'],
  transport: ['io', 'model'],
  state: ['io', 'model'],
  intake: ['io', 'model'],
  layout: ['model'],
  plan: ['model'],
  policy: ['model'],
  targets: ['model'],
  ui: ['model'],
  io: ['model'],
  model: [],
}

/** The folders of `operations/`, from the lowest up: each imports itself and those before it. Beside them lies a file for each command, and a
    folder of its name where one file is not enough; these import all. */
export const floors: readonly string[] = [
  'signing',
  'project',
  'session',
  'fetch',
  'places',
  'up-to-date',
  'judge',
  'gather',
  'change',
]

/** Only these touch the world; the rest gets it passed in. */
const edges = ['main', 'cli', 'io']

const worldly =
  /^node:(fs|net|http|https|http2|tls|dns|dgram|child_process|worker_threads|cluster|os|readline|timers)(\/|$)/

const worldlyWords: readonly [pattern: RegExp, what: string][] = [
  [/(?<![.\w$])process\s*(\?\.|\.|\[)/, 'process'],
  [/(?<![.\w$])(globalThis)\b/, 'globalThis'],
  [/(?:\bawait|\breturn|[=(,]|=>)\s*fetch\(/, 'fetch'],
  [/\bDate\.now\b/, 'the clock'],
  [/\bnew Date\(\s*\)/, 'the clock'],
  [/\bperformance\.now\b/, 'the clock'],
  [/\bMath\.random\b/, 'chance'],
  [/(?<![.\w$])console\./, 'the console'],
]

/** Packages that cost tens of milliseconds to load: only `await import('…')` may name them. */
const heavy = /^(yaml|tar|isomorphic-git|ora|pacote|ajv|@inquirer\/.*|@sigstore\/.*|typescript|diff|smol-toml)(\/|$)/

export const longest = { file: 300, function: 40 }

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : path.replace(/\.ts$/, '')
}

/** Every rule below answers one line a violation. */
export function layerViolations(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports }) => {
    const allowed = layers[roomOf(path)]
    if (allowed === undefined) return [`${path}: no row of the table says what ${roomOf(path)} may import`]
    const wrong = imports.filter(
      ({ own, from }) => own && roomOf(from) !== roomOf(path) && !allowed.includes(roomOf(from)),
    )
    return wrong.map(({ from }) => `${path} imports ${from}`)
  })
}

export function floorViolations(sources: readonly Source[]): string[] {
  const commands = new Set(sources.map(({ path }) => path))
  return sources.flatMap(({ path, imports }) => {
    const own = folderOf(path)
    if (own === undefined || commands.has(`operations/${own}.ts`)) return []
    const below = floors.slice(0, floors.indexOf(own) + 1)
    if (below.length === 0) return [`${path}: neither a command nor a floor is called ${own}`]
    const isBelow = (from: string) => below.includes(folderOf(from) ?? '')
    const wrong = imports.filter((each) => each.own && roomOf(each.from) === 'operations' && !isBelow(each.from))
    return wrong.map(({ from }) => `${path} imports ${from}`)
  })
}

/** A folder of `operations/`. */
function folderOf(path: string): string | undefined {
  return /^operations\/([^/]+)\//.exec(path)?.[1]
}

export function worldViolations(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !edges.includes(roomOf(path)))
    .flatMap(({ path, imports, code }) => {
      const modules = imports.filter(({ from }) => worldly.test(from)).map(({ from }) => `${path} imports ${from}`)
      const words = worldlyWords.filter(([pattern, what]) => pattern.test(code) && !binds(code, what))
      return [...modules, ...words.map(([, what]) => `${path} uses ${what}`)]
    })
}

/** A name that the module gives to something of its own: `{ fetch }`, `const fetch`, `function fetch`. */
function binds(code: string, name: string): boolean {
  return new RegExp(`[{,]\\s*${name}\\s*[,}]|\\b(const|function) ${name}\\b`).test(code)
}

export function heavyViolations(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ from, own, eager }) => eager && !own && heavy.test(from))
      .map(({ from }) => `${path} loads ${from} at start`),
  )
}

/** Each cycle once, from its first member in code-unit order. Types count: a cycle of types is a cycle of ideas. */
export function cycles(sources: readonly Source[]): string[] {
  const next = new Map(
    sources.map(({ path, imports }) => [path, imports.filter(({ own }) => own).map(({ from }) => from)]),
  )
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, trail: string[]) => {
    if (trail.includes(path)) found.add(named(trail.slice(trail.indexOf(path))))
    if (trail.includes(path) || done.has(path)) return
    for (const to of next.get(path) ?? []) visit(to, [...trail, path])
    done.add(path)
  }
  for (const path of next.keys()) visit(path, [])
  return [...found]
}

function named(cycle: readonly string[]): string {
  const first = cycle.indexOf([...cycle].sort()[0] ?? '')
  const turned = [...cycle.slice(first), ...cycle.slice(0, first)]
  return [...turned, turned[0]].join(' → ')
}

const entries = ['main.ts', 'index.ts', 'agentos.ts', 'cli/complete.ts']

/** An export is used where another module of src takes it, or where a test takes what its own module uses too. */
export function unusedExports(sources: readonly Source[], others: readonly Source[] = []): string[] {
  return sources
    .filter(({ path }) => !entries.includes(path))
    .flatMap((each) => {
      const taken = sources.filter(({ path }) => path !== each.path).flatMap((from) => takenBy(from, each))
      const tested = others.flatMap((from) => takenBy(from, each))
      const used = (name: string) => taken.includes(name) || (tested.includes(name) && occurrences(each, name) > 1)
      return each.exports.filter((name) => !used(name)).map((name) => `${each.path}: nothing uses ${name}`)
    })
}

function takenBy(from: Source, target: Source): readonly string[] {
  return from.imports
    .filter((each) => endOf(each) === target.path)
    .flatMap(({ names }) => names ?? target.exports.filter((name) => occurrences(from, name) > 0))
}

/** Tests and scripts reach into src by a longer way. */
function endOf({ from }: Import): string {
  return from.replace(/^(\.\.\/)*src\//, '')
}

function occurrences({ code }: Source, name: string): number {
  return code.match(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, 'g'))?.length ?? 0
}

export function longFiles(sources: readonly Source[]): string[] {
  return sources
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > longest.file)
    .map(({ path, lines }) => `${path} has ${lines} lines`)
}

/** The formatter indents: a function ends at the next line that starts with `}` as far in as it began. Lines of text that it writes, in another
    language, do not count. */
export function longFunctions(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, code }) => {
    const lines = code.split('\n')
    return lines.flatMap((line, at) => {
      const start = /^(\s*)(?:export )?(?:async )?(?:function\*? (\w+)|const (\w+) = .*=> \{$)/.exec(line)
      if (!start) return []
      const end = lines.findIndex((each, i) => i > at && each.startsWith(`${start[1]}}`))
      const length = lines.slice(at, end + 1).filter((each) => each.trim() !== '').length
      return length > longest.function ? [`${path}: ${start[2] ?? start[3]} has ${length} lines`] : []
    })
  })
}
