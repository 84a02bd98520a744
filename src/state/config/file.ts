import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Document } from 'yaml'
import type { Disk } from '../../model/disk.js'
import { fail, HaalError } from '../../model/errors.js'
import { parseJson } from '../../model/json.js'
import { configurations, demandConfig } from '../../model/manifest.js'
import { conflictLine } from '../lockfile.js'

/** Where a project's configuration is found, in this order. */
const places = [...configurations, 'package.json'] as const

/** A configuration as data, and the file it came from. */
interface ConfigFile {
  file: string
  value: unknown
}

/** Finds and reads the configuration of a project; `named` is the file that a person gave with --config. Throws E_CONFIG_PARSE with file and
    position, E_CONFIG where the named file does not exist. */
export async function readConfig(
  disk: Disk,
  { root, named }: { root: string; named?: string },
): Promise<ConfigFile | undefined> {
  if (named !== undefined) return { file: named, value: await readNamed(disk, named) }
  const first = path.join(root, places[0])
  const text = disk.text(first)
  if (text !== undefined) return { file: first, value: readJson(text, places[0]) }
  return search(disk, root)
}

/** Whether a configuration is JSON: by its name or, where that does not tell (`.haalrc`), by how it begins. */
export function isJson(file: string, text: string): boolean {
  return /\.json$/.test(file) || (!/\.ya?ml$/.test(file) && /^\s*(?:[{[]|\/[/*])/.test(text))
}

/** What a configuration that is code exports. It runs only because a person named this very file. Throws E_CONFIG, E_CONFIG_PARSE. */
export async function readCode(disk: Disk, file: string): Promise<unknown> {
  const name = path.basename(file)
  const text = textOf(disk, file)
  try {
    const module = await imported(file, text)
    return module.default ?? module.config ?? fail('E_CONFIG', `${name} has no default export`)
  } catch (cause) {
    if (cause instanceof HaalError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (cause instanceof SyntaxError) return fail('E_CONFIG_PARSE', `${name}: ${message}`, { cause })
    return fail('E_CONFIG', `${name} does not load: ${message}`, {
      hint:
        code === 'ERR_UNKNOWN_FILE_EXTENSION'
          ? 'what it imports must be JavaScript, or Node.js 22.18 or newer'
          : undefined,
      cause,
    })
  }
}

/** haal's own JSON files may have comments; nothing else of JSON is loosened. */
export function readJson(text: string, shown: string): unknown {
  refuseConflict(text, shown)
  return parseJson(text, shown, {
    syntax: 'E_CONFIG_PARSE',
    key: 'E_CONFIG_PARSE',
    comments: true,
  })
}

/** Throws E_CONFIG_PARSE where git has left its conflict markers. */
export function refuseConflict(text: string, shown: string): void {
  const line = conflictLine(text)
  if (line !== undefined)
    fail('E_CONFIG_PARSE', `${shown}:${line} has git conflict markers`, {
      hint: 'resolve them by hand; haal.lock can then be left to: haal install',
    })
}

/** By hand: a library that looks for configurations runs what it finds in `.config/config.js`, and follows imports to code. */
async function search(disk: Disk, root: string): Promise<ConfigFile | undefined> {
  for (const place of places.slice(1)) {
    const file = path.join(root, place)
    const text = disk.text(file) ?? ''
    const value = text.trim() === '' ? undefined : await readPlace(text, place)
    if (value !== undefined && value !== null) return { file, value }
  }
  return undefined
}

/** A package.json that does not speak of haal is not haal's to judge. */
async function readPlace(text: string, place: string): Promise<unknown> {
  if (!isJson(place, text)) return readYaml(text, place)
  if (place !== 'package.json') return readJson(text, place)
  return text.includes('"haal"') ? (readJson(text, place) as { haal?: unknown } | null)?.haal : undefined
}

/** As it would be found; a package.json may come to speak of haal. */
async function readNamed(disk: Disk, file: string): Promise<unknown> {
  const value = await readPlace(textOf(disk, file), path.basename(file))
  return value === undefined ? {} : value
}

function textOf(disk: Disk, file: string): string {
  demandConfig(disk, file)
  return disk.text(file) ?? ''
}

/** Node's own way first; older ones know no types. */
async function imported(file: string, text: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>
  } catch (e) {
    const { code = '' } = e as NodeJS.ErrnoException
    const isTypes = /^ERR_(UNKNOWN_FILE_EXTENSION|UNSUPPORTED_TYPESCRIPT_SYNTAX)$/.test(code)
    if (!isTypes || !/\.m?ts$/.test(file)) throw e
    return (await import('../../io/typescript.js')).importTypescript(file, text)
  }
}

interface Problem {
  pos: readonly [from: number, ...more: number[]]
  message: string
}

async function readYaml(text: string, shown: string): Promise<unknown> {
  refuseConflict(text, shown)
  if (text.length > longestYaml)
    fail('E_CONFIG_PARSE', `${shown} is longer than the ${longestYaml} characters of YAML that haal reads`, {
      hint: 'write it as JSON',
    })
  const document = await parseYaml(text)
  const theirs = [
    ...document.errors.map(inOurWords('is not valid YAML')),
    ...document.warnings.map(inOurWords('is more than plain YAML')),
  ]
  const [problem] = [...theirs, ...(await wrongKeys(document))]
  if (problem !== undefined) fail('E_CONFIG_PARSE', `${shown}:${placeIn(text, problem.pos[0])} ${problem.message}`)
  return parseJson(JSON.stringify(plain(document, shown)), shown, { syntax: 'E_CONFIG_PARSE', key: 'E_CONFIG_PARSE' })
}

/** A problem that the library has, `what` in short. */
function inOurWords(what: string): (problem: Problem) => Problem {
  return ({ pos, message }) => {
    const [, ours] = aboutItself.find(([said]) => said.test(message)) ?? []
    return { pos, message: ours ?? `${what}: ${message.charAt(0).toLowerCase()}${message.slice(1)}` }
  }
}

/** Problems for which the library's own message speaks of the library, and what haal says instead. */
const aboutItself: readonly (readonly [RegExp, string])[] = [
  [/call stack/, 'is nested too deep'],
  [/multiple documents/, 'has a second document (---), and haal reads one'],
]

/** In characters. To read YAML takes a thousand times the memory and the time of JSON. */
const longestYaml = 256 * 1024

/** Neither looks for keys that are used twice nor for the lines of errors: both take the library the square of the length. What a tag makes a set
    or a list of pairs could be read and not edited: only plain ones are known. */
export async function parseYaml(text: string): Promise<Document.Parsed> {
  const { parseDocument } = await import('yaml')
  const quick = { uniqueKeys: false, prettyErrors: false }
  return parseDocument(text, { schema: 'core', resolveKnownTags: false, logLevel: 'error', ...quick })
}

async function wrongKeys(document: Document): Promise<Problem[]> {
  const { isScalar, visit } = await import('yaml')
  const wrong: Problem[] = []
  visit(document, {
    Map: (_, { items, range }) => {
      const seen = new Set<string>()
      for (const { key } of items) {
        const word = isScalar(key) ? String(key.value) : undefined
        const pos = [(isScalar(key) ? key.range : range)?.[0] ?? 0] as const
        if (word === undefined) wrong.push({ pos, message: 'has a key that is no word' })
        else if (seen.has(word)) wrong.push({ pos, message: `has the key "${word}" twice` })
        else seen.add(word)
      }
    },
  })
  return wrong
}

function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`
}

/** An alias may stand for a tree a million times its size. */
function plain(document: Document, shown: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (cause) {
    return fail('E_CONFIG_PARSE', `${shown} has an alias (*name), which haal does not follow`, {
      hint: 'write out what it stands for',
      cause,
    })
  }
}
