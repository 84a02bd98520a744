import { addTo, getOrMake } from '../model/maps.js'
import { type Locator, locationOf } from '../model/registry.js'
import type { Reach, Tagged, Transport } from '../model/transport.js'
import { versionOfTag } from './versions.js'

/** Where tags are asked for, and how. */
interface Source {
  at: Locator
  transport: Transport
  reach: Reach
}

/** Every artifact of a repository asks for the same tags: they are asked for once. */
const known = new WeakMap<Reach, Map<string, Promise<readonly Tagged[]>>>()

/** The tags of a repository, or the published versions of a package; none where its transport has no such thing. */
export function tagsOf({ at, transport, reach }: Source): Promise<readonly Tagged[]> {
  const asked = getOrMake(known, reach, () => new Map<string, Promise<readonly Tagged[]>>())
  return getOrMake(asked, locationOf(at), async () => (await transport.versions?.(at, reach)) ?? [])
}

/** The tags that name versions of an artifact, in the order given; `alone` where it is all that its repository holds. */
export function versionTags(
  tags: readonly Tagged[],
  name: string,
  alone: boolean,
): readonly (Tagged & { version: string })[] {
  const mayBe = alone ? tags : (prefixesOf(tags).get(name) ?? [])
  return mayBe.flatMap((tag) => {
    const version = versionOfTag(tag.name, name, alone)
    return version === undefined ? [] : [{ ...tag, version }]
  })
}

const prefixes = new WeakMap<readonly Tagged[], ReadonlyMap<string, Tagged[]>>()

/** By what stands before the last `@` or `/`: no version has either in it. */
function prefixesOf(tags: readonly Tagged[]): ReadonlyMap<string, Tagged[]> {
  return getOrMake(prefixes, tags, () => {
    const byPrefix = new Map<string, Tagged[]>()
    for (const tag of tags) {
      const { name } = tag
      const prefix = name.slice(0, Math.max(name.lastIndexOf('@'), name.lastIndexOf('/'), 0))
      addTo(byPrefix, prefix, tag)
    }
    return byPrefix
  })
}
