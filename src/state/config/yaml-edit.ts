import { isDeepStrictEqual } from 'node:util'
import type { Document, Node, Scalar, ToStringOptions } from 'yaml'
import type { Edit } from './edit.js'
import { parseYaml } from './file.js'
import { spliced } from './json-edit.js'

/* YAML keeps the form that a person gave it: an edit replaces, adds or takes out stretches of the text. What comes of it is read again, and where it
   does not say what it should (keys below an anchor, text in blocks), the library lays the file out anew. */

/** The text after edits; those of one run are of members of one map or list. */
export async function editedYaml(text: string, runs: readonly (readonly Edit[])[]): Promise<string> {
  const wanted = await parseYaml(text)
  // Nothing but a mark where the document starts.
  if (wanted.toJS() === null) wanted.contents = null
  for (const edit of runs.flat()) change(wanted, edit)
  const yaml = await import('yaml')
  let now = text
  for (const run of runs) now = spliced(now, stretchesOf({ yaml, text: now, document: await parseYaml(now) }, run))
  const made = await parseYaml(now)
  if (made.errors.length === 0 && isDeepStrictEqual(made.toJS(), wanted.toJS())) return now
  const laidOut = wanted.toString({ lineWidth: 0 }).replaceAll('\n', lineEndOf(text))
  return text.startsWith('\ufeff') ? `\ufeff${laidOut}` : laidOut
}

function change(document: Document, { path: at, value, ifEmpty }: Edit): void {
  if (ifEmpty && !isEmpty(document, at)) return
  if (value === undefined) document.deleteIn(at)
  else document.setIn(at, value)
}

function isEmpty(document: Document, at: Edit['path']): boolean {
  return Object.keys((document.getIn(at) as { toJSON(): object } | undefined)?.toJSON() ?? {}).length === 0
}

type Yaml = typeof import('yaml')

interface Source {
  yaml: Yaml
  text: string
  document: Document
}

interface Stretch {
  offset: number
  length: number
  content: string
}

type Change = readonly [key: string | number, value: unknown]

function stretchesOf(source: Source, run: readonly Edit[]): Stretch[] {
  const [first] = run
  if (first === undefined || (first.ifEmpty && !isEmpty(source.document, first.path))) return []
  const at = first.path.slice(0, -1)
  const holder = holderAt(source, at)
  const changes = run.map(({ path: place, value }): Change => [place.at(-1) ?? '', value])
  if (holder !== undefined) return inHolder(source, holder, changes)
  const coming = changes.filter(([, value]) => value !== undefined)
  if (coming.length === 0 || at.length === 0) return []
  const isList = typeof coming[0]?.[0] === 'number'
  return stretchesOf(source, [
    { path: at, value: isList ? coming.map(([, value]) => value) : Object.fromEntries(coming) },
  ])
}

/** A map or a list in the text. */
interface Holder {
  isList: boolean
  /** Within brackets. */
  isFlow: boolean
  start: number
  end: number
  /** Of the key that it stands under. */
  colon: number | undefined
  members: readonly Member[]
}

interface Member {
  name: string | number
  key: unknown
  value: unknown
  /** Where its key begins, or in a list the dash. */
  start: number
  end: number
}

/** undefined where there is none, or none that has members. */
function holderAt(source: Source, at: Edit['path']): Holder | undefined {
  const { isMap, isScalar } = source.yaml
  const above: unknown = source.document.getIn(at.slice(0, -1), true)
  const pair = isMap(above) ? above.items.find(({ key }) => isScalar(key) && key.value === at.at(-1)) : undefined
  return holderOf(source, source.document.getIn(at, true), at.length === 0 ? undefined : pair?.key)
}

