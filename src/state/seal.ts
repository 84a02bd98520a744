import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { Disk } from '../model/disk.js'
import { HaalError } from '../model/errors.js'

/** A secret of this person's haal, made when it is first wanted: what is named with it was put there by nobody else. Kept in `file`, which only the
    person may read; where that cannot be written it is another each time. */
export function sealOf(disk: Disk, file: string): string {
  const kept = readSeal(disk, file)
  if (kept !== undefined) return kept
  const fresh = randomBytes(32).toString('hex')
  try {
    disk.mkdir(path.dirname(file))
    const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
    disk.write(temporary, `${fresh}\n`, 0o600)
    disk.rename(temporary, file)
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_DISK') return fresh
    throw e
  }
  return readSeal(disk, file) ?? fresh
}

function readSeal(disk: Disk, file: string): string | undefined {
  return /^([0-9a-f]{64})\n$/.exec(disk.text(file) ?? '')?.[1]
}
