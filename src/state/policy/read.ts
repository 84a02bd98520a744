import path from 'node:path'
import type { Note } from '../../model/artifact.js'
import type { Digest } from '../../model/digest.js'
import type { Disk } from '../../model/disk.js'
import { fail, onError } from '../../model/errors.js'
import { note } from '../../model/notes.js'
import { isPersonal, type PolicyLayer, type PolicyLayerName } from '../../model/policy.js'
import type { PolicyFile } from '../../model/policy-file.js'
import type { WrittenKeys } from '../../model/public-keys.js'
import { realPlace } from '../paths.js'
import { isUrl } from './places.js'
import type { SeenVersion } from './seen-versions.js'
import {
  type Bytes,
  bytesOf,
  checkUrl,
  keepBytes,
  keptBytes,
  loading,
  loadingLater,
  ownOrigins,
  textOf,
} from './source.js'

/** What reading policies may touch. */
export interface PolicyReach {
  disk: Disk
  /** HAAL_HOME. */
  home: string
  /** The project's root. */
  root: string
  env: Readonly<Record<string, string | undefined>>
  /** Fetches a URL. `admit` is asked about it, and about every other one before a redirect to it is followed: it throws, or answers
      whether a private address may be reached. */
  fetch(url: string, admit: (url: string) => boolean): Promise<Uint8Array>
  /** Throws E_POLICY_REGISTRY where the policies read so far do not let this URL be asked. */
  admit(layers: readonly PolicyLayer[], url: string): void
  /** Whether a person has trusted this origin, or a policy of theirs lists it. */
  names(layers: readonly PolicyLayer[], origin: string): boolean
  /** Throws where a policy is not signed as the policies before it ask. `signature`: the text of its bundles. */
  verify(policy: Bytes & { signature: string | undefined }, demands: readonly WrittenKeys[]): Promise<void>
  /** Told what is known so far, before the next one is read. */
  known?(layers: readonly PolicyLayer[]): void
}

/** The policies that apply here, in order. */
export interface ReadPolicies {
  layers: readonly PolicyLayer[]
  /** Every file that was looked at and its digest, null where there was none. */
  files: ReadonlyMap<string, Digest | null>
  /** Versioned policies that were read. */
  found: ReadonlyMap<string, SeenVersion>
  warnings: readonly Note[]
}

export interface About {
  layer: PolicyLayerName
  reach: PolicyReach
  seen: ReadonlyMap<string, SeenVersion>
  /** What names the next policy came from a URL itself. */
  afar?: boolean
}

/** A policy, and what lies beside it. */
interface Found {
  bytes: Bytes
  signature(): Promise<string | undefined>
}

/** Adds a policy to those that were read. `signature` answers what lies beside it; asked for only where it has to be signed. */
export async function withBytes(read: ReadPolicies, { bytes, signature }: Found, about: About): Promise<ReadPolicies> {
  const { layer, seen, reach } = about
  const demands = demandsOn(layer, read.layers)
  if (demands.length > 0)
    await loadingLater(bytes.from, async () => reach.verify({ ...bytes, signature: await signature() }, demands))
  const file = await decoded(bytes, about)
  checkVersion(bytes, file, seen)
  const { kept, warnings } = auditOf(file, bytes.from, about)
  const further = { ...about, afar: isUrl(bytes.from) }
  const bases = await basesOf(kept, { read, about: further, contact: file.contact, depth: 0 })
  const layers = [
    ...read.layers,
    ...bases,
    { source: sourceOf(bytes.from, kept, { layer, contact: undefined }), file: kept },
  ]
  reach.known?.(layers)
  return {
    layers,
    files: read.files,
    found:
      file.version === undefined
        ? read.found
        : new Map([...read.found, [bytes.from, { version: file.version, digest: bytes.digest }]]),
    warnings: [...read.warnings, ...warnings],
  }
}

/** Who has to have signed a policy of this layer, as the policies before it say. */
function demandsOn(layer: PolicyLayerName, before: readonly PolicyLayer[]): WrittenKeys[] {
  const rules = before.flatMap(({ file }) => file.policies?.signature ?? [])
  return rules.filter(({ layers }) => layers === undefined || layers.some((each) => each === layer))
}

/** Where no policy applies, nothing that reads one is loaded. */
async function decoded(bytes: Bytes, { layer }: Pick<About, 'layer'>): Promise<PolicyFile> {
  const { decodePolicy } = await import('../../model/policy-file.js')
  const folder = isUrl(bytes.from) || layer === 'registry' ? undefined : path.dirname(bytes.from)
  const anchor = (relative: string) => (folder === undefined ? undefined : path.resolve(folder, relative))
  return loading(bytes.from, () => decodePolicy(textOf(bytes), bytes.from, anchor))
}

function sourceOf(
  from: string,
  { name, version, contact }: PolicyFile,
  given: { layer: PolicyLayerName; contact: string | undefined },
): PolicyLayer['source'] {
  const ask = contact ?? given.contact
  return {
    layer: given.layer,
    from,
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(ask !== undefined && { contact: ask }),
  }
}

