import * as v from 'valibot'
import { bytesOf, type Reply } from '../io/http.js'
import { fail } from '../model/errors.js'
import { parseJson, withoutMark } from '../model/json.js'
import { limits } from '../model/limits.js'
import { addTo } from '../model/maps.js'
import { byCodeUnit, pathLimits } from '../model/names.js'
import type { Revision } from '../model/registry.js'
import type { Answer, Reach } from '../model/transport.js'
import type { Tree, TreeEntry } from '../model/tree.js'
import { fresh } from './fresh.js'
import { askFor, clientOf, conditions, refused, revalidateIfThere, underWay, validators, type Web } from './web.js'

/** What a web registry's index may be called; the first that is there counts. */
export const indexFiles = ['registry.json', '.claude-plugin/marketplace.json'] as const

export interface IndexFile {
  name: string
  bytes: Uint8Array
}

export const notThere: readonly number[] = [404, 410]

/** Buckets answer 403 for a file that is not there; where the index was to be had, that is what it means. A policy that may not be
    read is another matter. */
const besides = [
  { name: 'registries.json', missing: [...notThere, 403] },
  { name: '.claude-plugin/marketplace.json', missing: [...notThere, 403] },
  { name: 'policy.json', missing: notThere },
] as const

/** Files beside an index that sign it: asked for only by name, and again with every new index. */
const vouching = [
  'registry.json.sigstore.json',
  '.claude-plugin/marketplace.json.sigstore.json',
  'haal.index.json',
  'policy.json.sigstore.json',
] as const

/** A web registry as a tree. It cannot be listed: what is there is the index, the files haal knows by name beside it, and the single files
    that the index gives artifacts without an archive. */
export function indexTree(revision: Revision, index: IndexFile, { web, base }: { web: Web; base: URL }): Tree {
  let folders: Map<string, TreeEntry[]> | undefined
  const singles = (under: string) => {
    folders ??= byFolder(singleFiles(index, web.reach))
    return folders.get(under) ?? []
  }
  const beside = async (name: string) => {
    const known = besides.find((each) => each.name === name && name !== index.name)
    if (known !== undefined) return fileBeside(revision, { ...known, web, base })
    const voucher = vouching.find((each) => each === name)
    return (
      voucher && fileBeside(revision, { name, key: `${name} ${revision.id}`, missing: [...notThere, 403], web, base })
    )
  }
  const files = async (): Promise<TreeEntry[]> => {
    const found = await Promise.all(besides.map(async ({ name }) => ({ name, bytes: await beside(name) })))
    const there = [index, ...found.flatMap(({ name, bytes }) => (bytes ? [{ name, bytes }] : []))]
    return there.map(({ name, bytes }) => fileEntry(name, bytes.length)).sort(byPath)
  }
  return {
    revision,
    children: async (folder) => childrenOf(folder, await files()),
    list: async (under) => (under === '' ? [fileEntry(index.name, index.bytes.length)] : singles(under)),
    read: async (path) => {
      if (path === index.name) return index.bytes
      const isSingle = singles(path).some((each) => each.path === path)
      const bytes = isSingle ? await singleFile(revision, path, { web, base }) : await beside(path)
      return bytes ?? fail('E_ENTRY_MISSING', `there is no file ${path}`, { details: { path } })
    },
  }
}

/** Throws E_REGISTRY_UNAVAILABLE for a page, an error message in JSON or anything else that is no index; E_JSON, E_JSON_KEY with the place. */
export function checkIndex(text: string, name: string, { registry }: Reach): void {
  const who = `registry "${registry.name}"`
  const no = (what: string): never =>
    fail('E_REGISTRY_UNAVAILABLE', `${who} answers with ${what} for ${name}`, {
      hint: 'check the address: it is the folder that holds the index',
    })
  if (isPage(text)) no('a web page')
  const value = parseJson(text, `${registry.name}: ${name}`)
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
  if (!keys.some((key) => indexKeys.has(key))) no('something that is no index')
}

const indexKeys = new Set(['extensions', 'skills', 'personas', 'categories', 'version', 'updated', 'plugins'])

const deepest = 2 * pathLimits.depth

function isPage(text: string): boolean {
  return /^\s*</.test(text)
}

const looseFile = v.union([v.string(), v.looseObject({ path: v.string(), executable: v.optional(v.unknown()) })])
const looseEntry = v.looseObject({ path: v.string(), files: v.array(looseFile) })

