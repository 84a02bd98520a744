import type { FileMode } from '../model/digest.js'
import { type ErrorCode, fail } from '../model/errors.js'
import { byCodeUnit, pathProblem, twinKey } from '../model/names.js'
import type { TreeEntry } from '../model/tree.js'
import { findHidden } from './unicode.js'

/** A file that may come in. `size` is -1 where the source does not say. */
export interface Checked {
  path: string
  mode: FileMode
  size: number
}

/** Checks what lies in an artifact, paths relative to it: plain files alone, names that are safe and distinct on every platform, no
    setuid. The first thing that is wrong refuses the whole artifact (`what`): E_ENTRY_TYPE, E_ENTRY_MODE, E_PATH_*, E_LIMIT_PATH,
    E_LIMIT_DEPTH, E_ARCHIVE_DUPLICATE. Answers in the order of paths. */
export function checkEntries(entries: readonly TreeEntry[], what: string): Checked[] {
  const sorted = [...entries].sort((a, b) => byCodeUnit(a.path, b.path))
  for (const entry of sorted) checkEntry(entry, what)
  checkTwins(sorted, what)
  return sorted.map(({ path, mode, size }) => ({ path, mode: fileMode(mode), size }))
}

/** As git sees it: the owner's executable bit, and nothing else. */
function fileMode(mode: number): FileMode {
  return mode & 0o100 ? 0o755 : 0o644
}

function checkEntry({ path, type, mode }: TreeEntry, what: string): void {
  const refuse = (code: ErrorCode, why: string) => fail(code, `${what}: ${shown(path)} ${why}`, { details: { path } })
  const problem = pathProblem(path)
  if (problem) refuse(problem.code, problem.why)
  if (findHidden(path)) refuse('E_PATH_FORBIDDEN', 'has a character that cannot be seen')
  if (type !== 'file') refuse('E_ENTRY_TYPE', `is a ${typeWords[type]}, and haal takes plain files only`)
  if (mode & 0o6000) refuse('E_ENTRY_MODE', 'is setuid or setgid')
}

const typeWords = { link: 'link', folder: 'folder', other: 'device, pipe, submodule or other special thing' } as const

/** A path for a message: quoted and escaped where it is not plain. */
function shown(path: string): string {
  return /^[\w./ -]+$/.test(path) ? path : JSON.stringify(path)
}

/** The same with every character outside ASCII as its number, for names that look alike. */
function spelt(path: string): string {
  const written = path.replace(/[^ -~]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
  return `"${written}"`
}

/** Two spellings of one path, of files or of the folders on the way, would be one place on a Mac or on Windows. */
function checkTwins(files: readonly TreeEntry[], what: string): void {
  const spelled = new Map<string, string>()
  const taken = new Set<string>()
  const collide = (other: string, path: string) => {
    const show = other.normalize('NFKC') === path.normalize('NFKC') ? spelt : shown
    fail('E_PATH_COLLISION', `${what}: ${show(other)} and ${show(path)} are one name on some platforms`, {
      details: { paths: [other, path] },
    })
  }
  const claim = (path: string) => {
    const key = twinKey(path)
    const other = spelled.get(key) ?? path
    if (other !== path) collide(other, path)
    spelled.set(key, path)
  }
  for (const { path } of files) {
    if (taken.has(path)) fail('E_ARCHIVE_DUPLICATE', `${what} has ${shown(path)} twice`, { details: { path } })
    taken.add(path)
    claim(path)
  }
  for (const folder of foldersOf(files)) {
    if (taken.has(folder))
      fail('E_PATH_COLLISION', `${what}: ${shown(folder)} is a file and a folder`, { details: { path: folder } })
    claim(folder)
  }
  checkShortNames([...spelled.values()], collide)
}

/** Windows gives a long name a short one besides: `Long name.text` is `LONGNA~1.TEX`, too. */
function checkShortNames(paths: readonly string[], collide: (long: string, short: string) => void): void {
  const short = new Map(
    paths.filter((path) => shortName.test(path)).map((path) => [path.toLowerCase().replace(counter, '~'), path]),
  )
  if (short.size === 0) return
  for (const path of paths) {
    const other = short.get(shortOf(path))
    if (other !== undefined) collide(path, other)
  }
}

const shortName = /(^|\/)[^/.~]{1,6}~\d(\.[^/.]{1,3})?$/
const counter = /~\d(?=(\.[^/.]*)?$)/

/** The short name of a long one, without its number; of a name that is short, nothing. */
function shortOf(path: string): string {
  const [, folder = '', base = '', extension = ''] = /^((?:.*\/)?)([^/]*?)(\.[^./]*)?$/.exec(path.toLowerCase()) ?? []
  const isLong = base.length > 8 || extension.length > 4 || /[ .+,;=[\]]/.test(base)
  const letters = base.replace(/[ .]/g, '').replace(/[+,;=[\]]/g, '_')
  return isLong ? `${folder}${letters.slice(0, 6)}~${extension.slice(0, 4)}` : ''
}

function foldersOf(files: readonly TreeEntry[]): Set<string> {
  const folders = new Set<string>()
  for (const { path } of files)
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const folder = path.slice(0, slash)
      if (folders.has(folder)) break
      folders.add(folder)
    }
  return folders
}
