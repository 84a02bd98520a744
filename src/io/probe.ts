import fs from 'node:fs'
import path from 'node:path'
import { failure } from './disk-failure.js'

/** Throws where nothing may be made in a folder. Windows says of one only whether it is marked read-only, which binds nobody: what its owner
    allows shows when it is tried. */
export function probe(at: string): void {
  if (process.platform === 'win32') {
    const file = path.join(at, `.haal-probe-${process.pid}`)
    fs.writeFileSync(file, '')
    fs.unlinkSync(file)
  } else fs.accessSync(at, fs.constants.W_OK | fs.constants.X_OK)
  if (isFull(at)) throw failure('ENOSPC')
}

/** With less than 64 KiB left nothing can be installed. A file system that tells no size, or has none, is not full. */
function isFull(at: string): boolean {
  try {
    const { blocks, bavail, bsize } = fs.statfsSync(at)
    return blocks > 0 && bavail * bsize < 65_536
  } catch {
    return false
  }
}
