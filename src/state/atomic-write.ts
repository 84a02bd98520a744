import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { Disk } from '../model/disk.js'
import { attempt } from './attempt.js'

/** Puts a file into its place whole or not at all, by way of a name beside it that nobody else gives. Makes the folders above it. For what has no
    journal: nothing is left behind where the disk refuses. */
export function writeWhole(disk: Disk, file: string, bytes: string | Uint8Array, mode?: number): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  disk.mkdir(path.dirname(file))
  try {
    disk.write(temporary, bytes, mode)
    disk.flush(temporary)
    disk.rename(temporary, file)
  } catch (e) {
    attempt(() => void disk.remove(temporary))
    throw e
  }
}
