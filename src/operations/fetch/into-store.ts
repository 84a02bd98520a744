import { defaultTerms, takeIn } from '../../intake/take-in.js'
import type { Artifact, Reading, Resolution } from '../../model/artifact.js'
import { type Digest, hexOf } from '../../model/digest.js'
import { fail, onError } from '../../model/errors.js'
import { type Ref, refOf, splitRef } from '../../model/kinds.js'
import type { Locked } from '../../model/lock.js'
import { isCommit } from '../../model/registry.js'
import { inShell } from '../../model/text.js'
import type { Tree } from '../../model/tree.js'
import { sizeLimits, sizeRefusals } from '../../policy/grants.js'
import { isFixed } from '../../policy/listing.js'
import { refuse } from '../../policy/refuse.js'
import { type Chosen, type Offer, opened, refuseUncovered, taggedAs } from '../../resolve/choose.js'
import { called } from '../../resolve/match.js'
import { readArtifact } from '../../resolve/readings.js'
import type { Shelf } from '../../resolve/shelves.js'
import { pseudoVersion } from '../../resolve/versions.js'
import { keepReading } from '../project/cached-store.js'
import { checkSource, checkSources } from '../project/lock-sources.js'
import type { Session } from '../session/session.js'
import { placeOfRegistry } from '../signing/seen-signatures.js'
import { publishedAt, wantedAge } from './minimum-age.js'

/** Brings the files of a chosen artifact into the store, through the one intake all transports share. Throws E_ENTRY_MISSING for an entry
    without files, E_INTEGRITY where the index promised other bytes, and every refusal of the intake. */
export async function take(session: Session, chosen: Chosen): Promise<Resolution> {
  const { artifact, tree, revision } = chosen
  if (artifact.unavailable !== undefined)
    fail(
      'E_ENTRY_MISSING',
      `${chosen.shelf.registry.name} lists ${refOf(artifact.kind, artifact.name)}, but ${artifact.unavailable}`,
    )
  demandCovered(chosen)
  const integrity = await takenIn(session, tree, artifact)
  await learnOf(session, chosen, integrity)
  const reading = await readingOf(session, artifact, integrity)
  const version =
    chosen.version ?? reading.version ?? (await taggedAs(chosen, session.shop)) ?? standIn(chosen, integrity)
  return { ...artifact, version, revision, integrity, reading }
}

/** Brings the very bytes that a lockfile names into the store again, from the registry that it names and no other. Throws E_LOCK_SOURCE,
    E_INTEGRITY where the registry has other bytes now. */
export async function refetch(session: Session, ref: Ref, locked: Locked): Promise<void> {
  checkSources(session)
  await retake(session, await located(session, ref, locked), { ref, locked })
}

/** Where the bytes of a locked artifact are; nothing of them is fetched yet, where a transport can wait. That the lockfile sends haal nowhere else
    (`checkSources`) was checked before, once for all that are located. */
export async function located(session: Session, ref: Ref, locked: Locked): Promise<Chosen> {
  const chosen = await opened(await lockedOffer(session, ref, locked), session.shop, locked.revision)
  demandCovered(chosen)
  return chosen
}

/** Takes located bytes in to the store. */
export async function retake(
  session: Session,
  chosen: Chosen,
  { ref, locked }: { ref: Ref; locked: Locked },
): Promise<void> {
  const got = await takenIn(session, chosen.tree, chosen.artifact)
  await learnOf(session, chosen, got)
  if (got !== locked.integrity)
    fail('E_INTEGRITY', `${ref} ${locked.version} from ${locked.registry} is not what ${namer(session)} names`, {
      hint: otherBytes(session, [ref]),
      details: { artifact: ref, registry: locked.registry, expected: locked.integrity, actual: got },
    })
}

/** The artifact in its registry as haal.lock has it: at the registry's revision, or at its own where that is another. */
async function lockedOffer(session: Session, ref: Ref, locked: Locked): Promise<Offer> {
  const known = session.lock.registries[locked.registry]
  const shared = await pastShelf(session, locked.registry, known?.revision)
  checkSource(locked.registry, known, shared.registry)
  const there = offerOf(shared, ref, locked)
  if (there?.artifact.content.elsewhere !== undefined) return there
  const own =
    locked.revision === undefined
      ? there
      : offerOf(await pastShelf(session, locked.registry, locked.revision), ref, locked)
  return (
    own ??
    fail('E_INTEGRITY', `${locked.registry} no longer has ${ref} ${locked.version}, which ${namer(session)} names`, {
      hint: otherBytes(session, [ref]),
    })
  )
}

