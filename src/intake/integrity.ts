import type { PackedFile } from '../io/pack.js'
import { type Digest, sha256Hex } from '../model/digest.js'
import { digestOf, type Incoming, type Receiver, takeIn } from './take-in.js'

/** The integrity that an artifact's files would have: taken in exactly as for an install, and kept nowhere. Throws what `takeIn` throws. */
export async function integrityOf(incoming: Incoming): Promise<Digest> {
  const files: PackedFile[] = []
  const receiver: Receiver = {
    files,
    add: (path, mode, bytes) => void files.push({ path, mode, size: bytes.length, sha256: sha256Hex(bytes) }),
  }
  await takeIn(incoming, receiver)
  return digestOf(files)
}
