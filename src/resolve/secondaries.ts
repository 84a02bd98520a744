import { listedRegistries } from '../layout/registries-json.js'
import type { Note } from '../model/artifact.js'
import { note } from '../model/notes.js'
import { registriesFromList, registriesFromRepos } from '../model/registries.js'
import type { Author, Registry } from '../model/registry.js'
import type { Tree } from '../model/tree.js'

/** What a primary lists, and what is to be told of how it does. */
export interface Listed {
  registries: readonly Registry[]
  notes: readonly Note[]
}

/** The secondaries that a registry's own `registries.json` (or haal-installer's `repos-manifest.json`) lists, in that order.
    A list that came over the network may name https only; one in a folder starts relative paths there. */
export async function listedBy(tree: Tree, { at, author, name }: Registry): Promise<Listed> {
  const list = await listedRegistries(tree, name)
  if (list === undefined) return { registries: [], notes: [] }
  const local = at.via === 'file' && author !== 'network'
  const trust: Author = local ? author : 'network'
  const folder = at.via === 'file' ? joined(at.path, list.folder) : '/'
  const around = { folder, author: trust, source: `${name}: ${list.file}`, keys: list.keys }
  const registries =
    list.form === 'repos' ? registriesFromRepos(list.entries, around) : registriesFromList(list.entries, around)
  const says = `${name} lists registries in ${list.file}, and others in ${list.unused}, which is not used`
  return {
    registries: registries.map((registry) => ({ ...registry, listedBy: name })),
    notes: list.unused === undefined ? [] : [note('W_REGISTRY_LIST', says)],
  }
}

function joined(root: string, folder: string): string {
  return folder === '' ? root : `${root}/${folder}`
}
