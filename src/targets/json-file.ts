import { isDeepStrictEqual } from 'node:util'
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode, visit } from 'jsonc-parser'
import { fail } from '../model/errors.js'
import { addTo, kept } from '../model/shared.js'
import type { Entry } from '../model/targets.js'
import { plain, plainOnce } from './json-node.js'
import { jsonText, styleOf } from './json-text.js'
import type { Json } from './json-values.js'
import { isOurItem } from './own-items.js'

/* JSON with comments, as people keep it, with a few values of haal's in it. Nothing of the rest is ever printed anew: a value comes in as one
   stretch of text and goes as that same stretch, together with the objects and lists that haal made for it. What haal has made can be told
   from what was there: haal writes something between the bracket it makes and the first thing in it (a space, or a new line), and nothing
   where it fills an empty pair of a person's. So the text alone tells how to take a value out again, on any machine. */

export type Found = 'absent' | 'same' | 'edited'

/** Whether a value of haal's is in a file. Throws E_CONFLICT where the file cannot be read, or something else stands in the value's way. */
export function findInJson(text: string, entry: Entry, source: string): Found {
  const there = locate(rootOf(text, source), entry, source)
  if (there.node === undefined) return 'absent'
  return isDeepStrictEqual(plain(there.node), entry.value) ? 'same' : 'edited'
}

/** The text of a file with one more value; a new file has what it needs besides. */
export function addToJson(
  text: string | undefined,
  entry: Entry,
  { source, scaffold = {} }: { source: string; scaffold?: Readonly<Record<string, unknown>> },
): string {
  if (text === undefined) {
    const made = { ...(nested(entry.path, entry) as Json), ...scaffold }
    return `${jsonText(made, { indent: '  ', eol: '\n', base: '' })}\n`
  }
  const { keys, holder } = locate(rootOf(text, source), entry, source)
  const [first, ...inner] = keys
  return insert(text, holder, first === undefined ? entry : { key: first, value: nested(inner, entry) })
}

/** The text with a value of the same key, or the item it stands for, replaced where it is. */
export function replaceInJson(text: string, { was, entry }: { was: Entry; entry: Entry }, source: string): string {
  const { node } = locate(rootOf(text, source), was, source)
  if (node === undefined) return addToJson(text, entry, { source })
  const { indent, eol } = styleOf(text)
  const line = text.slice(0, node.offset).lastIndexOf('\n') + 1
  const base = /^[ \t]*/.exec(text.slice(line))?.[0] ?? ''
  const isLong = text.slice(node.offset, node.offset + node.length).includes('\n')
  const written = jsonText(entry.value, isLong ? { indent, eol, base } : undefined)
  return text.slice(0, node.offset) + written + text.slice(node.offset + node.length)
}

/** The text without a value; undefined where nothing is left of a file that haal made. */
export function removeFromJson(
  text: string,
  entry: Entry,
  { source, scaffold = {} }: { source: string; scaffold?: Readonly<Record<string, unknown>> },
): string | undefined {
  const { node } = locate(rootOf(text, source), entry, source)
  if (node === undefined) return text
  let victim = memberOf(node)
  for (let holder = victim.parent; holder?.parent !== undefined; holder = victim.parent) {
    if (holder.children?.length !== 1 || !isMade(text, holder)) break
    victim = memberOf(holder)
  }
  const holder = victim.parent
  if (holder === undefined) return text
  return isMadeFile(text, { holder, victim, scaffold }) ? undefined : cut(text, holder, victim)
}

/** Each value is looked for by itself, and mostly in one and the same text: that is read once. */
let last: { text: string; root: Node } | undefined

function rootOf(text: string, source: string): Node {
  if (last?.text !== text) last = { text, root: readRoot(text, source) }
  return last.root
}

function readRoot(text: string, source: string): Node {
  refuseDepth(text, source)
  const errors: ParseError[] = []
  const root = parseTree(text.replace(/^\ufeff/, ' '), errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined) {
    const before = text.slice(0, first.offset).split('\n')
    const place = `${source}:${before.length}:${(before.at(-1) ?? '').length + 1}`
    const words = printParseErrorCode(first.error).replace(/([a-z])([A-Z])/g, '$1 $2')
    return refuse(
      `${place} is not JSON (${words.toLowerCase()}); haal does not write into it`,
      'mend the file, then run the command again',
      source,
    )
  }
  return root?.type === 'object'
    ? root
    : refuse(`${source} is no JSON object; haal does not write into it`, 'put an object into it: {}', source)
}

