import { createHash, hash } from 'node:crypto'
import { fail, onError } from '../../model/errors.js'
import type { Engine, RawObject } from './engine.js'

/** One line of a tree object, its name exactly as the bytes say. */
export interface GitEntry {
  /** As git writes it: `100644`, `100755`, `40000`, `120000`, `160000`. */
  mode: number
  name: string
  id: string
}

/** Objects of one commit. Every byte that leaves has been checked against the id that names it, from the commit id down. */
export interface Objects {
  /** Its tree, and when it was committed. Throws E_REF where the id is no commit of this repository. */
  commit(): Promise<{ tree: string; committed: Date }>
  tree(ids: readonly string[]): Promise<Map<string, readonly GitEntry[]>>
  /** Files; what is not here is fetched in one go. A file larger than haal reads has no bytes. */
  blobs(ids: readonly string[], sink: Sink): Promise<void>
}

/** Where objects go, each as it is read; a Map is one. */
interface Sink {
  set(id: string, object: RawObject): unknown
}

/** Objects that are read at a time, beside what a sink keeps. */
const portion = 500

export function openObjects(engine: Engine, { commit, registry }: { commit: string; registry: string }): Objects {
  const fetchCommit = () => engine.fetchCommit(commit)
  return {
    commit: async () => {
      const found = new Map<string, RawObject>()
      await mended(engine, [commit], { fetch: fetchCommit, sink: found })
      return (
        parseCommit(found.get(commit)) ??
        fail('E_REF', `${registry}: ${commit} is not a commit`, {
          hint: 'a tag may lead to a file or a folder: name another one, a branch or a commit',
        })
      )
    },
    tree: async (ids) => {
      const trees = new Map<string, readonly GitEntry[]>()
      const sink: Sink = { set: (id, object) => trees.set(id, parseTree(object, id)) }
      await mended(engine, ids, { fetch: fetchCommit, sink })
      return trees
    },
    blobs: (ids, sink) => mended(engine, ids, { fetch: (missing) => engine.fetchBlobs(missing, commit), sink }),
  }
}

interface Taking {
  fetch(missing: readonly string[]): Promise<void>
  sink: Sink
}

/** Gives the objects to the sink. A damaged store is dropped and fetched again, up to twice: another haal may drop what this one has fetched. */
async function mended(engine: Engine, ids: readonly string[], taking: Taking): Promise<void> {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return
  for (let tries = 0; tries < 3; tries += 1) {
    if (await taken(engine, wanted, taking)) return
    if (!engine.drop()) break
  }
  fail('E_CACHE', 'the cached copy of a git repository is damaged, and cannot be fetched again', {
    hint: 'run the command once without --offline',
  })
}

/** Gives the objects to the sink; false where one is not what its id says, or can be neither read nor fetched. */
async function taken(engine: Engine, ids: readonly string[], { fetch, sink }: Taking): Promise<boolean> {
  const all = async () => {
    const missing = await collect(engine, ids, sink)
    if (missing.length === 0) return true
    await fetch(missing)
    return (await collect(engine, missing, sink)).length === 0
  }
  return onError(['E_CACHE'], all, () => false)
}

/** Hands over what is here, checked; answers what is not. */
async function collect(engine: Engine, ids: readonly string[], sink: Sink): Promise<string[]> {
  const missing: string[] = []
  for (let at = 0; at < ids.length; at += portion) {
    const some = ids.slice(at, at + portion)
    const objects = await engine.local(some)
    some.forEach((id, i) => {
      const object = objects[i]
      if (object === undefined) missing.push(id)
      else sink.set(id, checked(object, id))
    })
  }
  return missing
}

function checked(object: RawObject, id: string): RawObject {
  const { type, bytes, framed } = object
  const algorithm = id.length === 64 ? 'sha256' : 'sha1'
  const actual = framed ? hash(algorithm, framed) : bytes && idOf(type, bytes, algorithm)
  if (actual !== undefined && actual !== id) fail('E_CACHE', `the stored object ${id} is not what its id says`)
  return object
}

/** The id of an object: the digest of a head and its bytes, SHA-1 or SHA-256 by the id's length (gitformat-index of git's own documents: "object names"). */
function idOf(type: string, bytes: Uint8Array, algorithm: 'sha1' | 'sha256'): string {
  return createHash(algorithm).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex')
}

function parseCommit(object: RawObject | undefined): { tree: string; committed: Date } | undefined {
  const text = object?.type === 'commit' ? Buffer.from(object.bytes ?? []).toString('latin1') : ''
  const head = text.slice(0, text.indexOf('\n\n') + 1)
  const tree = /^tree ([0-9a-f]+)$/m.exec(head)?.[1]
  if (tree === undefined) return undefined
  return { tree, committed: dateOf(Number(/^committer .*> (\d+) /m.exec(head)?.[1] ?? 0)) }
}

/** Anybody can write any date into a commit; one beyond the year 9999, which ISO 8601 cannot write, becomes the end of that year. */
export function dateOf(seconds: number): Date {
  return new Date(Math.min(seconds, 253_402_300_799) * 1000)
}

/** `<mode in octal> <name>\0<id in bytes>` again and again. A name with a slash would be two names to everybody else. */
function parseTree(object: RawObject, id: string): GitEntry[] {
  if (object.type !== 'tree')
    return fail('E_ENTRY_TYPE', `a git folder lists ${id} as a folder, which is a ${object.type}`)
  if (object.bytes === undefined) return fail('E_LIMIT_SIZE', `the folder ${id} of a git repository is too large`)
  const { buffer, byteOffset, length } = object.bytes
  const bytes = Buffer.from(buffer, byteOffset, length)
  const [text, hex] = [bytes.toString('latin1'), bytes.toString('hex')]
  const entries: GitEntry[] = []
  for (let at = 0; at < length; ) {
    const space = text.indexOf(' ', at)
    const end = text.indexOf('\0', space)
    const next = end + 1 + id.length / 2
    const mode = text.slice(at, Math.max(at, space))
    if (end < 0 || next > length || !/^[0-7]{5,7}$/.test(mode))
      return fail('E_ARCHIVE', `the folder ${id} is not written as git writes folders`)
    const plain = text.slice(space + 1, end)
    const name = isAscii(plain) ? plain : nameOf(bytes.subarray(space + 1, end))
    if (name === '' || name.includes('/'))
      return fail('E_PATH_FORBIDDEN', `a git folder holds the name ${JSON.stringify(name)}, which is no name`)
    entries.push({ mode: Number.parseInt(mode, 8), name, id: hex.slice(2 * end + 2, 2 * next) })
    at = next
  }
  return entries
}

function isAscii(text: string): boolean {
  return !/[\x80-\xff]/.test(text)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes that are not UTF-8 become lone surrogates: no two names become one, and none of them passes for valid. */
function nameOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return [...bytes].map((byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('')
  }
}
