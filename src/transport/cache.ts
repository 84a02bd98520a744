import { createHash, randomUUID } from 'node:crypto'
import path from 'node:path'
import * as v from 'valibot'
import { removeTree } from '../io/disk.js'
import { sha256Hex } from '../model/digest.js'
import type { Disk, Named } from '../model/disk.js'
import { fail, HaalError } from '../model/errors.js'
import { getOrMake } from '../model/maps.js'
import type { Answer, Cache } from '../model/transport.js'

interface CacheOptions {
  /** Absolute. Where caching is off, a folder of its own is made below it and goes when the cache is closed. */
  folder: string
  enabled: boolean
  /** A secret that goes into the names of entries, where the project's configuration names the folder: the project may bring that folder filled,
      and git would obey the settings of a repository in it. */
  seal?: string
  /** Milliseconds after which nothing is used any more. */
  maxAge: number
  now(): Date
}

interface CacheInfo {
  folder: string
  /** Answers, archives and repositories together. */
  entries: number
  bytes: number
}

/** A cache that can tell how large it is, and be emptied: what was kept while caching was on, too. */
export interface OpenCache extends Cache {
  info(): CacheInfo
  /** Removes everything haal keeps there and answers what that was. Other files in the folder stay. */
  clean(): CacheInfo
  close(): void
}

/** The cache on disk. Nothing in it is trusted: each entry has a digest of its key and its bytes, so that what was cut, changed
    or moved to another entry's place is found, dropped and fetched again. Files in its folder that are not haal's stay.

    answers/<key>              `<sha256>\n<JSON of key, at, etag, lastModified>\n<body>`
    packs/<key>/<sha256>-<at>  a pack
    repositories/<key>/        what a transport keeps for itself
    new/<at>-<random>          what is being written
    folders/                   what is remembered of folders: see state/folder-memory.ts */
export function openCache(disk: Disk, options: CacheOptions): OpenCache {
  const { enabled, seal, maxAge, now } = options
  const folder = enabled ? options.folder : path.join(options.folder, `${unkept}${randomUUID()}`)
  const wasThere = enabled || disk.stat(options.folder) !== undefined
  const age = (at: number) => now().getTime() - at
  /** An entry from the future was written while a clock was wrong, and would be used for too long. */
  const isUsable = (at: number) => age(at) <= maxAge && age(at) > -clockSkew
  const nameOf = (key: string) => sha256Hex(seal === undefined ? key : `${seal}\n${key}`).slice(0, 32)
  const cache: CacheFolder = { disk, folder, nameOf, isUsable, now: () => now().getTime() }
  const packs = new Map<string, Promise<string>>()
  return {
    pack: (key, make) => {
      const found = getOrMake(packs, key, () => packFor(cache, key, make))
      found.catch(() => packs.delete(key))
      return found
    },
    folder: (key) => path.join(folder, 'repositories', nameOf(key)),
    recall: (key) => recall(cache, key),
    remember: (key, answer) => remember(cache, key, answer),
    info: () => measure(disk, options.folder),
    clean: () => {
      const before = measure(disk, options.folder)
      for (const entry of everything(disk, options.folder)) removeTree(disk, entry)
      for (const { part } of parts) disk.remove(path.join(options.folder, part))
      return before
    },
    close: () => {
      if (!enabled) removeTree(disk, folder)
      if (!wasThere) disk.remove(options.folder)
    },
  }
}

const unkept = 'unkept-'
/** How entries are named: only the name tells them from other files in the same folder. */
const parts = [
  { part: 'answers', called: /^[0-9a-f]{32}$/ },
  { part: 'packs', called: /^[0-9a-f]{32}$/ },
  { part: 'repositories', called: /^[0-9a-f]{32}$/ },
  { part: 'new', called: /^\d{13}-[0-9a-f]{8}-/ },
  { part: 'folders', called: /^folder-(here|[0-9a-f]+(\.\d+\.tmp)?)$/ },
] as const
const unkeptName = /^unkept-[0-9a-f]{8}-/
const clockSkew = 60_000
/** Milliseconds after which what was being written is debris of a process that died. */
const abandoned = 3_600_000

interface CacheFolder {
  disk: Disk
  folder: string
  nameOf(key: string): string
  isUsable(at: number): boolean
  now(): number
}

const headSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    key: v.string(),
    at: v.number(),
    etag: v.optional(v.string()),
    lastModified: v.optional(v.string()),
  }),
)

function recall({ disk, folder, nameOf, isUsable }: CacheFolder, key: string): Answer | undefined {
  const file = path.join(folder, 'answers', nameOf(key))
  const text = readable(disk, file, () => disk.text(file))
  if (text === undefined) return undefined
  const answer = parseAnswer(text, key)
  if (answer !== undefined && isUsable(answer.at)) return answer
  disk.remove(file)
  return undefined
}

/** What is no file is no entry: it is removed, to make room for one. A file that cannot be read now may be sound: that is thrown. */
function readable<T>(disk: Disk, at: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (e) {
    if (!(e instanceof HaalError) || e.code !== 'E_DISK' || disk.stat(at)?.type === 'file') throw e
    removeTree(disk, at)
    return undefined
  }
}

