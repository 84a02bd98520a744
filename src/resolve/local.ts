import { type Catalog, catalog } from '../layout/index.js'
import type { Context } from '../model/context.js'
import type { Registry } from '../model/registry.js'
import type { Tree } from '../model/tree.js'
import { openCache } from '../transport/cache.js'
import { file } from '../transport/file.js'

/** A folder of this machine read as a registry, for those who make one: nothing of it is installed, so no policy is asked, and nothing is cached. */
export async function openLocal(
  { disk, env, home, platform, signal, now, emit }: Context,
  { registry, cacheFolder }: { registry: Registry & { at: { via: 'file' } }; cacheFolder: string },
): Promise<{ tree: Tree; catalog: Catalog }> {
  const cache = openCache(disk, { folder: cacheFolder, enabled: false, maxAge: 0, now })
  const admit = () => undefined
  const reach = { registry, disk, env, home, platform, cache, offline: true, refresh: false, signal, now, emit, admit }
  const tree = await file.open(await file.pin(registry.at, undefined, reach), reach)
  return { tree, catalog: await catalog(tree, registry.name) }
}