/** Far deeper than anybody writes, and far from what the parser's stack bears. */
const mostDepth = 256

function refuseDepth(text: string, source: string): void {
  let depth = 0
  const enter = () => {
    depth += 1
    if (depth > mostDepth)
      refuse(
        `${source} is nested deeper than ${mostDepth}; haal does not write into it`,
        'mend the file, then run the command again',
        source,
      )
  }
  const leave = () => {
    depth -= 1
  }
  visit(text, { onObjectBegin: enter, onObjectEnd: leave, onArrayBegin: enter, onArrayEnd: leave })
}

function refuse(message: string, hint: string, source: string): never {
  return fail('E_CONFLICT', message, { hint, details: { file: source } })
}

interface There {
  /** The innermost object or list on the way that is there. */
  holder: Node
  /** Keys that are missing below it. */
  keys: readonly string[]
  /** The value itself. */
  node: Node | undefined
}

function locate(root: Node, { path, value, item }: Entry, source: string): There {
  let holder = root
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1
    const next = memberNamed(holder, key, source)
    if (next === undefined) return { holder, keys: path.slice(index), node: undefined }
    if (isLast && !item) return { holder, keys: [], node: next }
    const type = isLast ? 'array' : 'object'
    if (next.type !== type)
      refuse(
        `${source}: ${path.slice(0, index + 1).join('.')} is no ${type === 'array' ? 'list' : 'object'}`,
        `make it one, or take it out`,
        source,
      )
    holder = next
  }
  const items = holder.children ?? []
  const equal = items.find((each) => isDeepStrictEqual(plainOnce(each), value))
  return { holder, keys: [], node: equal ?? items.find((each) => isOurItem(plainOnce(each), value)) }
}

function memberNamed(holder: Node, key: string, source: string): Node | undefined {
  const all = kept(members, holder, () => membersOf(holder)).get(key) ?? []
  if (all.length > 1) refuse(`${source} has the key "${key}" twice`, 'take one of them out', source)
  return all[0]?.children?.[1]
}

const members = new WeakMap<Node, ReadonlyMap<unknown, Node[]>>()

function membersOf(holder: Node): ReadonlyMap<unknown, Node[]> {
  const byKey = new Map<unknown, Node[]>()
  for (const member of holder.children ?? []) addTo(byKey, member.children?.[0]?.value, member)
  return byKey
}

/** A property as a whole, or the item of a list; the root has none. */
function memberOf(node: Node): Node {
  return node.parent?.type === 'property' ? node.parent : node
}

/** A value, or the list of an item, below keys of its own. */
function nested(keys: readonly string[], { value, item }: Entry): unknown {
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), item ? [value] : value)
}

interface Coming {
  key?: string
  value: unknown
}

/** Puts a member at the end of an object or list: behind the last one and the comment on its line, with the comma where it belongs. */
function insert(text: string, holder: Node, { key, value }: Coming): string {
  const { indent, eol } = styleOf(text)
  const last = holder.children?.at(-1)
  const base = last === undefined ? undefined : indentOf(text, last)
  const written = jsonText(value, base === undefined ? undefined : { indent, eol, base })
  const member = key === undefined ? written : `${JSON.stringify(key)}: ${written}`
  if (last === undefined) {
    const at = holder.offset + 1
    return text.slice(0, at) + member + text.slice(at)
  }
  const end = last.offset + last.length
  const { comma, tail, isLine } = behind(text, end)
  const gap = base === undefined ? (isLine ? eol : ' ') : eol + base
  if (comma === undefined) return `${text.slice(0, end)},${text.slice(end, tail)}${gap}${member}${text.slice(tail)}`
  return `${text.slice(0, tail)}${gap}${member},${text.slice(tail)}`
}

/** The white space before a member that begins its line; undefined where it stands behind something else. */
function indentOf(text: string, { offset }: Node): string | undefined {
  return /\n([ \t]*)$/.exec(text.slice(0, offset))?.[1]
}

