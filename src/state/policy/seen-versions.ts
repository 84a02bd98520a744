import path from 'node:path'
import * as v from 'valibot'
import { decode } from '../../model/decode.js'
import { type Digest, isDigest } from '../../model/digest.js'
import type { Disk } from '../../model/disk.js'
import { refuseStrange } from '../../model/unknown-keys.js'
import { writeWhole } from '../atomic-write.js'
import { readOwn, sorted } from '../home-file.js'

/** The newest version of a policy that was in force here, and its bytes. */
export interface SeenVersion {
  version: number
  digest: Digest
}

const seenSchema = v.record(
  v.string(),
  v.strictObject({
    version: v.pipe(v.number(), v.integer('is not a whole number'), v.minValue(1, 'is less than 1')),
    digest: v.custom<Digest>(isDigest, 'is not a digest'),
  }),
)

/** `HAAL_HOME/policy-seen.json`: what keeps an older policy from coming back. It lies outside every project. */
export function seenVersionsFile(home: string): string {
  return path.join(home, 'policy-seen.json')
}

/** Sources (an absolute path or a URL) and the last version seen. Throws E_POLICY_LOAD where the file is damaged: nobody can tell then what was seen. */
export function readSeenVersions(disk: Disk, home: string): ReadonlyMap<string, SeenVersion> {
  const file = seenVersionsFile(home)
  const written = readOwn(disk, file, {
    code: 'E_POLICY_LOAD',
    hint: 'remove the file; haal then takes every policy as it finds it and remembers again',
    read: (value) => {
      refuseStrange(seenSchema, value, { source: file, code: 'E_POLICY_LOAD' })
      return decode(seenSchema, value, file, 'E_POLICY_LOAD')
    },
  })
  return new Map(Object.entries(written ?? {}))
}

/** Keeps the higher version of each source. Writes only where something is new. */
export function writeSeenVersions(disk: Disk, home: string, found: ReadonlyMap<string, SeenVersion>): void {
  const before = readSeenVersions(disk, home)
  const newer = [...found].filter(([source, { version }]) => version > (before.get(source)?.version ?? 0))
  if (newer.length === 0) return
  writeWhole(disk, seenVersionsFile(home), `${JSON.stringify(sorted([...before, ...newer]), null, 2)}\n`)
}