/** A rollback wants what a lockfile of the past names. */
function namer({ command }: Session): string {
  return command === 'rollback' ? 'the past' : 'haal.lock'
}

/** What to do where registries have other bytes than are named. An update of some stops at the others: only one of all takes all. */
export function otherBytes({ command }: Session, refs: readonly Ref[]): string {
  if (command === 'rollback') return 'the store has lost it; another generation may need less: haal history'
  const names = command === 'update' ? '' : refs.map((ref) => ` ${inShell(ref)}`).join('')
  return refs.length > 1
    ? `if the changes are meant, take them: haal update${names}`
    : `if the change is meant, take it: haal update${names}`
}

/** A revision that can be had no more is no reason to stop: the artifact's integrity guards its bytes. */
async function pastShelf({ shelves }: Session, registry: string, revision: string | undefined): Promise<Shelf> {
  const gone = () => undefined
  const then = revision && (await onError(['E_REF'], () => shelves.past(registry, revision), gone))
  return then || shelves.named(registry)
}

function offerOf(shelf: Shelf, ref: Ref, { id, version }: Locked): Offer | undefined {
  const { kind, name } = splitRef(ref)
  const found = called(shelf.catalog.artifacts, name).find((one) => one.kind === kind && (one.id ?? '') === (id ?? ''))
  const past = found?.versions?.[version]
  return found && { shelf, artifact: past === undefined ? found : { ...found, ...past, version } }
}

/** Of a registry that has to be signed comes only what the signature covers. */
function demandCovered({ shelf, artifact }: Chosen): void {
  if (shelf.signers === undefined) return
  const isSaid = isFixed(artifact) || artifact.content.definition !== undefined
  refuseUncovered(shelf, isSaid ? artifact : { ...artifact, uncovered: true })
}

/** What rules ask of these bytes and only their source can say. */
async function learnOf(session: Session, chosen: Chosen, integrity: Digest): Promise<void> {
  const { shelf } = chosen
  const at = placeOfRegistry(shelf.registry)
  if (shelf.signers !== undefined) session.learned.sawBytes(integrity, { signed: { [at]: shelf.signers } })
  const published = await publishedAt(chosen, wantedAge(session.policies.policy), session)
  if (published !== undefined) session.learned.sawBytes(integrity, { published: published.toISOString() })
}

/** Through the one intake, stopping at the sizes that policy sets. */
function takenIn({ store, policy }: Session, tree: Tree, artifact: Artifact): Promise<Digest> {
  const { file, artifact: whole } = sizeLimits(policy)
  const { budget } = defaultTerms
  const narrowed = {
    ...budget,
    file: Math.min(budget.file, file ?? budget.file),
    artifact: Math.min(budget.artifact, whole ?? budget.artifact),
  }
  return onError(
    ['E_LIMIT_SIZE'],
    () => store.take((pack) => takeIn({ tree, artifact }, pack, { ...defaultTerms, budget: narrowed })),
    (e) => {
      const { budget: name, limit } = e.details
      refuse(sizeRefusals(policy, { about: refOf(artifact.kind, artifact.name), budget: name, limit }))
      throw e
    },
  )
}

/** What an artifact's own files say, read from the store. */
async function readingOf(session: Session, artifact: Artifact, integrity: Digest): Promise<Reading> {
  const { store } = session
  const pack = store.open(integrity)
  const reading = await readArtifact(artifact, pack.files, async (path) => pack.read(path))
  const { kind, name, form, licence } = artifact
  if (licence === undefined) keepReading(store, { ref: refOf(kind, name), integrity, form }, reading)
  return reading
}

function standIn({ tree, revision }: Chosen, integrity: Digest): string {
  return isCommit(revision.id) ? pseudoVersion(revision.id, tree.committed) : pseudoVersion(hexOf(integrity))
}