/** The files that entries list one by one. The layout has checked their paths; no others can be read. */
function singleFiles({ name, bytes }: IndexFile, { registry }: Reach): TreeEntry[] {
  if (name !== 'registry.json') return []
  const value = parseJson(Buffer.from(bytes).toString('utf8'), `${registry.name}: ${name}`)
  return entriesIn(value, 3).flatMap(({ path, files }) =>
    files.map((file) => {
      const [below, executable] = typeof file === 'string' ? [file, false] : [file.path, file.executable === true]
      return {
        path: `${path.replace(/^(\.\/+)+|\/+$/g, '')}/${below.replace(/^(\.\/+)+/, '')}`,
        type: 'file',
        mode: executable ? 0o755 : 0o644,
        size: -1,
      }
    }),
  )
}

/** For every folder on the way to these files, and for each file itself, the files at or below it. Files deeper than any artifact's can be are left
    out. */
function byFolder(files: readonly TreeEntry[]): Map<string, TreeEntry[]> {
  const folders = new Map<string, TreeEntry[]>()
  for (const file of files.filter(({ path }) => path.split('/', deepest + 1).length <= deepest))
    for (let way = file.path; way !== ''; way = way.slice(0, Math.max(0, way.lastIndexOf('/'))))
      addTo(folders, way, file)
  return folders
}

function entriesIn(value: unknown, depth: number): v.InferOutput<typeof looseEntry>[] {
  if (typeof value !== 'object' || value === null) return []
  const entry = v.safeParse(looseEntry, value)
  if (entry.success) return [entry.output]
  return depth === 0 ? [] : Object.values(value).flatMap((inner) => entriesIn(inner, depth - 1))
}

interface Beside {
  name: string
  /** Under what the cache has it, if not its name. */
  key?: string
  missing: readonly number[]
  web: Web
  base: URL
}

/** A file that may be there; undefined where it is not. The cache remembers that, too. */
async function fileBeside(
  { at }: Revision,
  { name, key = name, missing, web, base }: Beside,
): Promise<Uint8Array | undefined> {
  const { body } = await fresh(at, key, {
    reach: web.reach,
    ask: async (known) => {
      const isThere = known !== undefined && known.body !== absent
      const target = { url: new URL(name, base).href, accept: 'application/json', known: isThere ? known : undefined }
      const got = await revalidateIfThere(web, target, missing)
      if (got === 'same') return got
      if (got === 'missing' || (isPage(got.body) && missing !== notThere)) return { body: absent }
      return { ...got, body: `${present}${got.body}`, unsound: !isJson(got.body) }
    },
  })
  return body === absent ? undefined : Buffer.from(body.slice(present.length))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(withoutMark(text))
    return true
  } catch {
    return false
  }
}

const absent = 'absent'
const present = 'present\n'

/** A file of an artifact, which may change under one index; a new index asks anew. The cache has it in base64. */
async function singleFile(
  { at, id }: Revision,
  path: string,
  { web, base }: { web: Web; base: URL },
): Promise<Uint8Array> {
  const url = new URL(encoded(path), base)
  const take = async (reply: Reply, known: Answer | undefined) => {
    if (notThere.includes(reply.status)) fail('E_ENTRY_MISSING', `the index lists ${url.pathname}, which is not there`)
    if (reply.status === 304 && known) return 'same'
    if (reply.status !== 200) return refused(web, reply)
    return { body: Buffer.from(await bytesOf(reply)).toString('base64'), ...validators(reply) }
  }
  const ask = (known: Answer | undefined) =>
    underWay(web.reach, { what: `asking ${web.reach.registry.name}`, key: url.href }, () =>
      clientOf(web).send(url.href, askFor(web, { limit: limits.file, headers: conditions(known) }), (reply) =>
        take(reply, known),
      ),
    )
  const { body } = await fresh(at, `file ${id} ${path}`, { reach: web.reach, ask })
  return Buffer.from(body, 'base64')
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function fileEntry(path: string, size: number): TreeEntry {
  return { path, type: 'file', mode: 0o644, size }
}

function childrenOf(folder: string, files: readonly TreeEntry[]): TreeEntry[] {
  const start = folder === '' ? '' : `${folder}/`
  const below = files.filter(({ path }) => path.startsWith(start))
  const direct = below.filter(({ path }) => !path.slice(start.length).includes('/'))
  const folders = new Set(below.flatMap(({ path }) => /^[^/]+(?=\/)/.exec(path.slice(start.length)) ?? []))
  const made = [...folders].map(
    (name): TreeEntry => ({ path: `${start}${name}`, type: 'folder', mode: 0o755, size: 0 }),
  )
  return [...direct, ...made].sort(byPath)
}

function byPath(a: TreeEntry, b: TreeEntry): number {
  return byCodeUnit(a.path, b.path)
}
