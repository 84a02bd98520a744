import path from 'node:path'
import * as v from 'valibot'
import { decode, dictionary } from '../../model/decode.js'
import { type Digest, isDigest } from '../../model/digest.js'
import type { Disk } from '../../model/disk.js'
import { writeWhole } from '../atomic-write.js'
import { readOwn, sorted } from '../home-file.js'
import { readSeenVersions } from './seen-versions.js'
import { bytesOf, keepBytes, keptBytes } from './source.js'

/** The policies of primary registries as they were when these were last opened, for commands that do not ask them: a frozen install or a rollback is
    judged by them too. `HAAL_HOME/registry-policies.json` says which bytes, the bytes lie beside the bases of policies, by their digest. */
export interface KeptPolicy {
  bytes: Uint8Array
  signature?: Uint8Array
}

const digest = v.custom<Digest>(isDigest, 'is not a digest')
const schema = dictionary(v.strictObject({ digest, signature: v.optional(digest) }))

type Written = v.InferOutput<typeof schema>

function fileIn(home: string): string {
  return path.join(home, 'registry-policies.json')
}

/** undefined where the registry is not known to have a policy, `lost` where it has one whose bytes are gone or damaged. Throws E_POLICY_LOAD where
    nobody can tell. */
export function keptPolicy(disk: Disk, home: string, from: string): KeptPolicy | 'lost' | undefined {
  const known = read(disk, home)[from]
  if (known === undefined) return readSeenVersions(disk, home).has(from) ? 'lost' : undefined
  const bytes = keptBytes(disk, home, known.digest)
  const signature = known.signature && keptBytes(disk, home, known.signature)
  if (bytes === undefined || (known.signature !== undefined && signature === undefined)) return 'lost'
  return { bytes, ...(signature && { signature }) }
}

/** Notes what a registry has now; undefined where it has no policy. Writes only what is new. */
export function keepPolicy(
  disk: Disk,
  home: string,
  { from, policy }: { from: string; policy: KeptPolicy | undefined },
): void {
  const before = read(disk, home)
  const { [from]: known, ...others } = before
  if (policy === undefined) {
    if (known !== undefined) write(disk, home, others)
    return
  }
  const bytes = bytesOf(from, policy.bytes)
  const signature = policy.signature && bytesOf(from, policy.signature)
  const now = { digest: bytes.digest, ...(signature && { signature: signature.digest }) }
  if (known?.digest === now.digest && known.signature === now.signature && keptPolicy(disk, home, from) !== 'lost')
    return
  for (const each of signature === undefined ? [bytes] : [bytes, signature]) keepBytes(disk, home, each)
  write(disk, home, { ...others, [from]: now })
}

function read(disk: Disk, home: string): Written {
  const file = fileIn(home)
  const written = readOwn(disk, file, {
    code: 'E_POLICY_LOAD',
    hint: 'remove the file, and run haal once where the registries can be reached',
    read: (value) => decode(schema, value, file, 'E_POLICY_LOAD'),
  })
  return written ?? {}
}

function write(disk: Disk, home: string, all: Written): void {
  writeWhole(disk, fileIn(home), `${JSON.stringify(sorted(Object.entries(all)), null, 2)}\n`)
}
