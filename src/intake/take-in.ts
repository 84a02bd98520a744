import type { PackedFile, PackWriter } from '../io/pack.js'
import type { Artifact, Pointer } from '../model/artifact.js'
import { type Digest, type FileMode, listingDigest } from '../model/digest.js'
import { fail } from '../model/errors.js'
import { type Ref, refOf } from '../model/kinds.js'
import { byCodeUnit, pathProblem, twinKey } from '../model/names.js'
import { isVoucher, type Tree, type TreeEntry } from '../model/tree.js'
import { type Budget, checkCount, defaultBudget, sizeMeter } from './budget.js'
import { type Checked, checkEntries } from './entries.js'
import { checkText } from './unicode.js'

/** An artifact to take in, and the tree that has its files. */
export interface Incoming {
  tree: Tree
  artifact: Pick<Artifact, 'kind' | 'name' | 'content' | 'form' | 'integrity'>
}

interface Terms {
  budget: Budget
  hiddenUnicode: 'deny' | 'allow'
}

export const defaultTerms: Terms = { budget: defaultBudget, hiddenUnicode: 'deny' }

/** Where the files go. */
export type Receiver = Pick<PackWriter, 'add' | 'files'>

/** The one way in, for all transports: list, check every entry, read each file once, scan it, look again, digest. Paths in the pack are
    relative to the artifact's folder (a single file: its name), modes 0644 or 0755, bytes as they came. Throws E_ENTRY_MISSING,
    E_ENTRY_TYPE, E_ENTRY_MODE, E_PATH_*, E_LIMIT_*, E_HIDDEN_UNICODE, E_CHANGED, and E_INTEGRITY where the index promised other bytes;
    the caller abandons the pack then. */
export async function takeIn({ tree, artifact }: Incoming, pack: Receiver, terms = defaultTerms): Promise<void> {
  const { content } = artifact
  const what = refOf(artifact.kind, artifact.name)
  if (content.definition) pack.add('bundle.json', 0o644, Buffer.from(printBundle(content.definition)))
  else await takeFiles({ tree, content, what, form: artifact.form }, pack, terms)
  const { integrity } = artifact
  const actual = integrity && digestOf(pack.files)
  if (integrity !== actual)
    fail('E_INTEGRITY', `${what} differs from the digest that its index promises: ${actual}, not ${integrity}`, {
      details: { artifact: what, expected: integrity, actual },
    })
}

/** The integrity of files that were taken in. */
export function digestOf(files: readonly PackedFile[]): Digest {
  return listingDigest(files.map((file) => ({ ...file, mode: file.mode as FileMode })))
}

/** A bundle's members as a file: canonical, so that the same members have the same integrity everywhere. */
function printBundle(members: readonly Ref[]): string {
  return `${JSON.stringify({ members: [...new Set(members)].sort(byCodeUnit) }, null, 2)}\n`
}

interface Files {
  tree: Tree
  content: Pointer
  what: string
  form: Artifact['form']
}

async function takeFiles(files: Files, pack: Receiver, { budget, hiddenUnicode }: Terms): Promise<void> {
  const { tree, content, what } = files
  checkContentPath(files)
  const listed = await list(files)
  const made = madeOf(content, listed)
  checkCount(what, listed.length + made.size, budget)
  const checked = checkEntries([...listed, ...[...made].map(madeEntry)], what)
  const addListed = sizeMeter(what, budget)
  for (const { path, size } of checked) addListed(path, Math.max(size, 0))
  const addRead = sizeMeter(what, budget)
  for (const file of checked) {
    const bytes = made.get(file.path) ?? (await readAsListed(file, files))
    addRead(file.path, bytes.length)
    if (hiddenUnicode === 'deny') checkText(file.path, bytes, what)
    pack.add(file.path, file.mode, bytes)
  }
  for (const place of placesOf(content)) await tree.lookAgain?.(place)
}

/** Files whose text the index gives, as far as the tree has none of that name; they are checked like all others. */
function madeOf({ made = {} }: Pointer, there: readonly TreeEntry[]): Map<string, Uint8Array> {
  const taken = new Set(there.map(({ path }) => twinKey(path)))
  const missing = Object.entries(made).filter(([path]) => !taken.has(twinKey(path)))
  return new Map(missing.map(([path, text]) => [path, Buffer.from(text)]))
}

function madeEntry([path, bytes]: readonly [string, Uint8Array]): TreeEntry {
  return { path, type: 'file', mode: 0o644, size: bytes.length }
}

/** Paths in an index are as untrusted as the files. */
function checkContentPath({ content: { path, include = [] }, what }: Files): void {
  const steps = path === '' ? include : [path, ...include]
  for (const step of steps) {
    const problem = pathProblem(step)
    if (problem)
      fail(problem.code, `${what}: the path ${JSON.stringify(step)} ${problem.why}`, { details: { path: step } })
  }
}

/** The artifact's entries with paths relative to it, all of them or those that the index includes. */
async function list(files: Files): Promise<TreeEntry[]> {
  const { content, form, what } = files
  if (form === 'file')
    return (await listBelow(content.path, files)).map((entry) => ({ ...entry, path: baseName(entry.path) }))
  const lists = await Promise.all(placesOf(content).map((place) => listBelow(place, files)))
  const below = content.path === '' ? '' : `${content.path}/`
  const entries = lists.flat().filter(({ path }) => below !== '' || !isVoucher(path))
  if (entries.some(({ path }) => path === content.path))
    fail('E_ENTRY_MISSING', `${what}: ${content.path} is a file, not a folder`, { details: { path: content.path } })
  return entries.map((entry) => ({ ...entry, path: entry.path.slice(below.length) }))
}

async function listBelow(place: string, { tree, what, form }: Files): Promise<TreeEntry[]> {
  const entries = await tree.list(place)
  if (entries.length === 0)
    fail('E_ENTRY_MISSING', `${what}: the registry has no files at ${place === '' ? 'its root' : place}`, {
      details: { path: place },
    })
  const onTheWay = entries.find(({ path, type }) => type !== 'file' && (place === path || place.startsWith(`${path}/`)))
  if (onTheWay)
    fail('E_ENTRY_TYPE', `${what}: ${onTheWay.path} is a link, and haal follows none`, {
      details: { path: onTheWay.path },
    })
  if (form === 'file' && entries.some(({ path }) => path !== place))
    fail('E_ENTRY_MISSING', `${what}: ${place} is a folder, not a file`, { details: { path: place } })
  return entries
}

/** Folders and files to list; one that lies in another is left out, or its files would come twice. */
function placesOf({ path, include }: Pointer): string[] {
  if (include === undefined) return [path]
  const outermost = include.filter((one) => !include.some((other) => one.startsWith(`${other}/`)))
  return [...new Set(outermost)].map((one) => (path === '' ? one : `${path}/${one}`))
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

async function readAsListed({ path, size }: Checked, { tree, content, what, form }: Files): Promise<Uint8Array> {
  const from = form === 'file' ? content.path : content.path === '' ? path : `${content.path}/${path}`
  const bytes = await tree.read(from)
  if (size >= 0 && bytes.length !== size)
    fail('E_CHANGED', `${what}: ${path} has ${bytes.length} bytes, listed were ${size}`, {
      hint: 'run the command again',
      details: { path },
    })
  return bytes
}
