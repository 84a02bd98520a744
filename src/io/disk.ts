import fs from 'node:fs'
import path from 'node:path'
import type { Disk, Mark, Named, Stat } from '../model/disk.js'
import { byCodeUnit } from '../model/names.js'
import { failure, tried, triedWithin, unlessAbsent } from './disk-failure.js'
import { areMarked, filled, mark, markOf, marks, near, quietly, readBelow, slice } from './many.js'
import { probe } from './probe.js'

/** The real file system. */
export function nodeDisk(): Disk {
  return {
    stat: (at) => unlessAbsent(at, () => stat(at)),
    mark: (at) => unlessAbsent(at, () => mark(at)),
    marks: (folder, names) => unlessAbsent(folder, () => marks(folder, names)),
    areMarked: (folder, names, marks) => unlessAbsent(folder, () => areMarked(folder, names, marks)) ?? false,
    near: (folder) => unlessAbsent(folder, () => near(folder)) ?? folder + path.sep,
    names: (at) =>
      unlessAbsent(at, () => fs.readdirSync(at, { withFileTypes: true }).map(namedIn(at)).sort(byName)) ?? [],
    inside: (at) => unlessAbsent(at, () => fs.readdirSync(at)) ?? [],
    read: (at) => tried(at, () => whole(at)),
    readBelow: (folder, longest, see) =>
      triedWithin(folder, () => readBelow({ folder, above: '', longest, see })) ?? false,
    readUpTo: (at, most) => unlessAbsent(at, () => readUpTo(at, most)),
    readAt: (at, offset, length) => tried(at, () => slice(at, offset, length)),
    readMarked: (at, size) => tried(at, () => readMarked(at, size)),
    text: (at) => unlessAbsent(at, () => whole(at, longestText).toString('utf8')),
    real: (at) => unlessAbsent(at, () => fs.realpathSync.native(at)),
    probe: (at) => tried(at, () => probe(at)),
    mkdir: (at) => tried(at, () => mkdir(at)),
    write: (at, bytes, mode) => tried(at, () => write(at, bytes, mode)),
    create: (at, bytes) => tried(at, () => create(at, bytes)),
    append: (at, bytes) => tried(at, () => append(at, bytes)),
    rename: (from, to) => tried(to, () => patiently(() => fs.renameSync(from, to))),
    remove: (at) => tried(at, () => patiently(() => remove(at))),
    link: (target, at) =>
      tried(at, () => fs.symlinkSync(target, at, process.platform === 'win32' ? 'junction' : 'dir')),
    flush: (at) => tried(at, () => flush(at)),
    touch: (at) => tried(at, () => fs.utimesSync(at, new Date(), new Date())),
  }
}

/** Removes a file, a link, or a folder with everything in it. Links are not followed. */
export function removeTree(disk: Disk, at: string): void {
  if (disk.remove(at)) return
  for (const { name, type } of disk.names(at)) {
    if (type === 'folder') removeTree(disk, path.join(at, name))
    else disk.remove(path.join(at, name))
  }
  disk.remove(at)
}

/** Most of what is asked for is not there, and an exception takes longer than the question. */
function stat(at: string): Stat | undefined {
  const s = fs.lstatSync(at, { bigint: true, throwIfNoEntry: false })
  if (s === undefined) return undefined
  return {
    type: typeOf(s),
    mode: Number(s.mode) & 0o7777,
    owner: Number(s.uid),
    size: Number(s.size),
    ino: s.ino,
    dev: s.dev,
    mtime: s.mtimeNs,
    ctime: s.ctimeNs,
  }
}

