import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fail } from '../../src/model/errors.js'
import { byCodeUnit } from '../../src/model/names.js'
import type { Locator } from '../../src/model/registry.js'
import type { Tree, TreeEntry } from '../../src/model/tree.js'

/** A file as a test writes it: text, an executable, or something that is no file. */
export type Planted = string | { text: string; mode: number } | { type: 'link' | 'other' }

export const demo: Locator = { via: 'file', path: '/registries/demo' }

/** A tree in memory. `reads` and `listed` collect what was asked of it. */
export interface MemoryTree extends Tree {
  reads: string[]
  listed: string[]
}

export function memoryTree(planted: Readonly<Record<string, Planted>>, at: Locator = demo): MemoryTree {
  const reads: string[] = []
  const listed: string[] = []
  const files = Object.entries(planted).map(([at, what]) => entry(at, what))
  return {
    revision: { at, id: 'r1' },
    reads,
    listed,
    children: async (folder) => {
      listed.push(folder)
      const start = folder === '' ? '' : `${folder}/`
      const below = files.filter(({ path }) => path.startsWith(start))
      const names = new Map<string, TreeEntry>()
      for (const file of below) {
        const [name = '', ...more] = file.path.slice(start.length).split('/')
        const at = `${start}${name}`
        names.set(at, more.length === 0 ? file : { path: at, type: 'folder', mode: 0o755, size: -1 })
      }
      return [...names.values()]
    },
    list: async (under) =>
      files
        .filter(({ path }) => under === '' || path === under || path.startsWith(`${under}/`))
        .sort((a, b) => byCodeUnit(a.path, b.path)),
    read: async (at) => {
      reads.push(at)
      const what = planted[at] ?? fail('E_ENTRY_MISSING', `${at} is not there`)
      if (typeof what !== 'string' && 'type' in what) return fail('E_ENTRY_TYPE', `${at} is a ${what.type}`)
      return Buffer.from(typeof what === 'string' ? what : what.text)
    },
  }
}

function entry(at: string, what: Planted): TreeEntry {
  if (typeof what === 'string') return { path: at, type: 'file', mode: 0o644, size: what.length }
  return 'type' in what
    ? { path: at, type: what.type, mode: 0o777, size: 0 }
    : { path: at, type: 'file', mode: what.mode, size: what.text.length }
}

/** A tree over a real folder. */
export function folderTree(root: string): Tree {
  const children = (folder: string): TreeEntry[] => {
    const there = path.join(root, folder)
    if (!lstatSync(there, { throwIfNoEntry: false })?.isDirectory()) return []
    return readdirSync(there, { withFileTypes: true }).map((dirent) => ({
      path: folder === '' ? dirent.name : `${folder}/${dirent.name}`,
      type: dirent.isFile() ? 'file' : dirent.isDirectory() ? 'folder' : dirent.isSymbolicLink() ? 'link' : 'other',
      mode: lstatSync(path.join(there, dirent.name)).mode & 0o7777,
      size: -1,
    }))
  }
  const list = (under: string): TreeEntry[] => {
    const here = children(under).sort((a, b) => byCodeUnit(a.path, b.path))
    return here.flatMap((each) => (each.type === 'folder' ? list(each.path) : [each]))
  }
  return {
    revision: { at: { via: 'file', path: root }, id: 'r1' },
    children: async (folder) => children(folder),
    list: async (under) => list(under),
    read: async (at) => readFileSync(path.join(root, at)),
  }
}

export const skill = (name: string, more = '') => `---\nname: ${name}\ndescription: Does ${name}.\n${more}---\nBody.\n`

export const json = (value: unknown) => JSON.stringify(value)
