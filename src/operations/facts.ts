import type { Artifact, Reading } from '../model/artifact.js'
import type { Digest, ListedFile } from '../model/digest.js'
import { kindNames, kinds, type Ref, refOf, splitRef } from '../model/kinds.js'
import { type Lock, type Locked, lockedEntries } from '../model/lock.js'
import type { Plan } from '../model/plan.js'
import { registryFrom } from '../model/registries.js'
import type { Registry } from '../model/registry.js'
import { soundIn } from '../model/store.js'
import { asksForContent } from '../policy/content.js'
import type { ArtifactFacts, ContentFacts, RegistryFacts, SignedFacts } from '../policy/facts.js'
import { readArtifact } from '../resolve/readings.js'
import { registryFacts } from './door.js'
import { placeOfRegistry } from './learned.js'
import { keptReading } from './recent.js'
import type { Session } from './session.js'
import { demandsOn } from './signed.js'

/** What policy may ask about the artifacts of a plan. What they contain is read from the store: for all of them where a rule asks, else for those
    that the plan brings or changes. */
export async function factsOf(
  session: Session,
  { from, to }: Pick<Plan, 'from' | 'to'>,
): Promise<(ref: Ref) => ArtifactFacts> {
  const known = new Map<Ref, ArtifactFacts>()
  for (const [ref, locked] of lockedEntries(to.lock)) {
    const before = from.lock.artifacts[ref]
    const isNew = before?.integrity !== locked.integrity
    const inside =
      isNew || asksForContent(session.policies.policy, ref)
        ? await insideOf(session, ref, { locked, before })
        : undefined
    known.set(ref, { ...identity(session, ref, { locked, lock: to.lock }), ...inside })
  }
  return (ref) =>
    known.get(ref) ?? { ...identity(session, ref, { locked: from.lock.artifacts[ref] as Locked, lock: from.lock }) }
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

/** The registry of a lock's artifact: as configured, or as the lock has a secondary that the primary once listed. */
export function registryOf({ manifest, root }: Session, name: string, lock: Lock): Registry {
  const configured = manifest.registries.find((registry) => registry.name === name)
  if (configured !== undefined) return configured
  const { type, location, ref } = lock.registries[name] ?? { type: 'file', location: name }
  const entry = { type, location, ...(ref !== undefined && { ref }) }
  return registryFrom(name, entry, {
    folder: root,
    author: type === 'file' ? 'project' : 'network',
    source: 'haal.lock',
  })
}

function identity(session: Session, ref: Ref, { locked, lock }: { locked: Locked; lock: Lock }): ArtifactFacts {
  const { version, integrity, id } = locked
  return {
    ref,
    version,
    integrity,
    registry: factsOfRegistry(session, registryOf(session, locked.registry, lock), integrity),
    ...(id !== undefined && { id }),
  }
}

/** A registry as the one from which these bytes came. */
function factsOfRegistry(session: Session, registry: Registry, integrity: Digest): RegistryFacts {
  const facts = registryFacts(session, registry)
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
  const { files } = session.store.open(locked.integrity)
  const asksForAge = session.policies.policy.rules['content.minimumAgeHours'].length > 0
  const old = before && (await readingOf(session, ref, before))
  const published = asksForAge ? session.learned.bytes(locked.integrity)?.published : undefined
  const content: ContentFacts = {
    surface: reading.surface,
    ...(old !== undefined && { before: old.surface }),
    hidden: [],
    ...(reading.licence !== undefined && { licence: reading.licence }),
    ...(published !== undefined && { ageHours: hoursBetween(published, session.ctx.now()) }),
    ...sizes(files),
  }
  return { content, contains: containedIn(ref, files), needs: reading.needs }
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

/** The artifacts a plugin brings inside: what is denied by name is denied there too. */
function containedIn(ref: Ref, files: readonly ListedFile[]): Ref[] {
  if (splitRef(ref).kind !== 'plugin') return []
  const inside = files.flatMap(({ path }) => {
    const [folder = '', name = ''] = path.split('/')
    const kind = kindNames.find((one) => kinds[one].folder === folder)
    return kind === undefined || name === '' ? [] : [refOf(kind, name.replace(/\.(md|json)$/, ''))]
  })
  return [...new Set(inside)]
}
