import path from 'node:path'
import type { Disk } from '../model/disk.js'
import { fail } from '../model/errors.js'
import { isCode, type Wishes } from '../model/manifest.js'
import { byCodeUnit } from '../model/names.js'
import { isJson } from './config-file.js'

/** One value in a configuration file: where, and what shall stand there; undefined takes it out. */
export interface Edit {
  path: readonly (string | number)[]
  value: unknown
  /** Only where nothing is left in it, comments included. */
  ifEmpty?: boolean
}

/** What has to change in haal.json for a project to ask for `to` instead of `from`. */
export function wishEdits(from: Wishes, to: Wishes): Edit[] {
  return (['artifacts', 'pins'] as const).flatMap((section) => sectionEdits(section, from[section], to[section]))
}

/** The text of a configuration file after edits; comments, order and indentation of everything else stay. `file` need not exist yet. */
export async function editConfig(disk: Disk, file: string, edits: readonly Edit[]): Promise<string> {
  if (isCode(file)) return fail('E_CONFIG', `${file} is code, which haal does not edit`)
  const text = disk.text(file)
  const prefix = path.basename(file) === 'package.json' ? ['haal'] : []
  const placed = edits.map((edit) => ({ ...edit, path: [...prefix, ...edit.path] }))
  if (text === undefined || text.trim() === '') return editJson('{}\n', placed, file)
  return isJson(file, text) ? editJson(text, placed, file) : editYaml(text, placed)
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
  if (Array.isArray(parse(text)))
    fail('E_CONFIG', `${path.basename(file)} is a bare list of registries and cannot say what is installed`, {
      hint: 'put the list under "registries" in haal.json',
    })
  const indent = /^[ \t]+/m.exec(text)?.[0] ?? '  '
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
  const writtenAt = (json: string, at: readonly (string | number)[]): Written | undefined => {
    const tree = parseTree(json)
    const node = tree && findNodeAtLocation(tree, [...at])
    return node && { offset: node.offset, text: json.slice(node.offset, node.offset + node.length) }
  }
  const edited = edits.reduce((now, { path: at, value, ifEmpty }) => {
    if (ifEmpty && !/^\{\s*\}$/.test(writtenAt(now, at)?.text ?? '{}')) return now
    const next = applyEdits(now, modify(now, [...at], value, { formattingOptions, getInsertionIndex }))
    return asBefore(now, next, { at, writtenAt, keysAt: (path) => keysAt(parse(now), path) })
  }, text)
  return edited.endsWith('\n') ? edited : `${edited}\n`
}

interface Written {
  offset: number
  text: string
}

interface Neighbours {
  at: readonly (string | number)[]
  writtenAt(json: string, at: readonly (string | number)[]): Written | undefined
  keysAt(path: readonly (string | number)[]): string[]
}

/** The editor lays out anew what stands beside an edit: that gets back the form it had. */
function asBefore(before: string, after: string, { at, writtenAt, keysAt }: Neighbours): string {
  const parents = at.map((_, depth) => at.slice(0, depth))
  const beside = parents.flatMap((parent, depth) =>
    keysAt(parent).flatMap((key) => (key === at[depth] ? [] : [[...parent, key]])),
  )
  const changed = beside.flatMap((place) => {
    const [was, is] = [writtenAt(before, place), writtenAt(after, place)]
    return was === undefined || is === undefined || was.text === is.text ? [] : [{ ...is, was: was.text }]
  })
  return changed
    .sort((a, b) => b.offset - a.offset)
    .reduce((text, { offset, text: is, was }) => text.slice(0, offset) + was + text.slice(offset + is.length), after)
}

function keysAt(value: unknown, path: readonly (string | number)[]): string[] {
  const found = path.reduce<unknown>((now, key) => (now as Record<string | number, unknown> | undefined)?.[key], value)
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : []
}

/** A section stands behind artifacts, an entry of one at its end. */
function getInsertionIndex(properties: string[]): number {
  const artifacts = properties.indexOf('artifacts')
  return artifacts < 0 ? properties.length : artifacts + 1
}

async function editYaml(text: string, edits: readonly Edit[]): Promise<string> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  for (const { path: at, value, ifEmpty } of edits) {
    if (ifEmpty && Object.keys((document.getIn(at) as { toJSON(): object } | undefined)?.toJSON() ?? {}).length > 0)
      continue
    if (value === undefined) document.deleteIn(at)
    else document.setIn(at, value)
  }
  return document.toString({ lineWidth: 0 })
}
