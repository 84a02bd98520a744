import { type Node, type ParseError, parseTree, printParseErrorCode, visit } from 'jsonc-parser'
import { type Style, styleOf } from './json-text.js'
import { refuse } from './shared-text.js'

/** JSON with comments in pieces: printed one after another they are the text that was read. */
export interface JsonTree {
  before: string
  root: Holder
  after: string
  style: Pick<Style, 'indent' | 'eol'>
}

/** An object or a list. */
export interface Holder {
  type: 'object' | 'array'
  members: Member[]
  /** What stands between the last member, or the bracket that opens it, and the one that closes it. */
  end: string
  /** Whose value it is; the root is nobody's. */
  above: Member | undefined
}

export interface Member {
  holder: Holder
  /** Members of a holder are in the order of these. */
  rank: number
  /** What stands between it and the member before it, the comma too. */
  lead: string
  /** Of an object's member, with the text up to its value. */
  key?: string
  head: string
  value: Holder | Leaf
}

interface Leaf {
  type: 'leaf'
  text: string
  plain: unknown
}

/** Throws E_CONFLICT where the text is no JSON object. */
export function readTree(text: string, source: string): JsonTree {
  refuseDepth(text, source)
  const errors: ParseError[] = []
  const node = parseTree(text.replace(/^\ufeff/, ' '), errors, { allowTrailingComma: true })
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
  const root = node && valueAt(node, text, undefined)
  if (root?.type !== 'object')
    return refuse(`${source} is no JSON object; haal does not write into it`, 'put an object into it: {}', source)
  const { offset = 0, length = 0 } = node ?? {}
  return { before: text.slice(0, offset), root, after: text.slice(offset + length), style: styleOf(text) }
}

/** The same member with another value, whose text is JSON for certain. */
export function withText(member: Omit<Member, 'value'>, text: string): Member {
  const node = parseTree(text)
  return withValue(member, (made) => (node === undefined ? nothing : valueAt(node, text, made)))
}

export function printTree({ before, root, after }: JsonTree): string {
  return `${before}${printValue(root)}${after}`
}

export function printValue(value: Member['value']): string {
  if (value.type === 'leaf') return value.text
  const [open, close] = value.type === 'object' ? '{}' : '[]'
  return [open, ...value.members.map(printMember), value.end, close].join('')
}

function printMember({ lead, head, value }: Member): string {
  return `${lead}${head}${printValue(value)}`
}

/** What a value is, without the layout. Keys that reach an object's prototype are plain keys here. */
export function plain(value: Member['value']): unknown {
  if (value.type === 'leaf') return value.plain
  if (value.type === 'array') return value.members.map((member) => plain(member.value))
  return Object.fromEntries(value.members.map((member) => [member.key, plain(member.value)])) as unknown
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

const nothing: Leaf = { type: 'leaf', text: '', plain: undefined }

/** A value knows whose it is. */
function withValue(member: Omit<Member, 'value'>, valueFor: (made: Member) => Member['value']): Member {
  const made: Member = Object.assign(member, { value: nothing as Member['value'] })
  made.value = valueFor(made)
  return made
}

function valueAt(node: Node, text: string, above: Member | undefined): Member['value'] {
  const { type, offset, length, children = [] } = node
  const close = offset + length
  if (type !== 'object' && type !== 'array')
    return { type: 'leaf', text: text.slice(offset, close), plain: node.value as unknown }
  const holder: Holder = { type, members: [], end: '', above }
  let behind = offset + 1
  for (const child of children) {
    holder.members.push(memberOf(child, text, { holder, behind }))
    behind = child.offset + child.length
  }
  holder.end = text.slice(behind, close - 1)
  return holder
}

function memberOf(node: Node, text: string, { holder, behind }: { holder: Holder; behind: number }): Member {
  const [key, own] = node.type === 'property' ? (node.children ?? []) : [undefined, node]
  const value = own ?? node
  const member = {
    holder,
    rank: holder.members.length,
    lead: text.slice(behind, node.offset),
    ...(key !== undefined && { key: key.value as string }),
    head: text.slice(node.offset, value.offset),
  }
  return withValue(member, (made) => valueAt(value, text, made))
}
