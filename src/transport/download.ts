import { createHash, randomUUID } from 'node:crypto'
import path from 'node:path'
import { unpack } from '../io/archive.js'
import type { Reply } from '../io/http.js'
import { openPack, type Pack, type PackWriter, temporaryFor, writePack } from '../io/pack.js'
import { limits } from '../model/limits.js'
import type { Locator, Revision } from '../model/registry.js'
import type { Answer, Reach } from '../model/transport.js'
import type { Tree } from '../model/tree.js'
import { cacheKey, offline } from './fresh.js'
import { packTree } from './pack-tree.js'
import { checkSri, type Sri } from './sri.js'
import { type Asked, askFor, clientOf, conditions, refused, underWay, validators, type Web } from './web.js'

/** An archive to fetch. */
export interface Download {
  url: string
  /** How messages name it, after its registry. */
  name: string
  sri?: Sri | undefined
  /** Sees a reply that is neither 200 nor 304 before it is refused. */
  look?(reply: Reply): void
  /** The pack's label, told from the archive's first bytes. */
  label(head: Uint8Array): string
}

/** The tree of an archive that is unpacked into the cache once, while it arrives: neither archive nor tree is ever whole in memory, and
    nothing is kept unless its digest is right. */
export async function downloadedTree(
  revision: Revision,
  web: Web,
  { download, root }: { download: () => Promise<Download> | Download; root(pack: Pack): string },
): Promise<Tree & { label: string }> {
  const { reach } = web
  const make = async (at: string) => {
    if (reach.offline) offline(reach)
    await fetchTo(at, web, await download())
  }
  const at = await reach.cache.pack(archiveKey(revision, reach), make)
  const pack = openPack(reach.disk, at)
  const renew = async () => {
    await make(at)
    return openPack(reach.disk, at)
  }
  return { ...packTree(revision, pack, { root: root(pack), renew }), label: pack.label }
}

/** Fetches an archive whose digest nobody knows yet, and answers with the digest; 'same' where it is what it was. */
export async function digestOfArchive(
  at: Locator,
  web: Web,
  { download, known }: { download: Download; known: Answer | undefined },
): Promise<Asked> {
  const { disk, cache } = web.reach
  const folder = cache.folder('downloads')
  disk.mkdir(folder)
  const temporary = path.join(folder, randomUUID())
  try {
    const got = await fetchTo(temporary, web, download, known)
    if (got !== 'same')
      await cache.pack(archiveKey({ at, id: got.body }, web.reach), async (place) => disk.rename(temporary, place))
    return got
  } finally {
    disk.remove(temporary)
  }
}

function archiveKey({ at, id }: Revision, reach: Reach): string {
  return cacheKey(at, `archive ${id}`, reach)
}

async function fetchTo(place: string, web: Web, download: Download, known?: Answer): Promise<Asked> {
  const ask = askFor(web, { limit: limits.archive, raw: true, headers: conditions(known) })
  const take = async (reply: Reply): Promise<Asked> => {
    if (reply.status === 304 && known) return 'same'
    if (reply.status !== 200) {
      download.look?.(reply)
      return refused(web, reply)
    }
    const pack = writePack(web.reach.disk, temporaryFor(place))
    try {
      const body = await unpacked(reply, download, { pack, web })
      pack.finish(place, body.label)
      return { body: body.digest, ...validators(reply) }
    } catch (e) {
      pack.abandon()
      throw e
    }
  }
  return underWay(web.reach, { what: `fetching ${download.name}`, key: download.url }, () =>
    clientOf(web).send(download.url, ask, take),
  )
}

async function unpacked(
  reply: Reply,
  { url, name, sri, label }: Download,
  { pack, web }: { pack: PackWriter; web: Web },
): Promise<{ digest: string; label: string }> {
  const size = Number(reply.headers['content-length'])
  const hash = createHash(sri?.algorithm ?? 'sha256')
  const called = `${web.reach.registry.name}: ${name}`
  const bytes = observed(reply.body, (chunk, done) => {
    hash.update(chunk)
    web.reach.emit({ type: 'progress', key: url, done, unit: 'bytes', ...(size > 0 && { total: size }) })
  })
  await unpack({ name: called, bytes: bytes.passing(), names: 'leave', ...(size > 0 && { size }) }, pack)
  const digest = hash.digest('base64')
  if (sri) checkSri(sri, digest, called)
  return { digest: `${sri?.algorithm ?? 'sha256'}-${digest}`, label: label(bytes.head()) }
}

/** Calls `look` with each chunk of a body and the bytes so far, and keeps the body's beginning. */
function observed(body: AsyncIterable<Uint8Array>, look: (chunk: Uint8Array, done: number) => void) {
  let head = Buffer.alloc(0)
  let size = 0
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      size += chunk.length
      look(chunk, size)
      if (head.length < headLength) head = Buffer.concat([head, chunk])
      yield chunk
    }
  }
  return { passing, head: () => head }
}

/** So many compressed bytes hold an archive's first blocks. */
const headLength = 4096
