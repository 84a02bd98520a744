import { type FormattingOptions, format, type Node, type Range, type Edit as Stretch } from 'jsonc-parser'

/* What jsonc-parser's `modify` does to one member of an object, done to many of them at once: each of its edits reads the whole text. */

/** What shall stand under a key; undefined takes it out. */
type MemberEdit = readonly [key: string, value: unknown]

/** The text after members of one object in it have changed, each key once. The lines on which one comes or goes are laid out anew. */
export function withMembers(
  json: string,
  holder: Node,
  { edits, layout }: { edits: readonly MemberEdit[]; layout: FormattingOptions },
): string {
  const members = membersOf(holder)
  const coming = edits.filter(([key, value]) => !members.has(key) && value !== undefined)
  const going = new Set(edits.flatMap(([key, value]) => (value === undefined ? (members.get(key) ?? []) : [])))
  const moves = [...goingFrom(holder, going), ...comingTo(holder, { coming, going })]
  const all = [...edits.flatMap(([key, value]) => valueIn(members.get(key), value)), ...moves]
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

/** Members go with what stands between them and the one before that stays, or where none stays before them, the one behind. */
function goingFrom({ offset, children = [] }: Node, going: ReadonlySet<Node>): Stretch[] {
  const stretches: Stretch[] = []
  let from = offset + 1
  let to: number | undefined
  let isFirst = true
  for (const member of children) {
    if (going.has(member)) to = endOf(member)
    else {
      if (to !== undefined) stretches.push(without(from, isFirst ? member.offset : to))
      from = endOf(member)
      to = undefined
      isFirst = false
    }
  }
  return to === undefined ? stretches : [...stretches, without(from, to)]
}

function endOf({ offset, length }: Node): number {
  return offset + length
}

function without(from: number, to: number): Stretch {
  return { offset: from, length: to - from, content: '' }
}

function comingTo(
  { offset, children = [] }: Node,
  { coming, going }: { coming: readonly MemberEdit[]; going: ReadonlySet<Node> },
): Stretch[] {
  if (coming.length === 0) return []
  const last = children.at(-1)
  const comma = going.size < children.length ? ',' : ''
  const content = comma + coming.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(',')
  return [{ offset: last === undefined ? offset + 1 : endOf(last), length: 0, content }]
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