function checkVersion({ from, digest }: Bytes, file: PolicyFile, seen: ReadonlyMap<string, SeenVersion>): void {
  const { version = 0, contact } = file
  const orAsk = contact === undefined ? '' : `, or ask ${contact}`
  const before = seen.get(from)
  if (before === undefined || version > before.version) return
  const details = { source: from, version, seen: before.version }
  if (version < before.version)
    fail(
      'E_POLICY_VERSION',
      `policy ${from} has ${version === 0 ? 'no version' : `version ${version}`}; version ${before.version} was in force here`,
      {
        hint: `publish it with a version above ${before.version}${orAsk}`,
        details,
      },
    )
  if (digest !== before.digest)
    fail('E_POLICY_VERSION', `policy ${from} has changed and is still version ${version}`, {
      hint: `raise its version to ${version + 1}${orAsk}`,
      details,
    })
}

/** Policies that this one builds on, fetched once and kept by their digest. */
async function basesOf(
  file: PolicyFile,
  given: { read: ReadPolicies; about: About; contact: string | undefined; depth: number },
): Promise<PolicyLayer[]> {
  const { read, about, depth } = given
  const layers: PolicyLayer[] = []
  for (const { url, integrity } of file.extends ?? []) {
    const from = checkUrl(url, about.reach.env)
    if (depth === 5)
      fail('E_POLICY_LOAD', `policy ${from} is extended from too far away: at most 5 policies may stand on each other`)
    const bytes = await base(read.layers, { url, from, integrity: integrity as Digest }, about)
    const { kept } = auditOf(await decoded(bytes, about), from, about)
    const contact = kept.contact ?? given.contact
    layers.push(...(await basesOf(kept, { ...given, contact, depth: depth + 1 })))
    layers.push({ source: sourceOf(from, kept, { layer: about.layer, contact }), file: kept })
  }
  return layers
}

async function base(
  layers: readonly PolicyLayer[],
  { url, from, integrity }: { url: string; from: string; integrity: Digest },
  about: About,
): Promise<Bytes> {
  const { disk, home } = about.reach
  const kept = await onError(
    ['E_DISK'],
    () => keptBytes(disk, home, integrity),
    () => undefined,
  )
  if (kept !== undefined) return bytesOf(from, kept)
  const bytes = await fetched(layers, url, about)
  if (bytes.digest !== integrity)
    fail('E_POLICY_LOAD', `policy ${from} is not the one that was pinned`, {
      details: { source: from, expected: integrity, actual: bytes.digest },
    })
  await onError(
    ['E_DISK'],
    () => keepBytes(disk, home, bytes),
    () => undefined,
  )
  return bytes
}

/** An audit log is written where its policy says, so what comes with a project may name its own folder only, and a registry's none. */
function auditOf(file: PolicyFile, from: string, { layer, reach }: About): { kept: PolicyFile; warnings: Note[] } {
  const { audit, ...rest } = file
  if (audit === undefined || isPersonal(layer)) return { kept: file, warnings: [] }
  if (layer === 'registry')
    return {
      kept: rest,
      warnings: [note('W_POLICY_AUDIT', `${from}: the audit log of a registry's policy is not kept here`)],
    }
  if (!isInside(audit.file, reach))
    fail(
      'E_POLICY_SCHEMA',
      `policy ${from}: a project's policy may keep its audit log in the project only, beside what git and haal keep there, not in ${audit.file}`,
    )
  return { kept: file, warnings: [] }
}

/** What git or haal keeps for itself. */
const taken = /^(\.git|\.haal|haal\.(json|lock))$/i

function isInside(file: string, { disk, root }: Pick<PolicyReach, 'disk' | 'root'>): boolean {
  const within = path.relative(disk.real(root) ?? root, realPlace(disk, file))
  const segments = within.split(path.sep)
  return within !== '' && !path.isAbsolute(within) && !segments.some((each) => each === '..' || taken.test(each))
}

/** Asks for a URL. Those that a project or registry names are held to the policies before them; those of the person's own policies are the
    person's. What came over the network itself, a registry's policy or a redirect, leads to a private address only where the person or a policy
    of theirs names the origin. */
export async function fetched(
  layers: readonly PolicyLayer[],
  url: string,
  { layer, reach, afar }: About,
): Promise<Bytes> {
  const from = checkUrl(url, reach.env)
  const isNamed = (origin: string) => ownOrigins(reach.env).has(origin) || reach.names(layers, origin)
  const admit = (next: string): boolean => {
    checkUrl(next, reach.env)
    if (isPersonal(layer)) return true
    reach.admit(layers, next)
    return (layer === 'project' && !afar && next === url) || isNamed(new URL(next).origin)
  }
  return loadingLater(from, async () => {
    admit(url)
    return bytesOf(from, await reach.fetch(url, admit))
  })
}
