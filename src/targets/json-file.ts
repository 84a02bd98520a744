import { isDeepStrictEqual } from 'node:util'
import { createScanner } from 'jsonc-parser'
import type { Entry } from '../model/targets.js'
import { type Index, names, openIndex } from './json-index.js'
import { jsonText } from './json-text.js'
import {
  type Holder,
  type JsonTree,
  type Member,
  plain,
  printTree,
  printValue,
  readTree,
  withText,
} from './json-tree.js'
import type { Json } from './json-values.js'
import { commandsIn } from './own-items.js'
import { type Found, refuse, type Scaffold, type SharedText } from './shared-text.js'

/* JSON with comments, as people keep it, with a few values of haal's in it. Nothing of the rest is ever printed anew: a value comes in as one
   stretch of text and goes as that same stretch, together with the objects and lists that haal made for it. What haal has made can be told
   from what was there: haal writes something between the bracket it makes and the first thing in it (a space, or a new line), and nothing
   where it fills an empty pair of a person's. So the text alone tells how to take a value out again, on any machine. */

/** `own` are all items of haal's that the file may hold: none of them is taken for another, edited. Throws E_CONFLICT where the text cannot be
    read. */
export function openJson(text: string | undefined, source: string, own: readonly unknown[] = []): JsonText {
  let tree = text === undefined ? undefined : readTree(text, source)
  const file: File = { source, index: openIndex(new Set(own.map(names.value))) }
  const add: SharedText['add'] = (entry, scaffold) => {
    if (tree === undefined) tree = readTree(madeFile(entry, scaffold), source)
    else insert(tree, locate(tree, entry, file), { entry, file })
  }
  return {
    add,
    find: (entry) => {
      const member = tree && locate(tree, entry, file).member
      if (member === undefined) return 'absent'
      return isDeepStrictEqual(plain(member.value), entry.value) ? 'same' : 'edited'
    },
    replace: (was, entry) => {
      const member = tree && locate(tree, was, file).member
      if (tree === undefined || member === undefined) add(entry)
      else change(tree, member, { value: entry.value, file })
    },
    remove: (entry, scaffold = {}) => {
      const member = tree && locate(tree, entry, file).member
      if (tree === undefined || member === undefined) return
      const victim = outermost(member)
      if (isMadeFile(tree, victim, scaffold)) tree = undefined
      else cut(victim, file)
    },
    text: () => tree && printTree(tree),
  }
}

/** JSON is parsed without waiting. */
interface JsonText extends SharedText {
  find(entry: Entry): Found
  text(): string | undefined
}

interface File {
  source: string
  index: Index
}

function madeFile(entry: Entry, scaffold: Scaffold = {}): string {
  const made = { ...(nested(entry.path, entry) as Json), ...scaffold }
  return `${jsonText(made, { indent: '  ', eol: '\n', base: '' })}\n`
}

interface There {
  /** The innermost object or list on the way that is there. */
  holder: Holder
  /** Keys that are missing below it. */
  keys: readonly string[]
  /** The value itself. */
  member: Member | undefined
}

function locate({ root }: JsonTree, { path, value, item }: Entry, file: File): There {
  const { source } = file
  let holder = root
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1
    const next = memberNamed(holder, key, file)
    if (next === undefined) return { holder, keys: path.slice(index), member: undefined }
    if (isLast && !item) return { holder, keys: [], member: next }
    const type = isLast ? 'array' : 'object'
    if (next.value.type !== type)
      return refuse(
        `${source}: ${path.slice(0, index + 1).join('.')} is no ${type === 'array' ? 'list' : 'object'}`,
        `make it one, or take it out`,
        source,
      )
    holder = next.value
  }
  return { holder, keys: [], member: itemIn(holder, value, file) }
}

function memberNamed(holder: Holder, key: string, { source, index }: File): Member | undefined {
  const all = index.called(holder, names.key(key))
  if (all.length > 1) refuse(`${source} has the key "${key}" twice`, 'take one of them out', source)
  return all[0]
}

/** The item with this value, else the first that starts one of its commands: that is it, edited. */
function itemIn(list: Holder, value: unknown, { index }: File): Member | undefined {
  const equal = index.called(list, names.value(value)).find((each) => isDeepStrictEqual(plain(each.value), value))
  if (equal !== undefined) return equal
  const edited = commandsIn(value).flatMap((command) => index.called(list, names.command(command)).slice(0, 1))
  return edited.sort((a, b) => a.rank - b.rank)[0]
}

/** A value, or the list of an item, below keys of its own. */
function nested(keys: readonly string[], { value, item }: Entry): unknown {
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), item ? [value] : value)
}

/** Puts a member at the end of an object or list: behind the last one and the comment on its line, with the comma where it belongs. */
function insert({ style }: JsonTree, { holder, keys }: There, { entry, file }: { entry: Entry; file: File }): void {
  const [key, ...inner] = keys
  const value = key === undefined ? entry.value : nested(inner, entry)
  const last = holder.members.at(-1)
  const base = last && indentOf(last)
  const { lead, end } = last === undefined ? { lead: '', end: holder.end } : gapBehind(holder.end, { base, ...style })
  const head = key === undefined ? '' : `${JSON.stringify(key)}: `
  const text = jsonText(value, base === undefined ? undefined : { ...style, base })
  const member = { holder, rank: (last?.rank ?? 0) + 1, lead, head, ...(key !== undefined && { key }) }
  const made = withText(member, text)
  holder.members.push(made)
  file.index.enter(made)
  holder.end = end
}

