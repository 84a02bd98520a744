import type { Artifact } from '../model/artifact.js'
import { refOf } from '../model/kinds.js'
import { checkLabel } from '../model/version-label.js'
import type { Facts } from './facts.js'
import { metadataOf, textOf } from './frontmatter.js'
import { authorOf, licenceOf } from './manifests.js'

/** What a listing shows of an artifact. */
export interface Label {
  version?: string
  description?: string
  author?: string
  licence?: string
}

/** How many keys a label has that lacks none. */
export const labelLength = 4

/** Each from the first that says it: the index, plugin.json, package.json, manifest.json, the persona, the head, its metadata. */
export function labelOf(artifact: Artifact, { plugin, packageJson, manifest, persona, head }: Facts): Label {
  const values = head?.head.values
  const metadata = metadataOf(values)
  const manifests = [plugin, packageJson, manifest]
  const version = firstText([
    artifact.version,
    ...manifests.map((each) => each?.version),
    textOf(persona?.values, 'version'),
    textOf(values, 'version'),
    textOf(metadata, 'version'),
  ])
  const description = firstText([
    artifact.description,
    ...manifests.map((each) => each?.description),
    textOf(persona?.values, 'description'),
    textOf(values, 'description'),
  ])
  const author = firstText([
    artifact.author,
    ...manifests.map((each) => authorOf(each?.author)),
    textOf(values, 'author'),
    textOf(metadata, 'author'),
  ])
  const licence = firstText([artifact.licence, ...manifests.map(licenceOf), licenceOf(values)])
  return {
    ...(version !== undefined && { version: checkLabel(version, refOf(artifact.kind, artifact.name)) }),
    ...(description !== undefined && { description }),
    ...(author !== undefined && { author }),
    ...(licence !== undefined && { licence }),
  }
}

function firstText(candidates: readonly (string | null | undefined)[]): string | undefined {
  return candidates.find((each): each is string => typeof each === 'string' && each.trim() !== '')?.trim()
}