function holderOf({ yaml, text }: Source, node: unknown, key: unknown): Holder | undefined {
  const { isCollection, isPair, isScalar, isSeq } = yaml
  if (!isCollection(node) || !node.range || (node.items.length === 0 && !node.flow)) return undefined
  const isFlow = node.flow === true
  const [start, end] = node.range
  const members = node.items.flatMap((item, i): Member[] => {
    const [own, value] = isPair(item) ? [item.key, item.value] : [undefined, item]
    const [from] = rangeOf(own ?? value) ?? []
    const [, to] = rangeOf(value) ?? rangeOf(own) ?? []
    if (from === undefined || to === undefined) return []
    const place = isPair(item) || isFlow ? from : text.lastIndexOf('-', from)
    return [{ name: isScalar(own) ? String(own.value) : i, key: own, value, start: place, end: to }]
  })
  const keyEnd = rangeOf(key)?.[1]
  return { isList: isSeq(node), isFlow, start, end, members, colon: keyEnd && text.indexOf(':', keyEnd) }
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  return (node as Partial<Node> | null | undefined)?.range ?? undefined
}

function inHolder(source: Source, holder: Holder, changes: readonly Change[]): Stretch[] {
  const members = new Map(holder.members.map((member) => [member.name, member]))
  const there = changes.flatMap(([name, value]) => {
    const member = members.get(name)
    return member === undefined ? [] : [{ member, value }]
  })
  const going = new Set(there.flatMap(({ member, value }) => (value === undefined ? [member] : [])))
  const coming = changes.filter(([name, value]) => !members.has(name) && value !== undefined)
  const kept = there.filter(({ value }) => value !== undefined)
  const moved = (holder.isFlow ? inBrackets : onLines)(source, holder, { going, coming })
  return [...kept.flatMap(({ member, value }) => changed(source, { holder, member }, value)), ...moved]
}

function changed(source: Source, { holder, member }: { holder: Holder; member: Member }, value: unknown): Stretch[] {
  const { text, yaml } = source
  const [start = member.end, end = member.end] = rangeOf(member.value) ?? []
  if (yaml.isScalar(member.value) && typeof value !== 'object') {
    const { type } = member.value
    const content = print(yaml, value, { ...(isQuote(type) && { defaultStringType: type }) })
    return [{ offset: start, length: end - start, content }]
  }
  const list = Array.isArray(value) ? inList(source, member, value) : undefined
  if (list !== undefined) return list
  const made = printed(source, holder, [[member.name, value]])
  if (holder.isFlow) return [{ offset: member.start, length: member.end - member.start, content: made.join(' ') }]
  return [{ ...linesOf(text, member), content: indented(text, holder, made) }]
}

/** Where those that stay keep their order and what comes is at the end. */
function inList(source: Source, { key, value: node }: Member, value: readonly unknown[]): Stretch[] | undefined {
  const { isSeq } = source.yaml
  const list = isSeq(node) ? holderOf(source, node, key) : undefined
  if (list === undefined || !isSeq(node)) return undefined
  const now = node.toJSON() as unknown[]
  const isIn = (one: unknown, all: readonly unknown[]) => all.some((each) => isDeepStrictEqual(each, one))
  const stays = now.filter((one) => isIn(one, value))
  const comes = value.slice(stays.length)
  if (!isDeepStrictEqual([...stays, ...comes], value)) return undefined
  const gone = now.flatMap((one, i): Change[] => (isIn(one, value) ? [] : [[i, undefined]]))
  return inHolder(source, list, [...gone, ...comes.map((one, i): Change => [now.length + i, one])])
}

interface Moves {
  going: ReadonlySet<Member>
  coming: readonly Change[]
}

function onLines(source: Source, holder: Holder, { going, coming }: Moves): Stretch[] {
  const { text } = source
  const { members, isList, colon } = holder
  const gone = [...going].map((member) => linesOf(text, member))
  const last = members.at(-1)
  if (coming.length > 0 && last !== undefined) {
    const isOpen = !going.has(last) && endOfLine(text, last.end) === text.length && !text.endsWith('\n')
    const lines = indented(text, holder, printed(source, holder, coming))
    const content = isOpen ? lineEndOf(text) + lines : lines
    return [...gone, { offset: endOfLine(text, last.end), length: 0, content }]
  }
  const isLeft = going.size < members.length || colon === undefined
  return isLeft ? gone : [{ offset: colon + 1, length: 0, content: isList ? ' []' : ' {}' }, ...gone]
}

