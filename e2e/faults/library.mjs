import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** Kinds of calls, as fault.c numbers them. */
const calls = { open: 1, write: 2, rename: 4, remove: 8, mkdir: 16, link: 32, mode: 64, sync: 128, cut: 256, read: 512 }
const sum = (...names) => names.reduce((all, name) => all + calls[name], 0)
const changing = sum('open', 'write', 'rename', 'remove', 'mkdir', 'link', 'mode', 'sync', 'cut')

/** What may become of a call, and of which calls. A disk that is full or read-only stays so, until the next command. `undoes` says that haal
    itself can take back what it began: it must have done so before it ends. */
export const faults = {
  kill: { how: 0, calls: changing, kills: true },
  tear: { how: -1, calls: sum('write'), kills: true },
  EIO: { how: 5, calls: changing, undoes: true },
  EACCES: { how: 13, calls: sum('open', 'rename', 'remove', 'mkdir', 'link', 'mode'), undoes: true },
  EMFILE: { how: 24, calls: sum('open', 'read'), undoes: true },
  ENOSPC: { how: 28, calls: sum('open', 'write', 'mkdir', 'link', 'sync', 'cut'), lasts: true, undoes: true },
  EROFS: { how: 30, calls: changing - calls.sync, lasts: true },
}

/** Compiles the library that strikes; answers why it cannot be where it cannot. */
export function compile(to) {
  const from = path.join(import.meta.dirname, 'fault.c')
  if (process.platform !== 'linux') return { missing: `LD_PRELOAD needs Linux, and this is ${process.platform}` }
  const { status, error, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', to, from, '-ldl'], {
    encoding: 'utf8',
  })
  if (error) return { missing: `there is no C compiler here (${error.code})` }
  return status === 0 ? { library: to } : { missing: `cc failed: ${stderr}` }
}

/** The environment in which the `at`-th call below a folder is struck; `at` 0 only counts. */
export function striking({ library, below, count }, fault, at) {
  return {
    LD_PRELOAD: library,
    FAULT_BELOW: below,
    FAULT_COUNT: count,
    FAULT_CALLS: String(fault.calls),
    FAULT_HOW: String(fault.how),
    FAULT_AT: String(at),
    ...(fault.lasts && { FAULT_LASTS: '1' }),
  }
}