/** undefined where anything at all is wrong with it. */
function parseAnswer(text: string, key: string): Answer | undefined {
  const [, digest, rest = ''] = /^([0-9a-f]{64})\n(.*)$/s.exec(text) ?? []
  if (digest === undefined || sha256Hex(rest) !== digest) return undefined
  const cut = rest.indexOf('\n')
  const head = v.safeParse(headSchema, rest.slice(0, cut))
  if (!head.success || head.output.key !== key) return undefined
  const { at, etag, lastModified } = head.output
  return { at, body: rest.slice(cut + 1), ...(etag && { etag }), ...(lastModified && { lastModified }) }
}

function remember(cache: CacheFolder, key: string, { body, ...head }: Omit<Answer, 'at'>): void {
  const { disk, folder, nameOf } = cache
  const rest = `${JSON.stringify({ key, at: cache.now(), ...head })}\n${body}`
  const temporary = newFile(cache)
  disk.mkdir(path.join(folder, 'answers'))
  disk.write(temporary, `${sha256Hex(rest)}\n${rest}`)
  disk.rename(temporary, path.join(folder, 'answers', nameOf(key)))
}

async function packFor(cache: CacheFolder, key: string, make: (path: string) => Promise<void>): Promise<string> {
  const { disk, folder, nameOf } = cache
  const home = path.join(folder, 'packs', nameOf(key))
  const { sound, damaged } = soundPack(cache, home, key)
  if (sound !== undefined) return sound
  const temporary = newFile(cache)
  try {
    await make(temporary)
  } catch (e) {
    disk.remove(temporary)
    if (damaged && e instanceof HaalError && e.code === 'E_OFFLINE')
      fail('E_CACHE', `what is cached in ${home} is damaged, and --offline forbids fetching it again`, {
        hint: 'run the command once without --offline',
      })
    throw e
  }
  disk.mkdir(home)
  const place = path.join(home, `${digestOf(disk, temporary, key)}-${cache.now()}`)
  disk.rename(temporary, place)
  return place
}

/** The first pack of a key that is whole and young enough; those before it are removed. So is a link in the place of their folder, which a cache from
    somebody else may have: it could lead to any folder, whose files would be removed instead. */
function soundPack({ disk, isUsable }: CacheFolder, home: string, key: string): { sound?: string; damaged: boolean } {
  if (disk.stat(home)?.type === 'link') disk.remove(home)
  let damaged = false
  for (const { name } of disk.names(home)) {
    const place = path.join(home, name)
    const [, digest, at] = /^([0-9a-f]{64})-(\d+)$/.exec(name) ?? []
    if (isUsable(Number(at)) && readable(disk, place, () => digestOf(disk, place, key)) === digest)
      return { sound: place, damaged }
    damaged ||= isUsable(Number(at))
    disk.remove(place)
  }
  return { damaged }
}

/** undefined where another haal removes the file meanwhile. */
function digestOf(disk: Disk, file: string, key: string): string | undefined {
  const hash = createHash('sha256').update(`${key}\n`)
  const piece = 1024 * 1024
  for (let offset = 0; disk.stat(file) !== undefined; offset += piece) {
    const bytes = disk.readAt(file, offset, piece)
    hash.update(bytes)
    if (bytes.length < piece) return hash.digest('hex')
  }
  return undefined
}

/** A name for what is to be written. Removes what processes that died have left. */
function newFile({ disk, folder, now }: CacheFolder): string {
  const place = path.join(folder, 'new')
  disk.mkdir(place)
  for (const { name } of entriesOf(disk, folder, 'new')) {
    const age = now() - Number(/^\d+/.exec(name)?.[0] ?? 0)
    if (Math.abs(age) > abandoned) disk.remove(path.join(place, name))
  }
  return path.join(place, `${now()}-${randomUUID()}`)
}

function entriesOf(disk: Disk, folder: string, wanted: (typeof parts)[number]['part']): Named[] {
  const called = parts.find(({ part }) => part === wanted)?.called
  return disk.names(path.join(folder, wanted)).filter(({ name }) => called?.test(name))
}

function everything(disk: Disk, folder: string): string[] {
  const entries = parts.flatMap(({ part }) =>
    entriesOf(disk, folder, part).map(({ name }) => path.join(folder, part, name)),
  )
  const left = disk.names(folder).filter(({ name }) => unkeptName.test(name))
  return [...entries, ...left.map(({ name }) => path.join(folder, name))]
}

function measure(disk: Disk, folder: string): CacheInfo {
  const sizes = parts.flatMap(({ part }) =>
    entriesOf(disk, folder, part).map(({ name }) => ({ part, size: sizeOf(disk, path.join(folder, part, name)) })),
  )
  const entries = sizes.filter(({ part, size }) => part !== 'new' && size > 0)
  return { folder, entries: entries.length, bytes: sizes.reduce((sum, { size }) => sum + size, 0) }
}

function sizeOf(disk: Disk, at: string): number {
  const stat = disk.stat(at)
  if (stat?.type !== 'folder') return stat?.type === 'file' ? stat.size : 0
  return disk.names(at).reduce((sum, { name }) => sum + sizeOf(disk, path.join(at, name)), 0)
}
