import {
  createScanner,
  type FormattingOptions,
  format,
  type Node,
  type Range,
  type Edit as Stretch,
} from 'jsonc-parser'

/* What jsonc-parser's `modify` does to one member of an object, done to many of them at once: each of its edits reads the whole text, and takes
   the comments of members beside it along. */

/** What shall stand under a key; undefined takes it out. */
type MemberEdit = readonly [key: string, value: unknown]

/** The text after members of one object in it have changed, each key once: some come, or some change and go. With one that goes go the comments
    behind it on its line, no others. The lines on which one comes are laid out anew. */
export function withMembers(
  json: string,
  holder: Node,
  { edits, layout }: { edits: readonly MemberEdit[]; layout: FormattingOptions },
): string {
  const members = membersOf(holder)
  const coming = edits.filter(([key, value]) => !members.has(key) && value !== undefined)
  const going = new Set(edits.flatMap(([key, value]) => (value === undefined ? (members.get(key) ?? []) : [])))
  const tails = (holder.children ?? []).map((member) => tailOf(json, endOf(member)))
  const start = tails.length === 0 ? lastComment(json, holder) : tailOf(json, holder.offset + 1)
  const change = { json, holder, start, tails, going }
  const moves = coming.length === 0 ? [] : comingTo(change, coming, layout.eol ?? '\n')
  const values = edits.flatMap(([key, value]) => valueIn(members.get(key), value))
  const all = [...values, ...endingOf(change, goingFrom(change)), ...moves]
  const edited = spliced(json, all)
  const lines = linesOf(edited, placesOf(all, new Set(moves)))
  return spliced(
    edited,
    lines.flatMap((line) => format(edited, line, layout)),
  )
}

/** The text with stretches of it replaced. Of two at one place the first given comes first. */
export function spliced(text: string, stretches: readonly Stretch[]): string {
  const parts: string[] = []
  let end = 0
  for (const { offset, length, content } of inOrder(stretches)) {
    parts.push(text.slice(end, offset), content)
    end = offset + length
  }
  return [...parts, text.slice(end)].join('')
}

function inOrder(stretches: readonly Stretch[]): Stretch[] {
  return stretches.toSorted((a, b) => a.offset - b.offset)
}

/** Of a key that is there twice the first member counts. */
function membersOf({ children = [] }: Node): Map<unknown, Node> {
  return new Map(children.toReversed().map((member) => [member.children?.[0]?.value, member]))
}

function valueIn(member: Node | undefined, value: unknown): Stretch[] {
  const old = member?.children?.[1]
  if (old === undefined || value === undefined) return []
  return [{ offset: old.offset, length: old.length, content: JSON.stringify(value) }]
}

/** What follows a member: its comma, and where the comments on its line end. */
interface Tail {
  comma?: number
  end: number
  /** It ends with a comment to the end of the line. */
  isLine: boolean
}

function tailOf(json: string, from: number): Tail {
  const scanner = createScanner(json, false)
  scanner.setPosition(from)
  let tail: Tail = { end: from, isLine: false }
  let on = tail
  for (let kind = scanner.scan(); ; kind = scanner.scan()) {
    const end = scanner.getPosition()
    if (kind === tokens.comma && on.comma === undefined) on = tail = { comma: end - 1, end, isLine: false }
    else if (kind === tokens.line || kind === tokens.block) on = { ...on, end, isLine: kind === tokens.line }
    else if (kind === tokens.newline) {
      if (tail.comma !== undefined || nextToken(json, end) !== ',') return on
    } else if (kind !== tokens.space) return kind === tokens.close ? on : tail
  }
}

/** What stands in an object without members, as if it were a tail of its bracket's. */
function lastComment(json: string, { offset, length }: Node): Tail {
  const scanner = createScanner(json, false)
  scanner.setPosition(offset + 1)
  let tail: Tail = { end: offset + 1, isLine: false }
  let isBelow = false
  for (let kind = scanner.scan(); scanner.getTokenOffset() < offset + length - 1; kind = scanner.scan()) {
    if (kind === tokens.newline) isBelow = true
    if (kind === tokens.line || kind === tokens.block)
      tail = { end: scanner.getPosition(), isLine: isBelow || kind === tokens.line }
  }
  return tail
}

/** The first character from there on that is neither white space nor in a comment. */
function nextToken(json: string, from: number): string | undefined {
  const scanner = createScanner(json, true)
  scanner.setPosition(from)
  scanner.scan()
  return json[scanner.getTokenOffset()]
}