/** What follows a member: its comma, and where the comments on its line end. */
function behind(text: string, end: number): { comma?: number; tail: number; isLine: boolean } {
  const scanner = createScanner(text, false)
  scanner.setPosition(end)
  let comma: number | undefined
  let tail = end
  let isLine = false
  for (let kind = scanner.scan(); ; kind = scanner.scan()) {
    const [from, to] = [scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength()]
    const isComment = kind === comments.line || kind === comments.block
    if (kind === tokens.comma) {
      comma = from
      tail = to
      isLine = false
    } else if (isComment && (comma === undefined || !text.slice(tail, from).includes('\n'))) {
      if (comma === undefined && text.slice(end, from).includes('\n')) continue
      tail = to
      isLine = kind === comments.line
    } else if (kind !== tokens.space && kind !== tokens.newline && !isComment) break
    else if (kind === tokens.newline && comma !== undefined) break
  }
  return { ...(comma !== undefined && { comma }), tail, isLine }
}

/** jsonc-parser's numbers for kinds of tokens; they are a const enum, which has no values at run time. */
const tokens = { comma: 5, newline: 14, space: 15 } as const
const comments = { line: 12, block: 13 } as const

/** Whether haal made this pair of brackets: it has written something before the first member, and there is no comment of anybody's. */
function isMade(text: string, holder: Node): boolean {
  const [first] = holder.children ?? []
  const last = holder.children?.at(-1)
  if (first === undefined || last === undefined) return false
  const before = text.slice(holder.offset + 1, first.offset)
  const after = text.slice(last.offset + last.length, holder.offset + holder.length - 1)
  return before !== '' && before.trim() === '' && after.trim() === ''
}

/** Whether nothing is left of a file that haal made: only what such a file needs besides, behind the value that goes. */
function isMadeFile(
  text: string,
  { holder, victim, scaffold }: { holder: Node; victim: Node; scaffold: Readonly<Record<string, unknown>> },
): boolean {
  const members = holder.children ?? []
  if (holder.parent !== undefined || members[0] !== victim || !isMade(text, holder)) return false
  const around = text.slice(0, holder.offset) + text.slice(holder.offset + holder.length)
  const rest = members.slice(1)
  const isScaffold = rest.every(({ children = [] }) => {
    const [key, value] = children
    return value !== undefined && isDeepStrictEqual(plain(value), scaffold[String(key?.value)])
  })
  return around.trim() === '' && isScaffold && rest.length === Object.keys(scaffold).length
}

/** Takes a member out: the white space before it and the comma that it needed go too. The first one leaves its place to the next. */
function cut(text: string, holder: Node, victim: Node): string {
  const members = holder.children ?? []
  const index = members.indexOf(victim)
  const [before, next] = [members[index - 1], members[index + 1]]
  const end = victim.offset + victim.length
  const own = behind(text, end).comma
  if (before === undefined && next !== undefined && own !== undefined) {
    const gap = text.slice(own + 1, next.offset)
    const to = gap.trim() === '' ? next.offset : own + 1
    return text.slice(0, victim.offset) + text.slice(end, own) + text.slice(to)
  }
  const ahead = before === undefined ? undefined : behind(text, before.offset + before.length)
  const { start, isLine } = startOf(text, ahead ?? { tail: holder.offset + 1, isLine: false }, victim)
  const gap = text.slice(start, victim.offset)
  const ending = (rest: string): string => (isLine && !/^[ \t]*(\r?\n|$)/.test(rest) ? gap + rest.trimStart() : rest)
  if (own !== undefined) return text.slice(0, start) + ending(text.slice(end, own) + text.slice(own + 1))
  const comma = ahead?.comma
  if (comma === undefined) return text.slice(0, start) + ending(text.slice(end))
  return text.slice(0, comma) + text.slice(comma + 1, start) + ending(text.slice(end))
}

/** Where the white space before a member begins that came with it. Spaces at the end of a comment are the comment's. A comment to the end of
    its line (`isLine`) would take in what follows on the member's line. */
function startOf(
  text: string,
  after: { tail: number; isLine: boolean },
  { offset }: Node,
): { start: number; isLine: boolean } {
  const scanner = createScanner(text, false)
  let { tail: start, isLine } = after
  scanner.setPosition(start)
  while (scanner.getPosition() < offset) {
    const kind = scanner.scan()
    if (kind === tokens.space || kind === tokens.newline) continue
    start = scanner.getPosition()
    isLine = kind === comments.line
  }
  return { start, isLine }
}
