import { digestOf } from '../model/digest.js'
import { fail } from '../model/errors.js'
import type { Locator, Revision } from '../model/registry.js'
import { indexBase, isArchive } from '../model/source.js'
import type { Answer, Reach, Transport } from '../model/transport.js'
import { type Download, digestOfArchive, downloadedTree } from './download.js'
import { cacheKey, fresh } from './fresh.js'
import { checkIndex, type IndexFile, indexFiles, indexTree, notThere } from './index-tree.js'
import { registryRoot } from './pack-tree.js'
import { noDigest, readSri } from './sri.js'
import { type Asked, authorization, refused, revalidateIfThere, tokenHint, type Web } from './web.js'

type UrlLocator = Extract<Locator, { via: 'url' }>

/** A registry on any web server: an index with archives beside it, or one archive that is the whole registry. The revision
    is the digest of the index or of the archive; for an archive it may be given as `ref`, an SRI, and is then checked instead of asked for.
    Throws E_ACCESS, E_REGISTRY_UNAVAILABLE, E_REF, E_INTEGRITY, E_URL_CREDENTIALS and what the client throws. */
export const url: Transport<UrlLocator> = {
  via: 'url',
  pin: async (at, ref, reach) => {
    const web = webOf(at, reach)
    if (isArchiveAt(at)) return { at, id: await archiveId(at, ref, web) }
    if (ref !== undefined) noRefs(ref, reach)
    return { at, id: (await currentIndex(at, web)).id }
  },
  open: async (revision, reach) => {
    const { at } = revision
    const web = webOf(at, reach)
    if (!isArchiveAt(at)) return indexTree(revision, await indexAt(revision, web), { web, base: indexBase(at.url) })
    const sri = readSri(revision.id) ?? fail('E_REF', `"${revision.id}" is no revision of ${at.url}`)
    const download = { ...downloadOf(at, revision.id), sri }
    return downloadedTree(revision, web, { download: () => download, root: registryRoot })
  },
}

function isArchiveAt({ url: address }: UrlLocator): boolean {
  return isArchive(new URL(address).pathname)
}

/** A credential is for what lies below the registry's own address: for an archive on the same server, that of the registry that names it. */
function webOf(at: UrlLocator, reach: Reach): Web {
  const { credential, registry } = reach
  const address = new URL(at.url)
  if (address.username !== '' || address.password !== '')
    fail('E_URL_CREDENTIALS', `registry "${registry.name}" has a user name or password in an address`, {
      hint: 'take it out and write "token": "${VARIABLE}" in the configuration',
    })
  const own = registry.at.via === 'url' ? registry.at : at
  const below = isArchiveAt(own) ? own.url : indexBase(own.url).href
  const origin = new URL(own.url).origin
  const isBound = credential !== undefined && credential.origin === new URL(below).origin
  return {
    reach,
    ...(isBound && { secret: { below, headers: authorization(credential.value) } }),
    isOwn: (target) => target.origin === origin,
    accessHint: isArchiveAt(own) ? tokenHint(reach) : `${tokenHint(reach)}; ${gitHint}; ${folderHint}`,
  }
}

async function archiveId(at: UrlLocator, ref: string | undefined, web: Web): Promise<string> {
  if (ref !== undefined) return readSri(ref) ? ref.trim() : noSri(ref, at, web.reach)
  const download = downloadOf(at, 'unpinned')
  const ask = (known: Answer | undefined) => digestOfArchive(at, web, { download, known })
  return (await fresh(at, 'archive', { reach: web.reach, ask })).body
}

/** For a ref that is no SRI: one of the registry itself, or what an index gives as the digest of an archive. */
function noSri(ref: string, at: UrlLocator, reach: Reach): never {
  const own = reach.registry.at
  return own.via === 'url' && own.url === at.url ? noRefs(ref, reach) : noDigest(ref, downloadOf(at, '').name, reach)
}

function downloadOf(at: UrlLocator, label: string): Download {
  const { pathname } = new URL(at.url)
  return { url: at.url, name: pathname.slice(pathname.lastIndexOf('/') + 1), label: () => label }
}

/** Most servers show a repository at an address that does not end in .git. */
const gitHint = 'if it is a git repository, write "type": "git" beside its address'

/** Web servers have no common way to list a folder. */
const folderHint = 'a folder without a registry.json is served as a .tgz of it'

function noRefs(ref: string, { registry }: Reach): never {
  return fail(
    'E_REF',
    `registry "${registry.name}" is a web address, which has no branches, tags or commits: "${ref.slice(0, 100)}"`,
    {
      hint:
        ref === registry.ref
          ? `take the ref out of its configuration, and ask for a version with the artifact: name@1.2.0; ${gitHint}`
          : 'ask for no version, or for one that it has: a number or a range',
    },
  )
}

/** The registry's index as it is now: `registry.json`, else a marketplace. */
async function currentIndex(at: UrlLocator, web: Web): Promise<Index> {
  const { reach } = web
  const { body } = await fresh(at, 'index', { reach, ask: (known) => askForIndex(known, indexBase(at.url), web) })
  return indexFrom(body)
}

async function askForIndex(known: Answer | undefined, base: URL, web: Web): Promise<Asked> {
  for (const name of indexFiles) {
    const isKnown = known !== undefined && indexFrom(known.body).name === name
    const target = { url: new URL(name, base).href, accept: 'application/json', known: isKnown ? known : undefined }
    const got = await revalidateIfThere(web, target, notThere)
    if (got === 'same') return got
    if (got === 'missing') continue
    checkIndex(got.body, name, web.reach)
    return { ...got, body: `${name}\n${got.body}` }
  }
  return refused(web, { status: 404, url: new URL(indexFiles[0], base) })
}

/** The index of a revision: from the cache, or as it is now where that is the same. Throws E_REF where the revision is in neither. */
async function indexAt({ at, id }: Revision<UrlLocator>, web: Web): Promise<Index> {
  const { reach } = web
  const place = await reach.cache.pack(cacheKey(at, `index ${id}`, reach), async (file) => {
    const now = await currentIndex(at, web)
    if (now.id !== id)
      fail('E_REF', `registry "${reach.registry.name}" no longer has the index ${id}`, { details: { id, now: now.id } })
    reach.disk.write(file, keptForm(now))
  })
  return indexFrom(Buffer.from(reach.disk.read(place)).toString('utf8'))
}

interface Index extends IndexFile {
  id: string
}

/** The cache keeps in the first line which file an index is. */
function keptForm({ name, bytes }: IndexFile): string {
  return `${name}\n${Buffer.from(bytes).toString('utf8')}`
}

function indexFrom(kept: string): Index {
  const cut = kept.indexOf('\n')
  const bytes = Buffer.from(kept.slice(cut + 1))
  return { name: kept.slice(0, cut), bytes, id: digestOf(bytes) }
}