/** jsonc-parser's numbers for kinds of tokens; they are a const enum, which has no values at run time. */
const tokens = { close: 2, comma: 5, line: 12, block: 13, newline: 14, space: 15 } as const

interface Change {
  json: string
  holder: Node
  /** Of the bracket that opens it. */
  start: Tail
  tails: readonly Tail[]
  going: ReadonlySet<Node>
}

function goingFrom({ json, holder, start, tails, going }: Change): Stretch[] {
  const gone: Stretch[] = []
  let before = start
  for (const [i, member] of (holder.children ?? []).entries()) {
    const tail = tails[i] ?? before
    if (going.has(member)) {
      const { stretch, isLine } = cut(json, member, [before, tail])
      gone.push(stretch)
      before = { end: tail.end, isLine }
    } else before = tail
  }
  return gone
}

/** With a member goes the white space before it, back to what stands there. What follows it does not come to stand in a comment. */
function cut(
  json: string,
  { offset }: Node,
  [before, { end }]: readonly [Tail, Tail],
): { stretch: Stretch; isLine: boolean } {
  const scanner = createScanner(json, false)
  scanner.setPosition(before.end)
  let { end: from, isLine } = before
  for (let kind = scanner.scan(); scanner.getTokenOffset() < offset; kind = scanner.scan())
    if (kind === tokens.line || kind === tokens.block) {
      from = scanner.getPosition()
      isLine = kind === tokens.line
    }
  scanner.setPosition(end)
  const next = scanner.scan()
  const after = next === tokens.space ? scanner.scan() : next
  const isClear = !isLine || after === tokens.newline
  return isClear ? { stretch: without(from, end), isLine } : { stretch: without(offset, end), isLine: false }
}

/** With what goes: the comma of the last that stays, or all white space where nothing is left. */
function endingOf({ json, holder, tails, going }: Change, gone: readonly Stretch[]): Stretch[] {
  const { offset, children = [] } = holder
  const close = endOf(holder) - 1
  if (gone.length === 0) return []
  if (gone.length === children.length) {
    const isEmpty =
      spliced(json.slice(0, close), gone)
        .slice(offset + 1)
        .trim() === ''
    return isEmpty ? [without(offset + 1, close)] : [...gone]
  }
  const last = children.findLastIndex((member) => !going.has(member))
  const comma = last < children.length - 1 ? tails[last]?.comma : undefined
  return comma === undefined ? [...gone] : [...gone, without(comma, comma + 1)]
}

function endOf({ offset, length }: Node): number {
  return offset + length
}

function without(from: number, to: number): Stretch {
  return { offset: from, length: to - from, content: '' }
}

/** At the end, behind the comments on the line of the last one; pins behind artifacts. */
function comingTo({ holder, start, tails }: Change, coming: readonly MemberEdit[], eol: string): Stretch[] {
  const { children = [] } = holder
  const content = coming.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',')
  const artifacts = children.findIndex((member) => member.children?.[0]?.value === 'artifacts')
  const beside = artifacts < children.length - 1 ? tails[artifacts] : undefined
  const { end, isLine } = beside ?? tails.at(-1) ?? start
  const stretch = { offset: end, length: 0, content: (isLine ? eol : '') + content + (beside === undefined ? '' : ',') }
  const last = beside === undefined ? children.at(-1) : undefined
  return last === undefined ? [stretch] : [{ offset: endOf(last), length: 0, content: ',' }, stretch]
}

/** Where some of all stretches lie once all of them have been replaced. */
function placesOf(all: readonly Stretch[], some: ReadonlySet<Stretch>): Range[] {
  const places: Range[] = []
  let shift = 0
  for (const each of inOrder(all)) {
    const { offset, length, content } = each
    if (some.has(each)) places.push({ offset: offset + shift, length: content.length })
    shift += content.length - length
  }
  return places
}

/** The lines on which places lie, those that touch each other as one. */
function linesOf(text: string, places: readonly Range[]): Range[] {
  const lines: Range[] = []
  for (const { offset, length } of places) {
    let from = offset
    let to = offset + length
    while (from > 0 && !isEnd(text[from - 1])) from -= 1
    while (to < text.length && !isEnd(text[to])) to += 1
    const last = lines.at(-1)
    if (last === undefined || from > last.offset + last.length) lines.push({ offset: from, length: to - from })
    else last.length = to - last.offset
  }
  return lines
}

function isEnd(character: string | undefined): boolean {
  return character === '\n' || character === '\r'
}
