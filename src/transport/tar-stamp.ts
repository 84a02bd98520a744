import { constants, gunzipSync } from 'node:zlib'

/** What `git archive` writes into the head of an archive: the commit, in a global extended header, and its time, as that of every
    entry. Source: git-archive(1), pax(1). {} where the bytes are no such archive. */
export function stampOf(head: Uint8Array): { commit?: string; seconds?: number } {
  const tar = unzipped(head)
  if (tar.length < 2 * block || tar.toString('latin1', 257, 262) !== 'ustar') return {}
  const seconds = octal(tar, 136, 12)
  const size = octal(tar, 124, 12)
  const isGlobal = tar.toString('latin1', 156, 157) === 'g'
  const record = isGlobal ? tar.toString('latin1', block, block + Math.min(size, block)) : ''
  const commit = /^\d+ comment=([0-9a-f]{40}|[0-9a-f]{64})\n/.exec(record)?.[1]
  return { ...(commit && { commit }), ...(seconds > 0 && { seconds }) }
}

const block = 512

/** The beginning of a stream that goes on. */
function unzipped(head: Uint8Array): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 16 * 1024 * 1024 })
  } catch {
    return Buffer.alloc(0)
  }
}

function octal(tar: Buffer, at: number, length: number): number {
  return Number.parseInt(tar.toString('latin1', at, at + length), 8) || 0
}
