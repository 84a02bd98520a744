import type { Note } from '../model/artifact.js'
import { fail } from '../model/errors.js'
import { leafOf, nameProblem } from '../model/names.js'
import { note } from '../model/notes.js'
import { placeOf, versionsOf } from './agentos-content.js'
import { type IndexEntry, indexEntries } from './agentos-index.js'
import { type AgentosKind, agentosKind, kindWord } from './agentos-kind.js'
import { manifestAt, prefetchManifests } from './agentos-manifest.js'
import type { Layout, Look, Offer, Place } from './look.js'
import { authorOf, licenceOf } from './manifests.js'
import { forms } from './scan.js'

/** AgentOS's registry: `registry.json` with `extensions`, `skills` and `personas` sections, and the folders `curated/` and `community/`
    (also below `registry/`). Format: AgentOS's page on self-hosted registries, and what its published registries hold. */
export const agentos: Layout = {
  name: 'agentos',
  find: async (look) => {
    const index = await look.at('registry.json')
    if (index === undefined || index.type === 'folder') return undefined
    const entries = indexEntries(await look.json('registry.json'), look.source('registry.json'))
    const placed = await Promise.all(entries.map(async (entry) => ({ entry, place: await placeOf(entry, look) })))
    await prefetchManifests(
      placed.filter(({ entry }) => needsManifest(entry)).map(({ place }) => place.content.path),
      look,
    )
    const listed = await Promise.all(placed.map(({ entry, place }) => offerOf(entry, place, look)))
    const unlisted = await unlistedOffers(new Set(placed.map(({ place }) => place.content.path)), look)
    return { offers: [...listed, ...unlisted.offers], notes: unlisted.notes }
  },
}

async function offerOf(entry: IndexEntry, place: Place, look: Look): Promise<Offer> {
  const { id, version, integrity } = entry
  const description = entry.description || titleOf(entry)
  const kind = await kindOfEntry(entry, place, look)
  const author = authorOf(entry.author)
  const licence = licenceOf(entry)
  const isBundle = kind.kind === 'bundle'
  return {
    ...kind,
    ...(entry.kind && { kindStated: true }),
    ...(isBundle ? bundlePlace(entry) : place),
    name: place.form === 'file' && !isBundle ? fileName(entry, kind) : entry.leaf,
    ...(id && { id }),
    ...(version && { version }),
    ...(integrity && { integrity }),
    ...(entry.versions && { versions: versionsOf(entry, look.tree) }),
    ...(description && { description }),
    ...(author && { author }),
    ...(licence && { licence }),
    ...(entry.verified === true && { verified: true }),
    requires: entry.requiredRefs,
  }
}

/** What people call it, where that is another word than its path has: all that the index says of many. */
function titleOf({ name, id, leaf }: IndexEntry): string | undefined {
  return name && name !== leaf && name !== id ? name : undefined
}

/** A bundle is nothing but what it requires. */
function bundlePlace({ path, requiredRefs }: IndexEntry): Place {
  return { content: { path, definition: requiredRefs }, form: 'folder' }
}

/** Few kinds may be a single file; for the others a file stands where their folder belongs. */
function fileName({ leaf, where, path }: IndexEntry, { kind }: AgentosKind): string {
  const files = kind === 'bundle' ? [] : forms[kind].files
  const ending = files.find((end) => leaf.endsWith(end) && leaf !== end)
  if (ending === undefined) fail('E_PATH_ESCAPE', `${where} names ${path}, a file where a folder belongs`)
  return leaf.slice(0, -ending.length)
}

function needsManifest({ kind, usualKind }: IndexEntry): boolean {
  return !kind && usualKind === undefined
}

async function kindOfEntry(entry: IndexEntry, { content }: Place, look: Look): Promise<AgentosKind> {
  if (entry.kind) return agentosKind(entry.kind)
  if (entry.usualKind !== undefined) return { kind: entry.usualKind }
  const inTree = content.elsewhere === undefined && content.include === undefined
  const manifest = inTree ? await manifestAt(content.path, look) : undefined
  return agentosKind(kindWord(manifest, entry.category ?? categoryIn(entry.path)))
}

/** `registry/curated/safety/topicality` lies in `safety`. */
function categoryIn(path: string): string | undefined {
  return path.split('/').at(-2)
}

const groups = ['registry/curated', 'curated', 'registry/community', 'community']

/** Folders directly below `curated/` or `community/` that are extensions and that the index forgot. */
async function unlistedOffers(listed: ReadonlySet<string>, look: Look): Promise<{ offers: Offer[]; notes: Note[] }> {
  const offers: Offer[] = []
  const notes: Note[] = []
  for (const group of groups)
    for (const { path, type } of await look.entries(group)) {
      const name = leafOf(path)
      if (type !== 'folder' || listed.has(path) || name.startsWith('.')) continue
      const why = nameProblem(name)
      if (why !== undefined) notes.push(note('W_NAME_UNSAFE', `${look.source(path)} is not offered: its name ${why}`))
      else if (await isExtension(path, look)) offers.push(await unlistedOffer(path, look))
    }
  return { offers, notes }
}

async function isExtension(folder: string, look: Look): Promise<boolean> {
  const names = new Set(
    (await look.entries(folder)).flatMap(({ path, type }) => (type === 'file' ? [leafOf(path)] : [])),
  )
  return names.has('manifest.json') || names.has('package.json')
}

async function unlistedOffer(path: string, look: Look): Promise<Offer> {
  const manifest = await manifestAt(path, look)
  return {
    ...agentosKind(kindWord(manifest, undefined)),
    name: leafOf(path),
    ...(manifest?.id && { id: manifest.id }),
    content: { path },
    form: 'folder',
    requires: [],
  }
}
