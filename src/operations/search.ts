import type { Artifact } from '../model/artifact.js'
import type { Context } from '../model/context.js'
import { type Ref, refOf } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { byCodeUnit } from '../model/names.js'
import { isVerified, locationOf } from '../model/registry.js'
import type { ListedArtifact, ListResult } from '../model/results.js'
import { opened } from '../resolve/choose.js'
import { readLabel } from '../resolve/readings.js'
import type { Shelf } from '../resolve/shelves.js'
import { findEach } from '../resolve/walk.js'
import { writeNames } from './change/completion-names.js'
import { chosenBy, type ListFlags } from './list-flags.js'
import { type Session, withSession } from './session/session.js'

/** What the registries have. */
export async function available(ctx: Context, { flags }: { flags: ListFlags }): Promise<ListResult> {
  return withSession(ctx, { command: 'list', flags, reads: true }, async (session) => ({
    artifacts: (await remembered(session, flags)).filter(chosenBy(flags)),
    warnings: warningsOf(session),
  }))
}

/** What the registries have whose name, kind, id, description or author has all the words. */
export async function search(ctx: Context, { text, flags }: { text: string; flags: ListFlags }): Promise<ListResult> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return withSession(ctx, { command: 'search', flags, reads: true }, async (session) => {
    const has = ({ artifact, agentosKind, id, description, author }: ListedArtifact) => {
      const all = [artifact, agentosKind, id, description, author].join('\n').toLowerCase()
      return words.every((word) => all.includes(word))
    }
    const artifacts = (await remembered(session, flags)).filter(has).filter(chosenBy(flags))
    return { artifacts, warnings: warningsOf(session) }
  })
}

function warningsOf({ notes, shelves }: Session): ListResult['warnings'] {
  return [...notes, ...shelves.notes(), ...shelves.catalogNotes()]
}

/** Everything on offer, each from the registry that would answer for it. */
export async function offered(session: Session, { registry }: ListFlags): Promise<ListedArtifact[]> {
  const { manifest, shelves } = session
  const all = await findEach({ name: '*', ...(registry !== undefined && { registry }) }, manifest, shelves)
  const artifacts = await Promise.all(all.map(({ shelf, artifact }) => offer(session, shelf, artifact)))
  return artifacts.sort((a, b) => byCodeUnit(a.artifact, b.artifact) || byCodeUnit(a.id ?? '', b.id ?? ''))
}

/** The shells complete what was on offer when it was last listed whole. */
async function remembered(session: Session, flags: ListFlags): Promise<ListedArtifact[]> {
  const all = await offered(session, flags)
  const names = [...new Set(all.map(({ artifact }) => artifact))]
  if (flags.registry === undefined && flags.allowMissing !== true) writeNames(session, session.lock, names)
  return all
}

async function offer(session: Session, shelf: Shelf, artifact: Artifact): Promise<ListedArtifact> {
  const { kind, name, id, content } = artifact
  const ref = refOf(kind, name)
  const remote =
    content.elsewhere !== undefined || content.definition !== undefined || artifact.unavailable !== undefined
  const label = remote
    ? artifact
    : { ...artifact, ...(await readLabel(artifact, (await opened({ shelf, artifact }, session.shop)).tree)) }
  const locked = lockedAs(ref, id, session)
  return {
    artifact: ref,
    kind,
    ...(artifact.agentosKind !== undefined && { agentosKind: artifact.agentosKind }),
    name,
    id: id ?? null,
    version: label.version ?? null,
    registry: shelf.registry.name,
    revision: shelf.revision.id === 'folder' ? null : shelf.revision.id,
    integrity: artifact.integrity ?? null,
    path: content.path,
    pinned: locked?.pinned === true,
    verified: isVerified(shelf.registry),
    ...(artifact.verified && { saysVerified: true }),
    requestedBy: locked?.requestedBy ?? [],
    targets: locked?.targets ?? [],
    modified: false,
    installed: locked !== undefined,
    ...(label.description !== undefined && { description: label.description }),
    ...(label.author !== undefined && { author: label.author }),
    ...(artifact.unavailable !== undefined && { unavailable: artifact.unavailable }),
    ...(content.elsewhere !== undefined && { elsewhere: locationOf(content.elsewhere.at) }),
  }
}

/** Of several of one name, the one with another id is not what is installed. */
function lockedAs(ref: Ref, id: string | undefined, { lock }: Session): Locked | undefined {
  const locked = lock.artifacts[ref]
  const isOther = id !== undefined && locked?.id !== undefined && locked.id !== id
  return isOther ? undefined : locked
}
