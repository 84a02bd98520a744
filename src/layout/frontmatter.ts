import type { Pair, Scalar } from 'yaml'
import { isRecord } from '../model/json.js'
import { isReserved } from '../model/names.js'
import { plainValues } from './frontmatter-plain.js'

/** Longest head that is read, in bytes. */
const longest = 16 * 1024
const deepest = 32

/** What stands between the two `---` at the top of a file. Scalars are text as it was written: `1.0` is no number here. */
export interface Head {
  values: Readonly<Record<string, unknown>>
  /** Why it cannot be read, or that there is none; `values` is empty then. */
  problem?: string
  /** There is none at all, which only some kinds need. */
  absent?: true
}

/** Reads a YAML head. Nothing in it is ever run, built or expanded: a fence that names a language, a tag, an alias, a key used twice, a second
    document or text that is not YAML is a problem to tell, not an error. Never throws. */
export async function readHead(bytes: Uint8Array): Promise<Head> {
  const cut = headText(bytes)
  if ('problem' in cut) return { values: {}, ...cut }
  const plain = plainValues(cut.text)
  return plain === undefined ? parsed(cut.text) : { values: plain }
}

/** A value as text, where it is text and not blank. */
export function textOf(values: Readonly<Record<string, unknown>> | undefined, key: string): string | undefined {
  const value = values && Object.hasOwn(values, key) ? values[key] : undefined
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** What a head says under `metadata`, where the Agent Skills format keeps all that is none of its own. */
export function metadataOf(values: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> | undefined {
  const value = values && Object.hasOwn(values, 'metadata') ? values.metadata : undefined
  return isRecord(value) ? value : undefined
}

type Cut = { text: string } | { problem: string; absent?: true }

function headText(bytes: Uint8Array): Cut {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, longest + 8)).toString('utf8')
  const [, fence = '', rest = ''] = /^\ufeff?([^\n]*)(.*)$/s.exec(start) ?? []
  if (!fence.startsWith('---')) return { problem: 'has no head: it does not start with ---', absent: true }
  if (fence.trimEnd() !== '---')
    return { problem: `starts with ${JSON.stringify(withoutReturns(fence).slice(0, 40))}, and only plain --- is read` }
  const end = fenceLine.exec(rest)
  if (end === null)
    return { problem: bytes.length > longest ? `has a head longer than ${longest} bytes` : 'has a head without an end' }
  const head = rest.slice(1, end.index)
  if (/(?:^|\n)\.\.\.[^\S\n]*(?:\n|$)/.test(head) || hasSecond(rest.slice(end.index + end[0].length + 1)))
    return { problem: 'has two documents in its head' }
  return { text: withoutReturns(head) }
}

/** A line of nothing but `---`, with the end of the line before it. Most of a file is never taken apart into lines. */
const fenceLine = /\n---[^\S\n]*(?=\n|$)/

function withoutReturns(text: string): string {
  return text.replace(/\r(?=\n|$)/g, '')
}

/** Keys a head has; a body that starts with one, and has another fence after it, is a second head. */
const headAgain =
  /^(?:---[^\S\n]*\n)?(?:name|description|version|licen[cs]e|metadata|allowed-tools|author|compatibility):(?=\s|$)/

function hasSecond(body: string): boolean {
  const [first] = headAgain.exec(body) ?? []
  return first !== undefined && fenceLine.test(body.slice(first.length))
}

/** Brackets or dashes in a row open one level each; the library takes long over thousands. */
const tooDeep = /(?:[[{]\s*){33}|(?:[-?] ){33}/

async function parsed(text: string): Promise<Head> {
  if (tooDeep.test(text)) return { values: {}, problem: `has a head that is nested deeper than ${deepest}` }
  const yaml = await import('yaml')
  const document = yaml.parseDocument(text, {
    schema: 'core',
    strict: true,
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const [wrong] = [...document.errors, ...document.warnings]
  if (wrong && /call stack/.test(wrong.message))
    return { values: {}, problem: `has a head that is nested deeper than ${deepest}` }
  if (wrong !== undefined) return { values: {}, problem: `has a head that is not YAML: ${firstLine(wrong.message)}` }
  if (document.contents === null) return { values: {} }
  const { value, problem } = plainOf(document.contents, yaml)
  if (problem !== undefined) return { values: {}, problem: `has a head that ${problem}` }
  return isRecord(value) ? { values: value } : { values: {}, problem: 'has a head that is no list of keys' }
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').toLowerCase()
}

const coreTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`))

/** A YAML tree as plain values: scalars as text, nulls left out. */
function plainOf(root: unknown, yaml: typeof import('yaml')): { value?: unknown; problem?: string } {
  let problem: string | undefined
  const wrong = (what: string): undefined => {
    problem ??= what
    return undefined
  }
  const value = (node: unknown, depth: number): unknown => {
    if (depth > deepest) return wrong(`is nested deeper than ${deepest}`)
    if (yaml.isAlias(node)) return wrong('uses an alias')
    if (yaml.isNode(node) && node.tag !== undefined && !coreTags.has(node.tag)) return wrong(`uses the tag ${node.tag}`)
    if (yaml.isScalar(node)) return scalar(node)
    if (yaml.isSeq(node)) return node.items.map((item) => value(item, depth + 1)).filter((item) => item !== undefined)
    return yaml.isMap(node) ? map(node.items, depth) : undefined
  }
  const scalar = ({ value: is, source }: Scalar): unknown => {
    if (is === null || is === undefined) return undefined
    return typeof is === 'string' ? is : (source ?? String(is))
  }
  const map = (items: readonly Pair[], depth: number): Record<string, unknown> => {
    const seen = new Map<string, unknown>()
    for (const { key, value: under } of items) {
      const word = yaml.isScalar(key) ? scalar(key) : undefined
      if (typeof word !== 'string') wrong('has a key that is no word')
      else if (isReserved(word)) wrong(`uses the key "${word}"`)
      else if (seen.has(word)) wrong(`has the key "${word}" twice`)
      else seen.set(word, value(under, depth + 1))
    }
    return Object.fromEntries([...seen].filter(([, each]) => each !== undefined))
  }
  const plain = value(root, 0)
  return problem === undefined ? { value: plain } : { problem }
}
