import type { Artifact, Note, Pointer } from '../model/artifact.js'
import { refOf } from '../model/kinds.js'
import { addTo, getOrMake } from '../model/maps.js'
import { note } from '../model/notes.js'
import type { Tree } from '../model/tree.js'
import { agentos } from './agentos.js'
import { folders } from './folders.js'
import { haalManifest } from './haal-manifest.js'
import { type Layout, lookInto, shownPlace } from './look.js'
import { marketplace } from './marketplace.js'
import { olaf } from './olaf.js'
import { single } from './single.js'

/** In the order they are looked for; of two that offer one name, the earlier wins. */
const layouts: readonly Layout[] = [agentos, olaf, haalManifest, marketplace, folders, single]

/** Everything a registry offers, and how it is laid out. */
export interface Catalog {
  artifacts: readonly Artifact[]
  /** Names of the layouts that were found. */
  layouts: readonly string[]
  notes: readonly Note[]
}

/** Reads all the layouts that a tree has. Reads indexes and names, not artifacts. Two artifacts share kind and name only where their ids
    differ. Throws E_JSON, E_JSON_KEY, E_INDEX, E_NAME, E_VERSION, E_PATH_… for an index that cannot be used, and what the tree throws. */
export async function catalog(tree: Tree, registry: string): Promise<Catalog> {
  const look = lookInto(tree, registry)
  const found: { layout: string; artifacts: Artifact[]; notes: readonly Note[] }[] = []
  for (const { name: layout, find } of layouts) {
    const here = await find(look)
    if (here === undefined) continue
    found.push({ layout, artifacts: here.offers.map((offer) => ({ ...offer, registry, layout })), notes: here.notes })
  }
  const { artifacts, notes } = merged(found.flatMap((each) => each.artifacts))
  return {
    artifacts,
    layouts: found.map(({ layout }) => layout),
    notes: [...found.flatMap((each) => each.notes), ...notes],
  }
}

function merged(offered: readonly Artifact[]): { artifacts: Artifact[]; notes: Note[] } {
  const files = new Map<string, string>()
  const named = new Map<string, Map<Artifact['id'], Artifact>>()
  const artifacts: Artifact[] = []
  const notes: Note[] = []
  for (const artifact of offered) {
    const place = artifact.unavailable === undefined ? placeKey(artifact.content) : JSON.stringify(artifact.unavailable)
    if ((files.get(place) ?? artifact.layout) !== artifact.layout) continue
    const ref = refOf(artifact.kind, artifact.name)
    const others = getOrMake(named, ref, () => new Map<Artifact['id'], Artifact>())
    const rival = rivalOf(artifact, others)
    if (rival !== undefined) {
      if (rival.content.path !== artifact.content.path) notes.push(note('W_DUPLICATE', twice(ref, rival, artifact)))
      continue
    }
    files.set(place, artifact.layout)
    others.set(artifact.id, artifact)
    artifacts.push(artifact)
  }
  return { artifacts, notes: [...notes, ...sharedIds(artifacts)] }
}

/** Notes on ids that several artifacts share: AgentOS would load only one of them. */
function sharedIds(artifacts: readonly Artifact[]): Note[] {
  const ids = new Map<string, Artifact[]>()
  for (const artifact of artifacts) if (artifact.id !== undefined) addTo(ids, artifact.id, artifact)
  return [...ids].flatMap(([id, [first, ...others]]) => {
    if (first === undefined || others.length === 0) return []
    const refs = [first, ...others].map(({ kind, name }) => refOf(kind, name))
    return [
      note('W_ID', `${first.registry} has the id ${id} for ${refs.join(' and ')}, which does not tell them apart`),
    ]
  })
}

/** The artifact of the same kind and name from which this one cannot be told apart. Ids tell them apart; one without an id cannot be told apart from
    any other. */
function rivalOf({ id }: Artifact, others: ReadonlyMap<Artifact['id'], Artifact>): Artifact | undefined {
  if (id === undefined) return others.values().next().value
  return others.get(undefined) ?? others.get(id)
}

function placeKey({ path, include, elsewhere, definition }: Pointer): string {
  return JSON.stringify([path, include, elsewhere, definition])
}

function twice(ref: string, first: Artifact, second: Artifact): string {
  return `${first.registry} has ${ref} at ${shownPlace(first.content)} (${first.layout}) and at ${shownPlace(second.content)} (${second.layout}); the first is used`
}
