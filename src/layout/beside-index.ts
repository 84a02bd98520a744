import type { Pointer } from '../model/artifact.js'
import { indexBase, isArchive } from '../model/source.js'
import type { Tree } from '../model/tree.js'

/** The folder of an index that was fetched by itself; undefined where the whole registry was. */
export function baseOf({ revision: { at } }: Tree): URL | undefined {
  return at.via !== 'url' || isArchive(new URL(at.url).pathname) ? undefined : indexBase(at.url)
}

/** A folder that such an index names lies packed beside it, as `<path>.tgz`. */
export function besideIndex(path: string, base: URL): Pointer {
  const relative = path.split('/').map(encodeURIComponent).join('/')
  return { path: '', elsewhere: { at: { via: 'url', url: new URL(`${relative}.tgz`, base).href } } }
}
