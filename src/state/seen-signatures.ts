import path from 'node:path'
import * as v from 'valibot'
import { decode, dictionary } from '../model/decode.js'
import { type Digest, isDigest } from '../model/digest.js'
import type { Disk } from '../model/disk.js'
import type { SeenBytes, SeenSigned } from '../model/policy.js'
import { writeWhole } from './atomic-write.js'
import { readOwn, sorted } from './home-file.js'

/** What commands have learned of signed indexes and of the bytes that they vouch for, so that time goes forward only and a frozen install or a
    rollback can be judged without a network. Kept outside every project, and only where a rule asks. */
export interface SeenSignatures {
  /** By registry: its address and ref. */
  indexes: ReadonlyMap<string, SeenSigned>
  artifacts: ReadonlyMap<Digest, SeenBytes>
}

const digest = v.custom<Digest>(isDigest, 'is not a digest')

const schema = v.strictObject({
  indexes: dictionary(
    v.strictObject({ id: v.string(), version: v.pipe(v.number(), v.integer(), v.minValue(1)), digest }),
  ),
  artifacts: dictionary(
    v.strictObject({ published: v.optional(v.string()), signed: v.optional(dictionary(v.array(v.string()))) }),
  ),
})

function fileIn(home: string): string {
  return path.join(home, 'signed-seen.json')
}

/** Throws E_SIG where the file is damaged: nobody can tell then what was seen. */
export function readSeenSignatures(disk: Disk, home: string): SeenSignatures {
  const file = fileIn(home)
  const written = readOwn(disk, file, {
    code: 'E_SIG',
    hint: 'remove the file; haal then takes every signed index as it finds it and remembers again',
    read: (value) => decode(schema, value, file, 'E_SIG'),
  })
  return {
    indexes: new Map(Object.entries(written?.indexes ?? {})),
    artifacts: new Map(Object.entries(written?.artifacts ?? {}) as [Digest, SeenBytes][]),
  }
}

/** Adds what is new: of an index the higher version, of bytes everything. */
export function writeSeenSignatures(disk: Disk, home: string, found: SeenSignatures): void {
  const before = readSeenSignatures(disk, home)
  const newer = [...found.indexes].filter(([at, { version }]) => version > (before.indexes.get(at)?.version ?? 0))
  const fresh = [...found.artifacts].flatMap(([integrity, seen]): [Digest, SeenBytes][] => {
    const known = before.artifacts.get(integrity)
    const both = joined(known, seen)
    return JSON.stringify(both) === JSON.stringify(known) ? [] : [[integrity, both]]
  })
  if (newer.length === 0 && fresh.length === 0) return
  const text = JSON.stringify(
    { indexes: sorted([...before.indexes, ...newer]), artifacts: sorted([...before.artifacts, ...fresh]) },
    null,
    2,
  )
  writeWhole(disk, fileIn(home), `${text}\n`)
}

function joined(known: SeenBytes | undefined, { published, signed }: SeenBytes): SeenBytes {
  const first = known?.published ?? published
  const keys = sorted(Object.entries({ ...known?.signed, ...signed }))
  return {
    ...(first !== undefined && { published: first }),
    ...(Object.keys(keys).length > 0 && { signed: keys }),
  }
}
