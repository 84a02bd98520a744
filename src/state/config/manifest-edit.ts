import { isUtf8 } from 'node:buffer'
import path from 'node:path'
import type { Node } from 'jsonc-parser'
import type { Disk } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import { withoutMark } from '../../model/json.js'
import { isCode, type Wishes } from '../../model/manifest.js'
import { byCodeUnit } from '../../model/names.js'
import type { Edit } from './edit.js'
import { isJson, parseYaml } from './file.js'

/** What has to change in haal.json for a project to ask for `to` instead of `from`. */
export function wishEdits(from: Wishes, to: Wishes): Edit[] {
  return (['artifacts', 'pins'] as const).flatMap((section) => sectionEdits(section, from[section], to[section]))
}

/** The text of a configuration file after edits; comments, order and indentation of everything else stay. `file` need not exist yet. */
export async function editConfig(disk: Disk, file: string, edits: readonly Edit[]): Promise<string> {
  if (isCode(file)) return fail('E_CONFIG', `${file} is code, which haal does not edit`)
  const text = textIn(disk, file)
  const prefix = path.basename(file) === 'package.json' ? ['haal'] : []
  const placed = edits.map((edit) => ({ ...edit, path: [...prefix, ...edit.path] }))
  if (text === undefined || text.trim() === '') return editJson('{}\n', placed, file)
  if (!isJson(file, text)) return editYaml(text, placed, file)
  const json = withoutMark(text)
  return text.slice(0, text.length - json.length) + (await editJson(json, placed, file))
}

/** Throws E_CONFIG_PARSE where bytes are no UTF-8, because what they say would be lost. */
function textIn(disk: Disk, file: string): string | undefined {
  const text = disk.text(file)
  if (text?.includes('\ufffd') && !isUtf8(disk.read(file)))
    fail('E_CONFIG_PARSE', `${path.basename(file)} is not UTF-8; haal does not write into it`, {
      hint: 'save it as UTF-8, then run the command again',
    })
  return text
}

function sectionEdits(
  section: string,
  from: Readonly<Record<string, string>>,
  to: Readonly<Record<string, string>>,
): Edit[] {
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort(byCodeUnit)
  const changed = keys.filter((key) => from[key] !== to[key])
  if (changed.length === 0) return []
  const edits = changed.map((key) => ({ path: [section, key], value: to[key] }))
  return Object.keys(to).length === 0 ? [...edits, { path: [section], value: undefined, ifEmpty: true }] : edits
}

async function editJson(text: string, edits: readonly Edit[], file: string): Promise<string> {
  const { applyEdits, modify, parse, parseTree, findNodeAtLocation } = await import('jsonc-parser')
  const { spliced, withMembers } = await import('./json-edit.js')
  const root = parse(text) as unknown
  const isOwn = path.basename(file) !== 'package.json'
  if (Array.isArray(isOwn ? root : (root as { haal?: unknown } | null)?.haal)) refuseList(file)
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  '
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: lineEndOf(text),
  }
  const treeOf = (json: string): Tree => {
    const tree = parseTree(json)
    return { json, nodeAt: (at) => tree && findNodeAtLocation(tree, [...at]) }
  }
  const withOne = (now: string, { path: at, value }: Edit) =>
    applyEdits(now, modify(now, [...at], value, { formattingOptions, getInsertionIndex }))
  const layout = { ...formattingOptions, keepLines: false }
  const editor: Editor = {
    treeOf,
    withOne,
    withMembers: (...of) => withMembers(of[0], of[1], { edits: of[2], layout }),
  }
  const edited = runsOf(edits).reduce((now, run) => withRun(now, run, editor), text)
  const changed = laidOutAnew(besideEdits(treeOf(edited), edits), besideEdits(treeOf(text), edits))
  const laidOut = spliced(edited, changed)
  return laidOut.endsWith('\n') ? laidOut : `${laidOut}${formattingOptions.eol}`
}

interface Editor {
  treeOf(json: string): Tree
  /** Makes the objects on the way, too. */
  withOne(json: string, edit: Edit): string
  withMembers(json: string, holder: Node, members: readonly (readonly [string, unknown])[]): string
}

/** Where there is no object for them, the first of them makes it. */
function withRun(now: string, run: readonly Edit[], editor: Editor): string {
  const [first, ...more] = run
  const { nodeAt } = editor.treeOf(now)
  if (first === undefined || (first.ifEmpty && !isEmpty(now, nodeAt(first.path)))) return now
  const holder = nodeAt(first.path.slice(0, -1))
  if (holder?.type === 'object' && run.every(isPlain)) return withPlain(now, run, { holder, editor })
  const [section, key] = first.path.slice(-2)
  const above = holder === undefined && first.path.length > 1 ? nodeAt(first.path.slice(0, -2)) : undefined
  if (above?.type !== 'object' || first.value === undefined) return withRun(editor.withOne(now, first), more, editor)
  const made = [String(section), { [String(key)]: first.value }] as const
  return withRun(editor.withMembers(now, above, [made]), more, editor)
}

