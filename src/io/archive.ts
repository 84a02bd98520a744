import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Disk } from '../model/disk.js'
import { fail, HaalError } from '../model/errors.js'
import { limits, sizeText } from '../model/limits.js'
import type { PackWriter } from './pack.js'
import { isGzip, tarReader } from './tar.js'

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** A `.tgz` or `.tar` to unpack. */
export interface Archive {
  /** How messages name it. */
  name: string
  bytes: Chunks
  /** Length in bytes where it is known: an archive that expands too much is then stopped earlier. */
  size?: number
  /** `leave`: a name that not every platform takes, or that is too long, stays for the intake to judge, because only a part of the
      archive is wanted (a whole repository). Paths that leave the archive or have control characters are refused either way. */
  names?: 'refuse' | 'leave'
  budget?: Budget
}

type BudgetName = 'archive' | 'expanded' | 'ratio' | 'entries'
type Budget = Readonly<Record<BudgetName, number>>

/** Unpacks into a pack, one piece at a time: never the whole archive in memory, nothing but the pack on the disk. Links and devices
    are recorded as odd entries; folders are left out. The first thing that is wrong refuses the whole archive: E_ARCHIVE,
    E_ARCHIVE_TRUNCATED, E_ARCHIVE_DUPLICATE, E_PATH_*, E_LIMIT_*. The caller abandons the pack then. */
export async function unpack(archive: Archive, pack: PackWriter): Promise<void> {
  const source = iteratorOf(archive.bytes)
  try {
    await unpackFrom(source, archive, pack)
  } finally {
    await source.return?.()
  }
}

async function unpackFrom(source: Source, archive: Archive, pack: PackWriter): Promise<void> {
  const { name, budget = limits } = archive
  const head = await peek(source)
  const compressed = isGzip(head)
  const meter = metered(archive, budget)
  const reader = await tarReader({ name, names: archive.names ?? 'refuse', budget }, pack)
  let isWhole = false
  const sink = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      if (compressed) meter.expanded(chunk.length)
      reader.feed(chunk)
    }
    isWhole = true
  }
  const all = meter.arriving(following(head, source))
  try {
    await (compressed ? pipeline(all, createGunzip({ chunkSize }), sink) : pipeline(all, sink))
  } catch (e) {
    if (e instanceof HaalError) throw e
    const error = e as NodeJS.ErrnoException
    if (!isWhole || error.code !== 'ABORT_ERR') throw brokenGzip(error, name)
    // Zeros after a gzip stream (padding) end the stream before its source, which may compare a digest of all of its bytes: the rest is read, too.
    for await (const _ of meter.arriving(following(Buffer.alloc(0), source)));
  }
  if (compressed) meter.ended()
  reader.end()
}

/** The bytes of a file in pieces. */
export function* piecesOf(disk: Disk, path: string): Generator<Uint8Array> {
  for (let offset = 0; ; ) {
    const piece = disk.readAt(path, offset, chunkSize)
    if (piece.length === 0) return
    offset += piece.length
    yield piece
  }
}

const chunkSize = 256 * 1024

type Source = AsyncIterator<Uint8Array> | Iterator<Uint8Array>

function iteratorOf(bytes: Chunks): Source {
  return Symbol.asyncIterator in bytes ? bytes[Symbol.asyncIterator]() : bytes[Symbol.iterator]()
}

async function peek(source: Source): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < 8) {
    const next = await source.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

async function* following(head: Uint8Array, source: Source): AsyncGenerator<Uint8Array> {
  yield head
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
}

/** Counts what arrives and what comes out of it. A ratio says nothing about an archive of a few blocks. */
function metered({ name, size }: Archive, budget: Budget) {
  const negligible = 1024 * 1024
  let arrived = 0
  let out = 0
  const bomb = (of: number) => out > negligible && out > of * budget.ratio
  const refuseBomb = () =>
    fail('E_LIMIT_RATIO', `${name} expands more than ${budget.ratio} times (budget: ratio)`, {
      details: { budget: 'ratio', limit: budget.ratio },
    })
  return {
    async *arriving(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        arrived += chunk.length
        if (arrived > budget.archive) tooLarge(`${name} is larger than`, 'archive', budget)
        yield chunk
      }
    },
    expanded(length: number): void {
      out += length
      if (size !== undefined && bomb(size)) refuseBomb()
      if (out > budget.expanded && bomb(arrived)) refuseBomb()
      if (out > budget.expanded) tooLarge(`${name} expands to more than`, 'expanded', budget)
    },
    ended(): void {
      if (bomb(arrived)) refuseBomb()
    },
  }
}

function tooLarge(what: string, name: 'archive' | 'expanded', budget: Budget): never {
  return fail('E_LIMIT_SIZE', `${what} ${sizeText(budget[name])} (budget: ${name})`, {
    details: { budget: name, limit: budget[name] },
  })
}

function brokenGzip(error: NodeJS.ErrnoException, name: string): Error {
  if (!error.code?.startsWith('Z_')) return error
  const why = error.code === 'Z_BUF_ERROR' ? 'is cut short' : 'is damaged'
  return new HaalError('E_ARCHIVE_TRUNCATED', `${name} ${why}: ${error.message}`, { cause: error })
}
