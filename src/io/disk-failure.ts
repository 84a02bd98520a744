import path from 'node:path'
import { fail } from '../model/errors.js'

/** Runs what touches a place. Throws E_DISK with a hint and `errno`. */
export function tried<T>(at: string, act: () => T): T {
  try {
    return act()
  } catch (e) {
    return refused(at, e as NodeJS.ErrnoException)
  }
}

/** The same for a walk through a folder: the error names the place in it that could not be touched; undefined where something in it is gone when it is
    its turn, cannot be named, or has become a link. */
export function triedWithin<T>(folder: string, act: () => T): T | undefined {
  try {
    return act()
  } catch (e) {
    const error = e as NodeJS.ErrnoException
    if (isAbsent(error) || error.code === 'ELOOP') return undefined
    return refused(path.resolve(error.path ?? folder), error)
  }
}

/** The same; undefined where nothing is there. */
export function unlessAbsent<T>(at: string, act: () => T): T | undefined {
  try {
    return act()
  } catch (e) {
    const error = e as NodeJS.ErrnoException
    if (isAbsent(error)) return undefined
    return refused(at, error)
  }
}

function isAbsent({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** A failure that haal sees and Node does not, in the form of Node's own. */
export function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

/** Node has no `code` for EDQUOT and some others: then the number is used. */
function refused(at: string, error: NodeJS.ErrnoException): never {
  const reason = reasons[error.code ?? ''] ?? error.code ?? `error ${error.errno}`
  const [, hint] = nextMoves.find(([codes]) => codes.includes(error.code ?? '')) ?? []
  return fail('E_DISK', `${at}: ${reason}`, {
    hint,
    details: { path: at, errno: error.code ?? error.errno },
    cause: error,
  })
}

const reasons: Record<string, string> = {
  ENOSPC: 'no space left on the disk',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  EMFILE: 'too many open files',
  ENOENT: 'no such file or folder',
  EEXIST: 'something is in the way',
  EISDIR: 'is a folder',
  ENOTDIR: 'is not in a folder',
  ELOOP: 'is a link that leads to itself',
  EXDEV: 'is on another file system',
  EBUSY: 'is in use',
  ENXIO: 'is a pipe that nobody reads',
  EFBIG: 'is larger than any file of this sort',
  ENAMETOOLONG: 'is longer than the system takes',
  EFTYPE: 'is a pipe, a device or a socket, where a file is wanted',
}

const nextMoves: [codes: string[], hint: string][] = [
  [['ENOSPC', 'EDQUOT'], 'make room and run it again; see what haal keeps: haal cache info'],
  [['EACCES', 'EPERM'], 'give this user access there, or run haal as the one who has it'],
  [['ENOENT'], 'make the folder that it belongs into, or name another; see where haal keeps what: haal doctor'],
  [['EROFS'], 'make it writable, or work in another folder: --cwd <dir>'],
  [
    ['EISDIR', 'ENOTDIR', 'EEXIST', 'ELOOP', 'EFTYPE', 'EFBIG'],
    'move away what is in the way; see where haal keeps what: haal doctor',
  ],
  [['EMFILE', 'ENFILE'], 'raise the limit of open files (ulimit -n), and run it again'],
  [['ENAMETOOLONG'], 'work in a folder with a shorter path: --cwd <dir>'],
  [['EBUSY'], 'close the program that has it open, and run it again'],
]