/** The white space before a member that begins its line; undefined where it stands behind something else. */
function indentOf({ lead }: Member): string | undefined {
  return /\n([ \t]*)$/.exec(lead)?.[1]
}

/** The text behind the last member, split in two around a new one. */
function gapBehind(
  end: string,
  { base, eol }: { base: string | undefined; eol: string },
): { lead: string; end: string } {
  const { comma, tail, isLine } = behind(end)
  const gap = base === undefined ? (isLine ? eol : ' ') : eol + base
  const lead = end.slice(0, tail) + gap
  return comma === undefined ? { lead: `,${lead}`, end: end.slice(tail) } : { lead, end: `,${end.slice(tail)}` }
}

/** What follows a member: its comma, and where the comments on its line end. */
function behind(gap: string): { comma?: number; tail: number; isLine: boolean } {
  const scanner = createScanner(gap, false)
  let comma: number | undefined
  let tail = 0
  let isLine = false
  for (let kind = scanner.scan(); ; kind = scanner.scan()) {
    const [from, to] = [scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength()]
    const isComment = kind === comments.line || kind === comments.block
    if (kind === tokens.comma) {
      comma = from
      tail = to
      isLine = false
    } else if (isComment && (comma === undefined || !gap.slice(tail, from).includes('\n'))) {
      if (comma === undefined && gap.slice(0, from).includes('\n')) continue
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

/** The value of a member becomes another, over several lines if the old one was. */
function change(tree: JsonTree, member: Member, { value, file }: { value: unknown; file: File }): void {
  file.index.leave(member)
  const isLong = printValue(member.value).includes('\n')
  const base = isLong ? (/^[ \t]*/.exec(lineBefore(member, tree))?.[0] ?? '') : ''
  withText(member, jsonText(value, isLong ? { ...tree.style, base } : undefined))
  file.index.enter(member)
}

/** The line on which a member's value begins, up to there. */
function lineBefore(member: Member, { before }: JsonTree): string {
  let each: Member | undefined = member
  let line = member.lead + member.head
  while (each !== undefined && !line.includes('\n')) {
    const { members, above }: Holder = each.holder
    const previous: Member | undefined = members[members.indexOf(each) - 1]
    const ahead: string = previous === undefined ? '{' : printValue(previous.value)
    each = previous ?? above
    line = (each === undefined ? before : each.lead + each.head) + ahead + line
  }
  return line.slice(line.lastIndexOf('\n') + 1)
}

/** What goes with a member: the outermost object or list that haal made for it alone, else only itself. */
function outermost(member: Member): Member {
  const { above, members } = member.holder
  return above !== undefined && members.length === 1 && isMade(member.holder) ? outermost(above) : member
}

/** Whether haal made this pair of brackets: it has written something before the first member, and there is no comment of anybody's. */
function isMade({ members: [first], end, above }: Holder): boolean {
  const isPlain = above?.key === undefined || /"\s*:\s*$/.test(above.head)
  return isPlain && first !== undefined && first.lead !== '' && first.lead.trim() === '' && end.trim() === ''
}

/** Whether haal made the file, and all that would stay in it is its scaffold. */
function isMadeFile({ before, root, after }: JsonTree, victim: Member, scaffold: Scaffold): boolean {
  const [first, ...rest] = root.members
  if (first !== victim || !isMade(root) || (before + after).trim() !== '') return false
  const isScaffold = rest.every(({ key = '', value }) => isDeepStrictEqual(plain(value), scaffold[key]))
  return isScaffold && rest.length === Object.keys(scaffold).length
}

/** Takes a member out: the white space before it and the comma that it needed go too. The first one leaves its place to the next. */
function cut(victim: Member, { index }: File): void {
  const { members } = victim.holder
  const place = members.indexOf(victim)
  const next = members[place + 1]
  const rest = next?.lead ?? victim.holder.end
  const left = gapWithout(victim.lead, rest, { isFirst: place === 0, isLast: next === undefined })
  index.leave(victim)
  members.splice(place, 1)
  if (next === undefined) victim.holder.end = left
  else next.lead = left
}

/** What is left of the gaps before and behind a member that goes. */
function gapWithout(lead: string, rest: string, { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): string {
  const own = behind(rest).comma
  if (isFirst && !isLast && own !== undefined) {
    const gap = rest.slice(own + 1)
    return lead + rest.slice(0, own) + (gap.trim() === '' ? '' : gap)
  }
  const ahead = isFirst ? { tail: 0, isLine: false } : behind(lead)
  const { start, isLine } = startOf(lead, ahead)
  const after = own === undefined ? rest : rest.slice(0, own) + rest.slice(own + 1)
  const ending = isLine && !/^[ \t]*\r?\n/.test(after) ? lead.slice(start) + after.trimStart() : after
  const { comma } = ahead
  if (own !== undefined || comma === undefined) return lead.slice(0, start) + ending
  return lead.slice(0, comma) + lead.slice(comma + 1, start) + ending
}

/** Where the white space before a member begins that came with it. Spaces at the end of a comment are the comment's. A comment to the end of
    its line (`isLine`) would take in what follows on the member's line. */
function startOf(lead: string, after: { tail: number; isLine: boolean }): { start: number; isLine: boolean } {
  const scanner = createScanner(lead, false)
  let { tail: start, isLine } = after
  scanner.setPosition(start)
  while (scanner.getPosition() < lead.length) {
    const kind = scanner.scan()
    if (kind === tokens.space || kind === tokens.newline) continue
    start = scanner.getPosition()
    isLine = kind === comments.line
  }
  return { start, isLine }
}
