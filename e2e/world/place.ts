import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'

/** What a file of a test holds: text, bytes, JSON (an object), a file with its mode, a link, or null to remove it. */
export type Body = string | Uint8Array | { body: string | Uint8Array; mode: number } | { link: string } | Json | null
export type Json = { [key: string]: unknown } | unknown[]
export type Files = Readonly<Record<string, Body>>
export type Expected = Readonly<Record<string, string | RegExp | Json>>

/** A folder of a test: write files, say what must be there. Paths have `/` and are relative to it. */
export interface Place {
  readonly path: string
  at(...segments: string[]): string
  /** A folder in it, as a place of its own. */
  below(folder: string): Place
  write(files: Files): Promise<void>
  remove(...paths: string[]): Promise<void>
  /** Makes a file look as old as files get. */
  age(file: string): void
  read(file: string): string
  json<T = Record<string, unknown>>(file: string): T
  exists(file: string): boolean
  /** Text and JSON are compared whole; a pattern must match somewhere. */
  has(files: Expected): Promise<void>
  lacks(...paths: string[]): Promise<void>
  /** path → what is there: type, mode and a digest of the bytes. Equal trees are byte-identical. */
  tree(under?: string): Record<string, string>
  /** As `tree`, with inode and times: equal stamps mean that nothing was written, not even the same bytes again. */
  stamp(under?: string): Record<string, string>
}

export function place(root: string): Place {
  const at = (...segments: string[]) => path.join(root, ...segments)
  const read = (file: string) => fs.readFileSync(at(file), 'utf8')
  return {
    path: root,
    at,
    below: (folder) => place(at(folder)),
    write: async (files) => writeAll(root, files),
    remove: async (...paths) => {
      for (const each of paths) fs.rmSync(at(each), { recursive: true })
    },
    age: (file) => fs.utimesSync(at(file), 0, 0),
    read,
    json: (file) => JSON.parse(read(file)),
    exists: (file) => fs.lstatSync(at(file), { throwIfNoEntry: false }) !== undefined,
    has: async (files) => {
      for (const [file, expected] of Object.entries(files)) hasOne(at(file), file, expected)
    },
    lacks: async (...paths) => {
      const there = paths.filter((each) => fs.lstatSync(at(each), { throwIfNoEntry: false }))
      expect(there, 'should not be there').toEqual([])
    },
    tree: (under = '') => listing(at(under)),
    stamp: (under = '') => listing(at(under), { times: true }),
  }
}

export function writeAll(root: string, files: Files): void {
  for (const [file, body] of Object.entries(files)) writeOne(path.join(root, file), body)
}

function writeOne(at: string, body: Body): void {
  fs.mkdirSync(path.dirname(at), { recursive: true })
  if (body === null) fs.rmSync(at, { recursive: true, force: true })
  else if (typeof body === 'string' || body instanceof Uint8Array) fs.writeFileSync(at, body)
  else if (isLink(body)) fs.symlinkSync(body.link, at)
  else if (hasMode(body)) writeWithMode(at, body)
  else fs.writeFileSync(at, `${JSON.stringify(body, null, 2)}\n`)
}

function writeWithMode(at: string, { body, mode }: { body: string | Uint8Array; mode: number }): void {
  fs.writeFileSync(at, body)
  fs.chmodSync(at, mode)
}

function isLink(body: object): body is { link: string } {
  return 'link' in body && typeof body.link === 'string' && Object.keys(body).length === 1
}

function hasMode(body: object): body is { body: string | Uint8Array; mode: number } {
  return 'body' in body && 'mode' in body && typeof body.mode === 'number'
}

function hasOne(at: string, name: string, expected: string | RegExp | Json): void {
  expect(fs.existsSync(at), `${name} should be there`).toBe(true)
  const text = fs.readFileSync(at, 'utf8')
  if (typeof expected === 'string') expect(text, name).toBe(expected)
  else if (expected instanceof RegExp) expect(text, name).toMatch(expected)
  else expect(JSON.parse(text), name).toEqual(expected)
}

/** Everything below a folder, links not followed, folders included. An absent folder is empty. */
export function listing(root: string, how: { times?: boolean; skip?: readonly string[] } = {}): Record<string, string> {
  const found: Record<string, string> = {}
  const visit = (folder: string) => {
    for (const name of namesIn(path.join(root, folder))) {
      const relative = folder === '' ? name : `${folder}/${name}`
      if (how.skip?.includes(relative)) continue
      const stat = fs.lstatSync(path.join(root, relative), { throwIfNoEntry: false })
      if (stat === undefined) continue
      found[relative] = lineOf(path.join(root, relative), stat) + (how.times ? ` ${stat.ino} ${stat.mtimeMs}` : '')
      if (stat.isDirectory()) visit(relative)
    }
  }
  visit('')
  return found
}

function namesIn(folder: string): string[] {
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []
}

function lineOf(at: string, stat: fs.Stats): string {
  const mode = (stat.mode & 0o7777).toString(8)
  if (stat.isDirectory()) return `folder ${mode}`
  if (stat.isSymbolicLink()) return `link ${fs.readlinkSync(at)}`
  if (!stat.isFile()) return 'other'
  return `file ${mode} ${createHash('sha256').update(fs.readFileSync(at)).digest('hex').slice(0, 16)}`
}