function isEmpty(json: string, node: Node | undefined): boolean {
  return /^\{\s*\}$/.test(written(json, node) ?? '{}')
}

function withPlain(now: string, run: readonly Edit[], { holder, editor }: { holder: Node; editor: Editor }): string {
  const at = run[0]?.path.slice(0, -1) ?? []
  const all = run.map(({ path: place, value }) => [String(place.at(-1)), value] as const)
  const [there, coming] = parted(all, holder)
  const left = there.length === 0 ? now : editor.withMembers(now, holder, there)
  const rest = editor.treeOf(left).nodeAt(at)
  return coming.length === 0 || rest === undefined ? left : editor.withMembers(left, rest, coming)
}

/** Those of keys that are there, and the others. */
function parted<T extends readonly [string, unknown]>(edits: readonly T[], { children = [] }: Node): [T[], T[]] {
  const keys = new Set(children.map((member) => member.children?.[0]?.value as unknown))
  return [edits.filter(([key]) => keys.has(key)), edits.filter(([key]) => !keys.has(key))]
}

/** Whether an edit puts in a plain value, or takes one out: it needs no layout. */
function isPlain({ value }: Edit): boolean {
  return typeof value !== 'object'
}

/** Edits one after another that are of members of one object, each of another. The first of them makes the object where there is none. */
function runsOf(edits: readonly Edit[]): [Edit, ...Edit[]][] {
  const runs: [Edit, ...Edit[]][] = []
  let keys = new Set<unknown>()
  for (const edit of edits) {
    const run = runs.at(-1)
    const key = edit.path.at(-1)
    const isNext = run !== undefined && isBeside(edit, run[0]) && typeof key === 'string' && !keys.has(key)
    if (isNext) run.push(edit)
    else {
      runs.push([edit])
      keys = new Set()
    }
    keys.add(key)
  }
  return runs
}

function isBeside(one: Edit, other: Edit): boolean {
  const above = ({ path: at }: Edit) => JSON.stringify(at.slice(0, -1))
  return !one.ifEmpty && !other.ifEmpty && above(one) === above(other)
}

interface Tree {
  json: string
  nodeAt(at: Edit['path']): Node | undefined
}

function written(json: string, node: Node | undefined): string | undefined {
  return node && json.slice(node.offset, node.offset + node.length)
}

function refuseList(file: string): never {
  return fail('E_CONFIG', `${path.basename(file)} is a bare list of registries and cannot say what is installed`, {
    hint: 'put the list under "registries" in haal.json',
  })
}

interface Written {
  offset: number
  text: string
}

/** By place, a path as JSON. */
type Values = ReadonlyMap<string, Written>

/** The values of all that stands beside an edit or beside something that it is in, and is no edit's own. */
function besideEdits({ json, nodeAt }: Tree, edits: readonly Edit[]): Values {
  const edited = new Set(edits.flatMap(({ path: at }) => at.map((_, i) => JSON.stringify(at.slice(0, i + 1)))))
  const above = new Map(
    edits.flatMap(({ path: at }) => at.map((_, i) => [JSON.stringify(at.slice(0, i)), at.slice(0, i)])),
  )
  const beside = new Map<string, Written>()
  for (const at of above.values()) {
    const parent = nodeAt(at)
    for (const { children: [key, value] = [] } of parent?.type === 'object' ? (parent.children ?? []) : []) {
      const place = JSON.stringify([...at, key?.value])
      if (value !== undefined && !edited.has(place))
        beside.set(place, { offset: value.offset, text: written(json, value) ?? '' })
    }
  }
  return beside
}

/** The editor lays out anew what stands beside an edit: that gets back the form it had. */
function laidOutAnew(now: Values, before: Values): { offset: number; length: number; content: string }[] {
  return [...now].flatMap(([place, { offset, text }]) => {
    const was = before.get(place)?.text
    return was === undefined || was === text ? [] : [{ offset, length: text.length, content: was }]
  })
}

/** A section stands behind artifacts, an entry of one at its end. */
function getInsertionIndex(properties: string[]): number {
  const artifacts = properties.indexOf('artifacts')
  return artifacts < 0 ? properties.length : artifacts + 1
}

async function editYaml(text: string, edits: readonly Edit[], file: string): Promise<string> {
  if (Array.isArray((await parseYaml(text)).toJS())) refuseList(file)
  const { editedYaml } = await import('./yaml-edit.js')
  return editedYaml(text, runsOf(edits))
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
