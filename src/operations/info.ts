import type { Artifact, Request } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import type { ListedFile } from '../model/digest.js'
import { onError, unanswered } from '../model/errors.js'
import { type Ref, refOf } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { isVerified } from '../model/registry.js'
import { parseRequest } from '../model/request.js'
import type { InfoResult } from '../model/results.js'
import { soundIn } from '../model/store.js'
import { refsMatching } from '../plan/desire.js'
import { choose } from '../resolve/choose.js'
import { readArtifact } from '../resolve/readings.js'
import { find } from '../resolve/walk.js'
import { take } from './fetch/into-store.js'
import { askedAnew } from './gather/asked-for.js'
import { theOne } from './gather/find-installed.js'
import { artifactOf } from './judge/facts.js'
import { listed } from './list.js'
import { stateHere } from './places/modified-in-tools.js'
import { type Session, withSession } from './session/session.js'

/** All there is to know of one artifact: what is installed, and what the registries have of it now. */
export async function info(
  ctx: Context,
  { request, flags }: { request: string; flags: CommonFlags },
): Promise<InfoResult> {
  return withSession(ctx, { command: 'info', flags, reads: true }, async (session) => {
    const asked = parseRequest(request)
    const installed = asked.range === undefined ? theOne(request, refsMatching(asked, session.lock)) : undefined
    if (installed !== undefined) return ofInstalled(session, installed)
    const offered = await ofOffered(session, asked)
    const { artifact, integrity } = offered
    const isHere = session.lock.artifacts[artifact]?.integrity === integrity
    return isHere ? ofInstalled(session, artifact) : offered
  })
}

async function ofInstalled(session: Session, ref: Ref): Promise<InfoResult> {
  const locked = session.lock.artifacts[ref] as Locked
  const { modified, missing } = await stateHere(session, ref)
  const basis = listed(session, ref, modified)
  const now = await onError(
    [...unanswered, 'E_NOT_FOUND', 'E_NO_REGISTRY', 'E_CONFIG', 'E_POLICY_REGISTRY'],
    async () => offeredNow(session, askedAnew(session, ref, locked.registry)),
    () => undefined,
  )
  const pack = soundIn(session.store, locked.integrity)
  const whole = now === undefined ? artifactOf(ref, locked) : asInstalled(now.artifact, locked)
  const reading = pack && (await readArtifact(whole, pack.files, async (path) => pack.read(path)))
  return {
    ...basis,
    ...(missing && { missing: true }),
    available: now?.version ?? null,
    licence: reading?.licence ?? null,
    files: filesOf(pack?.files ?? []),
    surface: reading?.surface ?? [],
    requires: locked.requires ?? [],
    loadable: locked.loadable ?? null,
    entry: locked.entry ?? null,
    notes: (reading?.notes ?? []).map(({ message }) => message),
    ...(reading?.description !== undefined && { description: reading.description }),
  }
}

/** What a registry would give now; its files come into the store to be read, never into the project. */
async function ofOffered(session: Session, request: Request): Promise<InfoResult> {
  const { chosen, artifact, version, reading, integrity } = await offeredNow(session, request)
  const pack = session.store.open(integrity)
  return {
    artifact: refOf(artifact.kind, artifact.name),
    kind: artifact.kind,
    ...(artifact.agentosKind !== undefined && { agentosKind: artifact.agentosKind }),
    name: artifact.name,
    id: artifact.id ?? null,
    version,
    registry: chosen.shelf.registry.name,
    revision: chosen.revision.id === 'folder' ? integrity : chosen.revision.id,
    integrity,
    path: artifact.content.path,
    pinned: false,
    verified: isVerified(chosen.shelf.registry),
    ...(artifact.verified && { saysVerified: true }),
    requestedBy: [],
    targets: [],
    modified: false,
    installed: false,
    available: version,
    licence: reading.licence ?? artifact.licence ?? null,
    files: filesOf(pack.files),
    surface: reading.surface,
    requires: artifact.requires,
    loadable: reading.loadable ?? null,
    entry: reading.entry ?? null,
    notes: reading.notes.map(({ message }) => message),
    ...((reading.description ?? artifact.description) !== undefined && {
      description: reading.description ?? artifact.description ?? '',
    }),
  }
}

async function offeredNow(session: Session, request: Request) {
  const found = await find(request, session.manifest, session.shelves)
  const again = (other: string) => `haal info ${other}`
  const chosen = await choose(found, [request.range ?? '*'], { ...session.shop, again })
  const { version, reading, integrity } = await take(session, chosen)
  return { chosen, artifact: chosen.artifact, version, reading, integrity }
}

function filesOf(files: readonly ListedFile[]): InfoResult['files'] {
  return files.map(({ path, size, mode }) => ({ path, size, executable: mode === 0o755 }))
}

/** What the index says of the version is about what the registry has now, not about the files that are installed. */
function asInstalled(offered: Artifact, { version }: Locked): Artifact {
  return offered.version === undefined ? offered : { ...offered, version }
}
