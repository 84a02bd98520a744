import * as v from 'valibot'
import type { Pointer } from '../model/artifact.js'
import { loose } from '../model/decode.js'
import { HaalError } from '../model/errors.js'
import { isCommit } from '../model/registry.js'
import { locate, type Source, type Surroundings } from '../model/source.js'
import type { Tree } from '../model/tree.js'
import { insidePath } from './look.js'
import { text } from './shapes.js'

/** Where a plugin lives outside its marketplace. */
export const remoteSchema = loose({
  source: v.string(),
  repo: text,
  url: text,
  package: text,
  path: text,
  ref: text,
  sha: v.nullish(v.pipe(v.string(), v.check(isCommit, 'is not a full commit id'))),
  version: text,
  registry: text,
})

type RemoteSource = v.InferOutput<typeof remoteSchema>

interface Remote {
  content: Pointer
  /** Why it cannot be fetched: an address haal may not follow from here, or does not speak. */
  unavailable?: string
}

type Reader = (source: RemoteSource) => Source | undefined

/** A git address may be short for one on GitHub. */
const git: Reader = ({ url }) =>
  url ? { type: /^\w[\w.-]*\/[\w.-]+$/.test(url) ? 'github' : 'git', location: url } : undefined

const readers: Readonly<Record<string, Reader>> = {
  github: ({ repo }) => (repo ? { type: 'github', location: repo } : undefined),
  url: git,
  git,
  'git-subdir': git,
  npm: ({ package: name, version }) =>
    name ? { type: 'npm', location: name, ...(version && { ref: version }) } : undefined,
}

/** What a plugin's `source` object points at; `sha` is enforced over `ref`. A marketplace in a folder may name what its owner may;
    one that came over the network https only. Throws E_PATH_… for a path that leads out of the other tree. */
export function remoteContent(source: RemoteSource, where: string, tree: Tree): Remote {
  const path = source.path ? insidePath(source.path, where) : ''
  const reader = Object.hasOwn(readers, source.source) ? readers[source.source] : undefined
  const written = reader?.(source)
  if (written === undefined)
    return {
      content: { path },
      unavailable: `its source is of the type "${source.source}", which haal cannot fetch`,
    }
  return located({ ...written, ...(source.ref && { ref: source.ref }) }, source, { path, around: around(tree) })
}

function around({ revision: { at } }: Tree): Surroundings {
  const local = at.via === 'file'
  return { folder: local ? at.path : '/', author: local ? 'project' : 'network', source: 'its entry' }
}

function located(written: Source, source: RemoteSource, to: { path: string; around: Surroundings }): Remote {
  try {
    const { at, ref } = locate(written, to.around)
    const registry = at.via === 'npm' && source.registry ? { registry: webAddress(source.registry, to.around) } : {}
    const elsewhere = { at: { ...at, ...registry }, ...(ref && { ref }), ...(source.sha && { commit: source.sha }) }
    return { content: { path: to.path, elsewhere } }
  } catch (e) {
    if (e instanceof HaalError) return { content: { path: to.path }, unavailable: e.message }
    throw e
  }
}

function webAddress(url: string, surroundings: Surroundings): string {
  const { at } = locate({ type: 'url', location: url }, surroundings)
  return at.via === 'url' ? at.url : url
}
