import type { Resolution } from '../model/artifact.js'
import { fail } from '../model/errors.js'
import { refOf } from '../model/kinds.js'
import type { Lock } from '../model/lock.js'
import { inShell } from '../model/text.js'
import type { Tagged } from '../model/transport.js'
import { type Settled, unfolded } from '../plan/lock.js'
import { type Chosen, sourceOf } from '../resolve/choose.js'
import type { Session } from './session.js'

/** A tag is one commit for good. Where it leads to another than when haal.lock was written, what it holds now comes only with an update that
    names the artifact. Branches move, and what a tag holds unchanged may. Throws E_PIN_MOVED. */
export async function refuseMoved(chosen: Chosen, { integrity, version }: Resolution, session: Within): Promise<void> {
  const before = atTheSame(chosen, version, session.lock)
  const now = chosen.revision.id
  const ref = refOf(chosen.artifact.kind, chosen.artifact.name)
  const isKnown = before.some(
    (one) => one.locked.revision === now || (one.ref === ref && one.locked.integrity === integrity),
  )
  if (before.length === 0 || isKnown) return
  const tags = await tagsOf(chosen, session)
  const tag = chosen.tag ?? tags.find(({ name }) => isSame(name, refOfChosen(chosen)))?.name
  const moved = before.find(({ locked }) => !tags.some(({ id, name }) => id === locked.revision && name !== tag))
  if (tag === undefined || moved === undefined) return
  const { name } = chosen.shelf.registry
  const was = moved.locked.revision ?? ''
  fail('E_PIN_MOVED', `${name}: "${tag}" was ${was} when haal.lock was written, and is ${now} now`, {
    hint: `ask who moved it; if it is meant, take it: haal update ${inShell(moved.ref)}`,
    details: { registry: name, tag, locked: was, now, artifact: ref },
  })
}

type Within = Pick<Session, 'lock' | 'shop'>

/** The ref that led to the tree an artifact's files lie in. */
function refOfChosen({ shelf, artifact, ref }: Chosen): string | undefined {
  const { elsewhere } = artifact.content
  return elsewhere === undefined ? (ref ?? shelf.registry.ref) : elsewhere.ref
}

/** What is locked from the very tag that a choice came from, as far as a lockfile tells: of a place elsewhere it knows the version, not the ref. */
function atTheSame(chosen: Chosen, label: string | undefined, lock: Lock): Settled[] {
  const { shelf, artifact, tag, ref, version } = chosen
  const { elsewhere } = artifact.content
  const { name, ref: usual } = shelf.registry
  const own = unfoldedOnce(lock).filter(({ locked }) => locked.registry === name && locked.revision !== undefined)
  const artifactRef = refOf(artifact.kind, artifact.name)
  if (tag !== undefined) return own.filter(({ locked, ref: at }) => at === artifactRef && locked.version === version)
  if (elsewhere !== undefined) {
    const isSaid = (one: string) => one === label || isSame(one, elsewhere.ref)
    return elsewhere.commit ? [] : own.filter(({ locked, ref: at }) => at === artifactRef && isSaid(locked.version))
  }
  if (ref !== undefined) return own.filter(({ locked }) => locked.ref === ref)
  if (usual === undefined) return []
  return own.filter(({ locked, registry }) => locked.ref === undefined && registry.ref === usual)
}

/** The same lock is asked about every artifact that comes in. */
function unfoldedOnce(lock: Lock): readonly Settled[] {
  const all = known.get(lock) ?? unfolded(lock)
  known.set(lock, all)
  return all
}

const known = new WeakMap<Lock, readonly Settled[]>()

async function tagsOf(chosen: Chosen, { shop }: Within): Promise<readonly Tagged[]> {
  const { at, transport, reach } = await sourceOf(chosen, shop)
  return (await transport.versions?.(at, reach)) ?? []
}

/** `1.2.0`, `v1.2.0` and `refs/tags/v1.2.0` may name one tag. */
function isSame(tag: string, ref = ''): boolean {
  const bare = (name: string) => name.replace(/^refs\/tags\//, '').replace(/^v(?=\d)/, '')
  return bare(tag) === bare(ref)
}
