import type { Artifact, Reading } from '../../model/artifact.js'
import type { Digest, ListedFile } from '../../model/digest.js'
import { isRecord } from '../../model/json.js'
import { kindNames, kinds, type Ref, refOf, splitRef } from '../../model/kinds.js'
import { type Lock, type Locked, lockedEntries } from '../../model/lock.js'
import { getOrMake } from '../../model/maps.js'
import type { Plan } from '../../model/plan.js'
import { pluginHome } from '../../model/plugins.js'
import type { Policy } from '../../model/policy.js'
import { registryFrom } from '../../model/registries.js'
import type { Registry } from '../../model/registry.js'
import { type Stored, soundIn } from '../../model/store.js'
import { asksForContent } from '../../policy/content.js'
import type { ArtifactFacts, ContentFacts, RegistryFacts, SignedFacts } from '../../policy/facts.js'
import { readArtifact, readHead, readNeeds } from '../../resolve/readings.js'
import { jsonIn, type Material } from '../../targets/material.js'
import { partsOf } from '../../targets/plugin.js'
import { keptReading } from '../project/cached-store.js'
import { registryFacts } from '../session/judge-registry.js'
import type { Session } from '../session/session.js'
import { placeOfRegistry } from '../signing/seen-signatures.js'
import { demandsOn } from '../signing/verify-index.js'

/** What policy may ask about the artifacts of a plan. What they contain is read from the store: for all of them where a rule asks, else for those
    that the plan brings or changes. */
export async function factsOf(
  session: Session,
  { from, to }: Pick<Plan, 'from' | 'to'>,
): Promise<(ref: Ref) => ArtifactFacts> {
  const known = new Map<Ref, ArtifactFacts>()
  const registries = new Map<string, RegistryFacts>()
  for (const [ref, locked] of lockedEntries(to.lock)) {
    const before = from.lock.artifacts[ref]
    const isNew = before?.integrity !== locked.integrity
    const own = identity(session, ref, { locked, lock: to.lock, registries })
    const asks = isNew || asksForContent(session.policies.policy, ref, own.registry.at)
    known.set(ref, { ...own, ...(asks && (await insideOf(session, ref, { locked, before }))) })
  }
  return (ref) =>
    known.get(ref) ?? identity(session, ref, { locked: from.lock.artifacts[ref] as Locked, lock: from.lock })
}

/** What an installed artifact's own files say, from the store; undefined where the store has lost them. */
export async function readingOf(
  session: Pick<Session, 'store'>,
  ref: Ref,
  locked: Locked,
): Promise<Reading | undefined> {
  const pack = soundIn(session.store, locked.integrity)
  return pack && readArtifact(artifactOf(ref, locked), pack.files, async (path) => pack.read(path))
}

/** The same of the programs alone that it says it needs. */
export async function needsIn(
  session: Pick<Session, 'store'>,
  ref: Ref,
  locked: Locked,
): Promise<Reading['needs'] | undefined> {
  const pack = soundIn(session.store, locked.integrity)
  return pack && readNeeds(artifactOf(ref, locked), pack.files, async (path) => pack.read(path))
}

/** As much of what a registry once offered as the lockfile remembers. */
export function artifactOf(
  ref: Ref,
  { registry, path, version, id, agentosKind, file, requires = [] }: Locked,
): Artifact {
  return {
    registry,
    ...splitRef(ref),
    layout: 'haal.lock',
    content: { path },
    form: file === undefined ? 'folder' : 'file',
    version,
    ...(id !== undefined && { id }),
    ...(agentosKind !== undefined && { agentosKind }),
    requires,
  }
}

/** The registry of a lock's artifact: as configured, or as the lock has one that is configured no more, or that the primary once listed. Nothing is
    asked of such a one. */
export function registryOf({ manifest, root }: Session, name: string, lock: Lock): Registry {
  const configured = manifest.registries.find((registry) => registry.name === name)
  if (configured !== undefined) return configured
  const { type, location, ref } = lock.registries[name] ?? { type: 'file', location: name }
  const entry = { type, location, ...(ref !== undefined && { ref }) }
  return registryFrom(name, entry, { folder: root, author: 'project', source: 'haal.lock' })
}

interface Where {
  locked: Locked
  lock: Lock
  /** By name: most artifacts are of one. */
  registries?: Map<string, RegistryFacts>
}

function identity(session: Session, ref: Ref, { locked, lock, registries = new Map() }: Where): ArtifactFacts {
  const { version, integrity, id } = locked
  const registry = registryOf(session, locked.registry, lock)
  const facts = getOrMake(registries, locked.registry, () => registryFacts(session, registry))
  return {
    ref,
    version,
    integrity,
    registry: factsOfRegistry(session, registry, { facts, integrity }),
    ...(id !== undefined && { id }),
  }
}

/** A registry as the one from which these bytes came. */
function factsOfRegistry(
  session: Session,
  registry: Registry,
  { facts, integrity }: { facts: RegistryFacts; integrity: Digest },
): RegistryFacts {
  const signature = signersOf(session, registry, integrity)
  return signature === undefined ? facts : { ...facts, signature }
}