function inBrackets(source: Source, holder: Holder, { going, coming }: Moves): Stretch[] {
  const { members, start, end, isList } = holder
  const last = members.at(-1)
  const made = printed(source, holder, coming)
  const first = members.findIndex((member) => !going.has(member))
  if (first < 0 || last === undefined) {
    if (made.length === 0 && going.size === 0) return []
    const [open, close] = isList ? '[]' : '{}'
    const content = made.length === 0 ? `${open}${close}` : `${open} ${made.join(', ')} ${close}`
    return [{ offset: start, length: end - start, content }]
  }
  const gone = members.flatMap((member, i): Stretch[] => {
    if (!going.has(member)) return []
    const from = i < first ? member.start : (members[i - 1]?.end ?? member.start)
    const to = i < first ? (members[i + 1]?.start ?? member.end) : member.end
    return [{ offset: from, length: to - from, content: '' }]
  })
  const before = source.text.slice(startOfLine(source.text, last.start), last.start)
  const gap = before.trim() === '' && before !== '' ? lineEndOf(source.text) + before : ' '
  return [...gone, { offset: last.end, length: 0, content: made.map((one) => `,${gap}${one}`).join('') }]
}

/** Members as their neighbours are written: in a map of brackets each as it stands there, on lines each line of it. */
function printed(source: Source, { members, isFlow, isList }: Holder, coming: readonly Change[]): string[] {
  const { yaml } = source
  const [keys, values] = [members.map(({ key }) => key), members.map(({ value }) => value)]
  const style = {
    ...layoutOf(source),
    ...habitOf(yaml, keys, 'defaultKeyType'),
    ...habitOf(yaml, values, 'defaultStringType'),
    ...(isFlow && { collectionStyle: 'flow' as const }),
  }
  return coming.flatMap(([name, value]) => {
    const made = print(yaml, isList ? [value] : { [name]: value }, style)
    return isFlow ? [made.slice(2, -2)] : made.split('\n')
  })
}

function print({ Document }: Yaml, value: unknown, style: ToStringOptions): string {
  return new Document(value, { schema: 'core' }).toString({ lineWidth: 0, ...style }).trimEnd()
}

/** How far a file goes in, and whether its dashes do. */
function layoutOf({ yaml: { isCollection, isMap, isSeq }, text, document: { contents } }: Source): ToStringOptions {
  const steps = (isMap(contents) ? contents.items : []).flatMap(({ key, value }) => {
    const [above] = rangeOf(key) ?? []
    if (!isCollection(value) || value.flow || !value.range || above === undefined) return []
    return [{ isList: isSeq(value), columns: columnOf(text, value.range[0]) - columnOf(text, above) }]
  })
  const indent = steps.find(({ columns }) => columns > 0)?.columns
  const isFlush = steps.some(({ isList, columns }) => isList && columns === 0)
  return { ...(indent !== undefined && { indent }), indentSeq: !isFlush }
}

/** Quotes where others have them that could do without. */
function habitOf(
  yaml: Yaml,
  nodes: readonly unknown[],
  option: 'defaultKeyType' | 'defaultStringType',
): ToStringOptions {
  const quoted = nodes.filter((node): node is Scalar => yaml.isScalar(node) && isQuote(node.type))
  const free = quoted.find(({ value }) => typeof value === 'string' && print(yaml, value, {}) === value)
  const isSingle = quoted.some(({ type }) => type === 'QUOTE_SINGLE')
  return { ...(free?.type && { [option]: free.type }), ...(isSingle && { singleQuote: true }) }
}

function isQuote(type: Scalar['type']): type is 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' {
  return type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
}

function indented(text: string, { members: [first] }: Holder, lines: readonly string[]): string {
  const column = ' '.repeat(columnOf(text, first?.start ?? 0))
  return lines.map((line) => column + line + lineEndOf(text)).join('')
}

function linesOf(text: string, { start, end }: Member): Stretch {
  const offset = startOfLine(text, start)
  return { offset, length: endOfLine(text, end) - offset, content: '' }
}

function columnOf(text: string, at: number): number {
  return at - startOfLine(text, at)
}

function startOfLine(text: string, at: number): number {
  return Math.max(text.lastIndexOf('\n', at - 1) + 1, text.startsWith('\ufeff') ? 1 : 0)
}

/** Behind its line end. */
function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', text[at - 1] === '\n' ? at - 1 : at)
  return end < 0 ? text.length : end + 1
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
