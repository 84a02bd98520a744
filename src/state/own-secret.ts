import { randomBytes } from 'node:crypto'
import type { Disk } from '../model/disk.js'
import { HaalError } from '../model/errors.js'
import { writeWhole } from './atomic-write.js'

/** A secret of this person's haal, made when it is first wanted: what is named with it was put there by nobody else. Kept in `file`, which only the
    person may read; where that cannot be written it is another each time. */
export function sealOf(disk: Disk, file: string): string {
  const kept = readSeal(disk, file)
  if (kept !== undefined) return kept
  const fresh = randomBytes(32).toString('hex')
  try {
    writeWhole(disk, file, `${fresh}\n`, 0o600)
  } catch (e) {
    if (e instanceof HaalError && e.code === 'E_DISK') return fresh
    throw e
  }
  return readSeal(disk, file) ?? fresh
}

function readSeal(disk: Disk, file: string): string | undefined {
  return /^([0-9a-f]{64})\n$/.exec(disk.text(file) ?? '')?.[1]
}
