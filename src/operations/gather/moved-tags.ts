import type { Taken } from '../../model/artifact.js'
import { fail } from '../../model/errors.js'
import { type Ref, refOf } from '../../model/kinds.js'
import type { Lock, Locked } from '../../model/lock.js'
import { getOrMake } from '../../model/maps.js'
import { inShell } from '../../model/text.js'
import { unfolded } from '../../plan/lock.js'
import { leadsTo } from '../../plan/sources.js'
import { type Chosen, sourceOf } from '../../resolve/choose.js'
import { tagsOf } from '../../resolve/tags.js'
import type { Session } from '../session/session.js'

/** A tag is one commit for good. Where it leads to another than when haal.lock was written, what it holds now comes only with an update that
    names the artifact. Branches move, and what a tag holds unchanged may. Throws E_PIN_MOVED. */
export async function refuseMoved(chosen: Chosen, { integrity, version }: Taken, session: Within): Promise<void> {
  const before = atTheSame(chosen, version, session.lock)
  const now = chosen.revision.id
  const ref = refOf(chosen.artifact.kind, chosen.artifact.name)
  if (before.revisions.size === 0 || before.revisions.has(now) || before.all.get(ref)?.integrity === integrity) return
  const tags = await tagsOf(await sourceOf(chosen, session.shop))
  const tag = chosen.tag ?? tags.find(({ name }) => isSame(name, refOfChosen(chosen)))?.name
  if (tag === undefined) return
  const tagged = new Set(tags.flatMap(({ id, name }) => (name === tag ? [] : id)))
  const moved = [...before.all].find(([, locked]) => !tagged.has(locked.revision ?? ''))
  if (moved === undefined) return
  const { name } = chosen.shelf.registry
  const [movedRef, { revision: was = '' }] = moved
  fail('E_PIN_MOVED', `${name}: "${tag}" was ${was} when haal.lock was written, and is ${now} now`, {
    hint: `ask who moved it; if it is meant, take it: haal update ${inShell(movedRef)}`,
    details: { registry: name, tag, locked: was, now, artifact: ref },
  })
}

type Within = Pick<Session, 'lock' | 'shop'>

/** The ref that led to the tree an artifact's files lie in. */
function refOfChosen({ shelf, artifact, ref }: Chosen): string | undefined {
  const { elsewhere } = artifact.content
  return elsewhere === undefined ? (ref ?? shelf.registry.ref) : elsewhere.ref
}

/** What is locked from one ref, and the revisions that were. */
interface Group {
  all: Map<Ref, Locked>
  revisions: Set<string>
}

/** What is locked from the very tag that a choice came from, as far as a lockfile tells: of a place elsewhere it knows the version, not the ref. */
function atTheSame(chosen: Chosen, label: string | undefined, lock: Lock): Group {
  const { shelf, artifact, tag, ref, version } = chosen
  const { elsewhere } = artifact.content
  const { name, ref: usual } = shelf.registry
  const record = lock.registries[name]
  if (record === undefined || !leadsTo(record, shelf.registry)) return nothing
  const own = groupsOf(lock).get(name) ?? new Map<string | undefined, Group>()
  const alone = (isMeant: (locked: Locked) => boolean) =>
    only([...own.values()], refOf(artifact.kind, artifact.name), isMeant)
  if (tag !== undefined) return alone((locked) => locked.version === version)
  if (elsewhere !== undefined) {
    const isSaid = (one: string) => one === label || isSame(one, elsewhere.ref)
    return elsewhere.commit ? nothing : alone((locked) => isSaid(locked.version))
  }
  const isUsual = usual !== undefined && record.ref === usual
  return (ref !== undefined || isUsual ? own.get(ref) : undefined) ?? nothing
}

const nothing: Group = { all: new Map(), revisions: new Set() }

function only(groups: readonly Group[], ref: Ref, isMeant: (locked: Locked) => boolean): Group {
  const locked = groups.map(({ all }) => all.get(ref)).find((one) => one !== undefined)
  return locked?.revision !== undefined && isMeant(locked)
    ? { all: new Map([[ref, locked]]), revisions: new Set([locked.revision]) }
    : nothing
}

/** By registry and ref. The same lock is asked about every artifact that comes in: it is gone through once. */
type Groups = ReadonlyMap<string, ReadonlyMap<string | undefined, Group>>

const known = new WeakMap<Lock, Groups>()

function groupsOf(lock: Lock): Groups {
  return getOrMake(known, lock, () => {
    const groups = new Map<string, Map<string | undefined, Group>>()
    for (const { ref, locked } of unfolded(lock)) {
      if (locked.revision === undefined) continue
      const own = getOrMake(groups, locked.registry, () => new Map<string | undefined, Group>())
      const { all, revisions } = getOrMake(own, locked.ref, (): Group => ({ all: new Map(), revisions: new Set() }))
      all.set(ref, locked)
      revisions.add(locked.revision)
    }
    return groups
  })
}

/** `1.2.0`, `v1.2.0` and `refs/tags/v1.2.0` may name one tag. */
function isSame(tag: string, ref = ''): boolean {
  const bare = (name: string) => name.replace(/^refs\/tags\//, '').replace(/^v(?=\d)/, '')
  return bare(tag) === bare(ref)
}
