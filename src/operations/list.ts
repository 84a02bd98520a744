import type { Artifact } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import { kindOf, type Ref, refOf, splitRef } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { byCodeUnit } from '../model/names.js'
import type { ListedArtifact, ListResult } from '../model/results.js'
import { homeOf, placesOf } from '../plan/diff.js'
import { labelOf } from '../plan/lock.js'
import { opened } from '../resolve/choose.js'
import { readLabel } from '../resolve/readings.js'
import type { Shelf } from '../resolve/shelves.js'
import { findAll } from '../resolve/walk.js'
import { isModified } from './look.js'
import { type Session, withSession } from './session.js'

export interface ListFlags extends CommonFlags {
  available?: boolean
  kind?: string
  registry?: string
}

/** What is installed or, with `available`, what the registries have. */
export async function list(ctx: Context, { flags }: { flags: ListFlags }): Promise<ListResult> {
  return withSession(ctx, { command: 'list', flags, reads: true }, async (session) => {
    const artifacts = flags.available ? await offered(session, flags) : installed(session)
    return { artifacts: artifacts.filter(chosenBy(flags)), warnings: [...session.notes, ...session.shelves.notes()] }
  })
}

/** What the registries have whose name, id, description or author has all the words. */
export async function search(ctx: Context, { text, flags }: { text: string; flags: ListFlags }): Promise<ListResult> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return withSession(ctx, { command: 'search', flags, reads: true }, async (session) => {
    const has = ({ artifact, id, description, author }: ListedArtifact) => {
      const all = [artifact, id, description, author].join('\n').toLowerCase()
      return words.every((word) => all.includes(word))
    }
    const artifacts = (await offered(session, flags)).filter(has).filter(chosenBy(flags))
    return { artifacts, warnings: [...session.notes, ...session.shelves.notes()] }
  })
}

/** One installed artifact as `list` shows it. */
export function listed(session: Session, ref: Ref, modified: boolean): ListedArtifact {
  const { lock } = session
  const locked = lock.artifacts[ref] as Locked
  const label = labelOf(ref, lock)
  return {
    artifact: ref,
    ...splitRef(ref),
    id: locked.id ?? null,
    version: locked.version,
    registry: locked.registry,
    revision: label?.revision ?? null,
    integrity: locked.integrity,
    path: homeOf(ref, locked) ?? null,
    pinned: locked.pinned === true,
    verified: lock.registries[locked.registry]?.verified === true,
    requestedBy: locked.requestedBy,
    targets: locked.targets ?? [],
    modified,
  }
}

function installed(session: Session): ListedArtifact[] {
  const modified = new Set(
    placesOf(session.lock)
      .filter((place) => isModified(session, place))
      .map(({ ref }) => ref),
  )
  const refs = (Object.keys(session.lock.artifacts) as Ref[]).sort(byCodeUnit)
  return refs.map((ref) => listed(session, ref, modified.has(ref)))
}

/** Everything on offer, each from the registry that would answer for it. */
async function offered(session: Session, { registry }: ListFlags): Promise<ListedArtifact[]> {
  const { manifest, shelves } = session
  const all = await findAll({ name: '*', ...(registry !== undefined && { registry }) }, manifest, shelves)
  const artifacts = await Promise.all(all.map(({ shelf, artifact }) => offer(session, shelf, artifact)))
  return artifacts.sort((a, b) => byCodeUnit(a.artifact, b.artifact))
}

async function offer(session: Session, shelf: Shelf, artifact: Artifact): Promise<ListedArtifact> {
  const { kind, name, id, content } = artifact
  const ref = refOf(kind, name)
  const remote =
    content.elsewhere !== undefined || content.definition !== undefined || artifact.unavailable !== undefined
  const label = remote
    ? artifact
    : { ...artifact, ...(await readLabel(artifact, (await opened({ shelf, artifact }, session.shop)).tree)) }
  const locked = session.lock.artifacts[ref]
  return {
    artifact: ref,
    kind,
    name,
    id: id ?? null,
    version: label.version ?? null,
    registry: shelf.registry.name,
    revision: shelf.revision.id === 'folder' ? null : shelf.revision.id,
    integrity: artifact.integrity ?? null,
    path: content.path,
    pinned: locked?.pinned === true,
    verified: (artifact.verified ?? shelf.registry.verified) === true,
    requestedBy: locked?.requestedBy ?? [],
    targets: locked?.targets ?? [],
    modified: false,
    installed: locked !== undefined,
    ...(label.description !== undefined && { description: label.description }),
    ...(label.author !== undefined && { author: label.author }),
    ...(artifact.unavailable !== undefined && { unavailable: artifact.unavailable }),
  }
}

function chosenBy({ kind, registry }: ListFlags): (artifact: ListedArtifact) => boolean {
  const word = kind === undefined ? undefined : (kindOf(kind) ?? fail('E_USAGE', `"${kind}" is not a kind`))
  return (artifact) =>
    (word === undefined || artifact.kind === word) && (registry === undefined || artifact.registry === registry)
}