function typeOf(entry: fs.BigIntStats | fs.Dirent): Stat['type'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

/** A folder whose name is not UTF-8 cannot be opened by the name that Node gives it. It would pass for an empty one, and what is in it for nothing. */
function namedIn(folder: string): (entry: fs.Dirent) => Named {
  return (entry) => {
    const { name } = entry
    const isLost = name.includes('\ufffd') && !fs.existsSync(path.join(folder, name))
    return { name, type: isLost ? 'other' : typeOf(entry) }
  }
}

function byName(a: Named, b: Named): number {
  return byCodeUnit(a.name, b.name)
}

/** Plain files only: a link in a repository may lead to a pipe, which would be waited for, or to a device without an end. Windows has no O_NONBLOCK. */
function whole(at: string, most = longest): Buffer {
  if (handed.test(at)) return fs.readFileSync(at)
  const fd = fs.openSync(at, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  try {
    const found = fs.fstatSync(fd)
    if (found.isDirectory()) throw failure('EISDIR')
    if (!found.isFile() && !isNull(found, at)) throw failure('EFTYPE')
    if (found.size > most) throw failure('EFBIG')
    return filled(fd, { offset: 0, length: found.size })
  } finally {
    fs.closeSync(fd)
  }
}

/** Asked of the open file, and not of its path before: of very many files that is half of what reading them takes. Only Windows would follow a link. */
function readUpTo(at: string, most: number): Buffer | number | undefined {
  if (process.platform === 'win32' && fs.lstatSync(at, quietly)?.isFile() !== true) return undefined
  const fd = openPlain(at)
  try {
    const found = fs.fstatSync(fd)
    if (!found.isFile()) return undefined
    return found.size > most ? found.size : filled(fd, { offset: 0, length: found.size })
  } finally {
    fs.closeSync(fd)
  }
}

/** A link, or a socket, is no file. */
function openPlain(at: string): number {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  try {
    return fs.openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (e) {
    throw ['ELOOP', 'ENXIO'].includes((e as NodeJS.ErrnoException).code ?? '') ? failure('ENOENT') : e
  }
}

/** What a person's shell passes in, as with `--key <(command)`: that is waited for. Only under these names, so that a link elsewhere is not. */
const handed = /^\/(dev\/stdin|(dev|proc\/self)\/fd\/\d+)$/

/** /dev/null, or what Windows has for it, stands for an empty file. */
function isNull(found: fs.Stats, at: string): boolean {
  return found.isCharacterDevice() && (process.platform === 'win32' || fs.realpathSync(at) === '/dev/null')
}

/** In bytes: what Node reads at once, and of what it can hold in one text about half. */
const longest = 2 ** 31 - 1
const longestText = 256 * 1024 * 1024

/** The mark is of the open file that gave the bytes, and taken after them, so that it shows every change until then. */
function readMarked(at: string, size: number): { bytes: Uint8Array; mark: Mark } {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  const fd = fs.openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    return { bytes: filled(fd, { offset: 0, length: size }), mark: markOf(fs.fstatSync(fd)) }
  } finally {
    fs.closeSync(fd)
  }
}

/** A folder with what is missing above it; answers what it made, the outermost first. Node's recursive mkdir tells only that one, says ENOENT of a
    file system that is read-only, and tries for ever below a folder that is there and takes none (/proc). */
function mkdir(at: string): string[] {
  const alone = made(at)
  if (alone) return alone
  const above = path.dirname(at)
  const first = above === at || fs.existsSync(above) ? [] : mkdir(above)
  const last = made(at)
  if (last === undefined && (above === at || fs.existsSync(above))) throw failure('ENOENT')
  return [...first, ...(last ?? mkdir(at))]
}

/** undefined where the folder above is missing. Another haal may make the same ones meanwhile, or remove them. */
function made(at: string): string[] | undefined {
  try {
    fs.mkdirSync(at)
    return [at]
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    if (code === 'EEXIST' && isFolder(at)) return []
    if (code === 'ENOENT') return undefined
    throw e
  }
}

function isFolder(at: string): boolean {
  return fs.statSync(at, quietly)?.isDirectory() === true
}

/** The mode is set through the open file: the umask must not take the executable bit away, nor a second look-up follow a link. */
function write(at: string, bytes: Uint8Array | string, mode?: number): void {
  const fd = openNew(at, mode ?? 0o644)
  try {
    fs.writeFileSync(fd, bytes)
    if (mode !== undefined && mode & 0o100) fs.fchmodSync(fd, mode)
  } finally {
    fs.closeSync(fd)
  }
}

/** A link that lies at the place is replaced: a project may bring one that leads to any file of the person's. A pipe is not waited for. */
function openNew(at: string, mode: number): number {
  const { O_CREAT, O_TRUNC, O_WRONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  if (process.platform === 'win32' && fs.lstatSync(at, quietly)?.isSymbolicLink()) fs.unlinkSync(at)
  try {
    return fs.openSync(at, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, mode)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'ELOOP') throw e
    fs.unlinkSync(at)
    return openNew(at, mode)
  }
}

/** A pipe that nobody reads is an error at once, where it would wait for ever. Windows does not know the flag. */
function append(at: string, bytes: Uint8Array | string): void {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK = 0 } = fs.constants
  const fd = fs.openSync(at, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK)
  try {
    fs.writeFileSync(fd, bytes)
  } finally {
    fs.closeSync(fd)
  }
}

function create(at: string, bytes: Uint8Array | string): boolean {
  try {
    fs.writeFileSync(at, bytes, { flag: 'wx' })
    return true
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw e
  }
}

/** Virus scanners and editors hold files open for moments on Windows; there, what is refused is tried again for a second. */
function patiently<T>(act: () => T): T {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return act()
    } catch (e) {
      const passing = ['EPERM', 'EACCES', 'EBUSY'].includes((e as NodeJS.ErrnoException).code ?? '')
      if (process.platform !== 'win32' || !passing || attempt === 10) throw e
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    }
  }
}

function remove(at: string): boolean {
  try {
    const isFolder = fs.lstatSync(at).isDirectory()
    if (isFolder) fs.rmdirSync(at)
    else fs.unlinkSync(at)
    return true
  } catch (e) {
    if (['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes((e as NodeJS.ErrnoException).code ?? '')) return false
    throw e
  }
}

/** Folders cannot be opened for flushing on Windows, where renames are journalled by the file system. */
function flush(at: string): void {
  let fd: number
  try {
    fd = fs.openSync(at, 'r+')
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== 'EISDIR') throw e
    if (process.platform === 'win32') return
    fd = fs.openSync(at, 'r')
  }
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
