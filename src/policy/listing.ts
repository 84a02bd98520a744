import * as v from 'valibot'
import type { Artifact } from '../model/artifact.js'
import { decode, dictionary } from '../model/decode.js'
import { type Digest, isDigest } from '../model/digest.js'
import { parseJson } from '../model/json.js'
import { refOf } from '../model/kinds.js'
import { byCodeUnit } from '../model/names.js'

/** The integrity of each artifact, by `kind/name` or `kind/id`, where the registry's own index does not say it. Made when a registry is signed. */
export const listingFile = 'haal.index.json'

export type Listing = Readonly<Record<string, Digest>>

/** Files that can be an index, in the order in which they are looked for; the signature lies beside the first that is there. */
export const indexNames = [
  'registry.json',
  '.claude-plugin/marketplace.json',
  'haal_manifest.json',
  listingFile,
] as const

/** Other files that decide what comes from a registry: where one is there, a signature has to cover it. */
export const besideNames = ['.haal/registries.json', 'registries.json', 'repos-manifest.json', 'policy.json'] as const

const indexOf: Readonly<Record<string, string>> = {
  agentos: 'registry.json',
  marketplace: '.claude-plugin/marketplace.json',
}

const schema = v.strictObject({
  indexVersion: v.literal(1),
  artifacts: dictionary(v.custom<Digest>(isDigest, 'is not a digest')),
})

/** Throws E_INDEX. */
export function readListing(bytes: Uint8Array, source: string): Listing {
  const value = parseJson(Buffer.from(bytes).toString('utf8'), source, { syntax: 'E_INDEX', key: 'E_INDEX' })
  return decode(schema, value, source, 'E_INDEX').artifacts
}

export function printListing(listing: Listing): string {
  const artifacts = Object.fromEntries(Object.entries(listing).sort(([a], [b]) => byCodeUnit(a, b)))
  return `${JSON.stringify({ indexVersion: 1, artifacts }, null, 2)}\n`
}

/** The listing's key of an artifact: by id where it has one, because artifacts with ids may share a name. */
export function listedAs({ kind, name, id }: Pick<Artifact, 'kind' | 'name' | 'id'>): string {
  return refOf(kind, id ?? name)
}

/** Whether its registry's index, if that is signed, says what the artifact's bytes are, in one version at least. */
function isSaid(artifact: Artifact): boolean {
  const versions = Object.values(artifact.versions ?? {})
  return artifact.content.definition !== undefined || isFixed(artifact) || versions.some(isFixed)
}

/** The same of the version that it is. */
export function isFixed({ integrity, content: { elsewhere } }: Pick<Artifact, 'integrity' | 'content'>): boolean {
  return integrity !== undefined || elsewhere?.commit !== undefined || elsewhere?.archiveIntegrity !== undefined
}

/** The artifacts of a signed registry, with the integrity that the listing gives. Others are `uncovered`, unless a signed index says what their bytes
    are. */
export function covered(
  artifacts: readonly Artifact[],
  { signed, listing }: { signed: ReadonlySet<string>; listing: Listing | undefined },
): Artifact[] {
  return artifacts.map((artifact) => {
    const index = indexOf[artifact.layout]
    const isSigned = index !== undefined && signed.has(index)
    const said = listing?.[listedAs(artifact)]
    if (said !== undefined) return { ...artifact, integrity: said }
    return isSigned && isSaid(artifact) ? artifact : { ...artifact, uncovered: true }
  })
}
