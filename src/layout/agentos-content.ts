import type { Artifact, Elsewhere, Pointer } from '../model/artifact.js'
import { fail } from '../model/errors.js'
import { isPackageName } from '../model/names.js'
import { isArchive } from '../model/source.js'
import type { Tree } from '../model/tree.js'
import type { IndexEntry } from './agentos-index.js'
import { baseOf, besideIndex } from './beside-index.js'
import { insidePath, joined, type Look, type Place, pointedAt } from './look.js'

interface Archived {
  archive?: string | null | undefined
  archiveIntegrity?: string | null | undefined
}

/** Where an entry's files are: in the tree, under `registry/` or without it; else in the archive, the single files, the `<path>.tgz` or the npm package
    that the entry means. An entry whose files are nowhere stays in the catalogue and says why it cannot be installed. */
export async function placeOf(entry: IndexEntry, look: Look): Promise<Place> {
  const inTree = await placeInTree(entry, look)
  if (inTree !== undefined) return inTree
  const base = baseOf(look.tree)
  const content =
    archived(entry, entry, look.tree) ??
    singleFiles(entry) ??
    (base && besideIndex(entry.path, base)) ??
    fromNpm(entry, look.tree)
  if (content !== undefined) return { content, form: 'folder' }
  return { content: { path: entry.path }, form: 'folder', unavailable: `its path ${entry.path} is not there` }
}

/** The other versions that an entry lists, each with its own archive or folder. */
export function versionsOf(entry: IndexEntry, tree: Tree): NonNullable<Artifact['versions']> {
  return Object.fromEntries(
    Object.entries(entry.versions ?? {}).map(([version, over]) => {
      const where = `${entry.where} version ${version}`
      const content = archived(over, entry, tree) ?? (over.path ? { path: insidePath(over.path, where) } : undefined)
      const { integrity } = over
      return [
        version,
        { content: content ?? fail('E_INDEX', `${where} has no archive`), ...(integrity && { integrity }) },
      ]
    }),
  )
}

/** Indexes are written with `registry/` before their paths and without it; both are looked for. */
async function placeInTree({ path, where }: IndexEntry, look: Look): Promise<Place | undefined> {
  const other = path.startsWith('registry/') ? path.slice('registry/'.length) : joined('registry', path)
  const [here, there] = [await pointedAt(look, path, where), await pointedAt(look, other, where)]
  if (here !== undefined && there !== undefined && !(await haveSameFiles(look.tree, here.path, there.path)))
    fail('E_INDEX', `${where} names ${path}, and ${here.path} and ${there.path} differ`, {
      hint: 'remove one of the two from the registry',
    })
  const found = here ?? there
  if (found === undefined) return undefined
  return { content: { path: found.path }, form: found.type === 'file' ? 'file' : 'folder' }
}

async function haveSameFiles(tree: Tree, a: string, b: string): Promise<boolean> {
  const [first, second] = [await tree.list(a), await tree.list(b)]
  if (first.length !== second.length) return false
  const others = new Map(second.map((entry) => [entry.path.slice(b.length), entry]))
  for (const entry of first) {
    const other = others.get(entry.path.slice(a.length))
    if (other === undefined || other.type !== entry.type || (other.mode & 0o111) !== (entry.mode & 0o111)) return false
    if (entry.type === 'file' && Buffer.compare(await tree.read(entry.path), await tree.read(other.path)) !== 0)
      return false
  }
  return true
}

function archived(holder: Archived, { where }: IndexEntry, tree: Tree): Pointer | undefined {
  const { archive, archiveIntegrity } = holder
  if (!archive) return undefined
  const at = addressOf(archive, where, tree)
  return { path: '', elsewhere: { at, ...(archiveIntegrity && { archiveIntegrity }) } }
}

/** An archive lies where its index lies: below the same folder, or at the same origin. */
function addressOf(archive: string, where: string, tree: Tree): Elsewhere['at'] {
  const { at } = tree.revision
  if (at.via === 'file') return { via: 'file', path: `${at.path}/${insidePath(archive, `${where}.archive`)}` }
  const base = baseOf(tree)
  const url = base && URL.canParse(archive, base.href) ? new URL(archive, base.href) : undefined
  if (base === undefined || url?.origin !== base.origin || url.username !== '' || url.password !== '')
    return fail('E_INDEX', `${where}.archive is neither relative nor at the registry's own origin`)
  if (!isArchive(url.pathname)) fail('E_INDEX', `${where}.archive is no .tgz or .tar: ${JSON.stringify(archive)}`)
  return { via: 'url', url: url.href }
}

function singleFiles({ files, path, where }: IndexEntry): Pointer | undefined {
  if (!files || files.length === 0) return undefined
  return {
    path,
    include: files.map((file) => insidePath(typeof file === 'string' ? file : file.path, `${where}.files`)),
  }
}

/** A catalogue that came over the network may name the packages instead of holding them. One in a folder may not: it makes no connection. */
function fromNpm(entry: IndexEntry, tree: Tree): Pointer | undefined {
  const { package: name, version } = entry
  if (!name || !isPackageName(name) || tree.revision.at.via === 'file') return undefined
  return { path: '', elsewhere: { at: { via: 'npm', name }, ...(version && { ref: version }) } }
}