/** Who had signed the index that vouched for these bytes, as far as that was ever verified here; asked only where somebody wants it signed. */
export function signersOf(session: Session, registry: Registry, integrity: Digest): SignedFacts | undefined {
  const { learned, policies, ctx } = session
  if (demandsOn(registry, policies.policy).length === 0) return undefined
  const at = placeOfRegistry(registry)
  const keys = learned.bytes(integrity)?.signed?.[at]
  const id = learned.idOf(at)
  return keys && { keys, now: ctx.now(), ...(id !== undefined && { id }) }
}

interface Versions {
  locked: Locked
  before: Locked | undefined
}

async function insideOf(
  session: Session,
  ref: Ref,
  { locked, before }: Versions,
): Promise<Pick<ArtifactFacts, 'content' | 'contains' | 'needs'>> {
  const { integrity, file } = locked
  const form = file === undefined ? 'folder' : 'file'
  const reading = keptReading(session.store, { ref, integrity, form }) ?? (await readingOf(session, ref, locked))
  if (reading === undefined) return {}
  const stored = session.store.open(integrity)
  const { files } = stored
  const parts = partsIn(ref, integrity, stored)
  const called = await calledIn(ref, parts, { reading, stored, policy: session.policies.policy })
  const asksForAge = session.policies.policy.rules['content.minimumAgeHours'].length > 0
  const old = before && (await readingOf(session, ref, before))
  const published = asksForAge ? session.learned.bytes(locked.integrity)?.published : undefined
  const content: ContentFacts = {
    surface: reading.surface,
    ...(old !== undefined && { before: old.surface }),
    hidden: [],
    ...(called.length > 0 && { called }),
    ...(reading.licence !== undefined && { licence: reading.licence }),
    ...(published !== undefined && { ageHours: hoursBetween(published, session.ctx.now()) }),
    ...sizes(files),
  }
  return { content, contains: containedIn(ref, files, parts), needs: reading.needs }
}

function hoursBetween(published: string, now: Date): number {
  return (now.getTime() - new Date(published).getTime()) / 3_600_000
}

function sizes(files: readonly ListedFile[]): Pick<ContentFacts, 'largest' | 'bytes'> {
  const largest = files.reduce((most, { path, size }) => (size > most.bytes ? { path, bytes: size } : most), {
    path: '',
    bytes: 0,
  })
  return { largest, bytes: files.reduce((sum, { size }) => sum + size, 0) }
}

/** What tools that do not know plugins are given of one. */
function partsIn(ref: Ref, integrity: Digest, { files, read }: Stored): Material[] {
  const { kind, name } = splitRef(ref)
  if (kind !== 'plugin') return []
  const paths = files.map(({ path }) => path)
  const head = async (bytes: Uint8Array) => (await readHead(bytes)).values
  return partsOf({ ref, kind, name, integrity, under: '', files: paths, read, head })
}

/** The artifacts a plugin brings inside, by the folders they lie in and by what its definition names: what is denied by name is denied there, too.
    What has a plugin's definition is one to tools, whatever its kind. */
function containedIn(ref: Ref, files: readonly ListedFile[], parts: readonly Material[]): Ref[] {
  const { kind, name } = splitRef(ref)
  const isAlso = kind !== 'plugin' && files.some(({ path }) => pluginHome(path) === '')
  if (kind !== 'plugin' && !isAlso) return []
  const inside = files.flatMap(({ path }) => {
    const [folder = '', leaf = ''] = path.split('/')
    const known = kindNames.find((one) => kinds[one].folder === folder)
    return known === undefined || leaf === '' ? [] : [refOf(known, leaf.replace(/\.(md|json)$/, ''))]
  })
  const named = parts.flatMap(({ kind, name }) => (runsUnderItsName.has(kind) ? [] : [refOf(kind, name)]))
  return [...new Set([...(isAlso ? [refOf('plugin', name)] : []), ...inside, ...named])]
}

/** Hooks and MCP servers of a plugin are told by its surface. */
const runsUnderItsName: ReadonlySet<string> = new Set(['hook', 'mcp'])

interface Called {
  reading: Reading
  stored: Stored
  policy: Policy
}

/** Read only where a rule binds or denies names. */
async function calledIn(ref: Ref, parts: readonly Material[], { reading, stored, policy }: Called): Promise<Ref[]> {
  const own = (reading.called ?? []).map((name) => refOf(splitRef(ref).kind, name))
  const { namespaces, 'artifacts.deny': deny } = policy.rules
  if (namespaces.length === 0 && deny.length === 0) return own
  const others = await Promise.all(parts.map(headedAs))
  return [...own, ...definedAs(ref, stored), ...others.flat()]
}

/** A skill that is a plugin besides has that one's name, too. */
function definedAs(ref: Ref, { files, read }: Stored): Ref[] {
  const at = files.find(({ path }) => pluginHome(path) === '')?.path
  if (at === undefined || splitRef(ref).kind === 'plugin') return []
  const definition = jsonIn({ files: [at], read, ref }, at)
  const name = isRecord(definition) ? definition.name : undefined
  return typeof name === 'string' && name !== '' ? [refOf('plugin', name)] : []
}

async function headedAs({ kind, file, files, read, head }: Material): Promise<Ref[]> {
  const main = file ?? files.find((path) => /^skill\.md$/i.test(path))
  if (main === undefined || (kind !== 'skill' && kind !== 'agent')) return []
  const { name } = await head(read(main))
  return typeof name === 'string' && name !== '' ? [refOf(kind, name)] : []
}
