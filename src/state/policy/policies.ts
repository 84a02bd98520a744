import type { Disk } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import { isUrl, type PolicyPlaces } from './places.js'
import { type About, fetched, type PolicyReach, type ReadPolicies, withBytes } from './read.js'
import { readSeenVersions, seenVersionsFile, writeSeenVersions } from './seen-versions.js'
import { bytesOf, policyFile, textOf } from './source.js'

/** Reads all policies but the primary registry's. Throws E_POLICY_LOAD for one that is named and missing, cannot be read, or was in force with a version
    and is gone; E_POLICY_SCHEMA; E_POLICY_VERSION; E_POLICY_REGISTRY where a project's policy names a URL that the others forbid. */
export async function readPolicies(places: PolicyPlaces, reach: PolicyReach): Promise<ReadPolicies> {
  const seen = readSeenVersions(reach.disk, reach.home)
  let read: ReadPolicies = { layers: [], files: new Map(), found: new Map(), warnings: [] }
  for (const file of places.machine) read = await withFile(read, file, { layer: 'machine', reach, seen })
  read = await withFile(read, places.user, { layer: 'user', reach, seen })
  for (const { place, layer, by } of namedPlaces) {
    const named = places[place]
    if (named !== undefined) read = await withNamed(read, { named, by }, { layer, reach, seen })
  }
  return read
}

/** In this order; `by` is how messages call what names the policy. */
const namedPlaces = [
  { place: 'environment', layer: 'environment', by: 'HAAL_POLICY' },
  { place: 'program', layer: 'environment', by: 'the program that runs haal' },
  { place: 'own', layer: 'project', by: '"policy" of the project' },
  { place: 'project', layer: 'project', by: '"policy" of the project' },
] as const

/** Adds the primary registry's `policy.json`; `bytes` is undefined where it has none. */
export async function withRegistryPolicy(
  read: ReadPolicies,
  { from, bytes, signature }: { from: string; bytes: Uint8Array | undefined; signature?: Uint8Array | undefined },
  reach: PolicyReach,
): Promise<ReadPolicies> {
  const about: About = { layer: 'registry', reach, seen: readSeenVersions(reach.disk, reach.home) }
  if (bytes !== undefined) {
    const beside = async () => signature && textOf(bytesOf(from, signature))
    return withBytes(read, { bytes: bytesOf(from, bytes), signature: beside }, about)
  }
  refuseGone(from, about)
  return read
}

/** Remembers the versions that were read, so that older ones are refused from now on. */
export function rememberPolicies({ found }: ReadPolicies, { disk, home }: Pick<PolicyReach, 'disk' | 'home'>): void {
  writeSeenVersions(disk, home, found)
}

/** Asked once more before anything is written. Throws E_POLICY_VERSION where a policy file was changed, removed or added since it was read. */
export function recheckPolicies({ files }: Pick<ReadPolicies, 'files'>, disk: Disk): void {
  for (const [file, digest] of files) {
    if ((policyFile(disk, file)?.digest ?? null) !== digest)
      fail('E_POLICY_VERSION', `policy ${file} was changed while haal worked; nothing was written`, {
        hint: 'run the command again',
      })
  }
}

async function withFile(read: ReadPolicies, file: string, about: About): Promise<ReadPolicies> {
  const bytes = policyFile(about.reach.disk, file)
  const looked = { ...read, files: new Map([...read.files, [file, bytes?.digest ?? null]]) }
  if (bytes !== undefined) return withBytes(looked, { bytes, signature: async () => besideFile(file, about) }, about)
  refuseGone(file, about)
  return looked
}

async function withNamed(
  read: ReadPolicies,
  { named, by }: { named: string; by: string },
  about: About,
): Promise<ReadPolicies> {
  if (isUrl(named)) {
    const signature = async () => textOf(await fetched(read.layers, besideUrl(named), about))
    return withBytes(read, { bytes: await fetched(read.layers, named, about), signature }, about)
  }
  const looked = await withFile(read, named, about)
  if (looked.files.get(named) !== null) return looked
  return fail('E_POLICY_LOAD', `policy ${named} does not exist, and ${by} names it`, { details: { source: named } })
}

function besideFile(file: string, { reach }: About): string | undefined {
  const found = policyFile(reach.disk, `${file}.sigstore.json`)
  return found && textOf(found)
}

function besideUrl(named: string): string {
  const url = new URL(named)
  url.pathname = `${url.pathname}.sigstore.json`
  return url.href
}

/** A versioned policy that disappears is a step back like any other. */
function refuseGone(from: string, { reach, seen }: Pick<About, 'reach' | 'seen'>): void {
  const before = seen.get(from)
  if (before === undefined) return
  fail('E_POLICY_LOAD', `policy ${from} is gone; version ${before.version} of it was in force here`, {
    hint: `put it back; to lift it, publish one without rules and a version above ${before.version}, or take it out of ${seenVersionsFile(reach.home)}`,
    details: { source: from, version: before.version },
  })
}
