import type { Note, Request, Taken } from '../../model/artifact.js'
import { fail, onError } from '../../model/errors.js'
import { type Ref, refOf } from '../../model/kinds.js'
import { note, strictCode } from '../../model/notes.js'
import type { Shadow } from '../../model/plan.js'
import { byPolicy, type Demand, type Demands, type Known } from '../../plan/demand.js'
import type { Want } from '../../plan/desire.js'
import type { Unfolded } from '../../plan/lock.js'
import type { SourceChange } from '../../plan/sources.js'
import { isHeld, pinnedRange } from '../../policy/grants.js'
import { type Chosen, choose } from '../../resolve/choose.js'
import type { Found } from '../../resolve/walk.js'
import type { Session } from '../session/session.js'
import type { LeftOut } from './left-out.js'
import { orWhoAsks } from './no-version-error.js'

/** A gathering under way. `all` starts as what is locked and grows by what is resolved. */
export interface Work {
  session: Session
  /** What the command wants, before it is known what that requires. */
  wants: readonly Want[]
  demands: Demands
  /** Whether what is locked is as demanded, and its registry as it was. */
  isMet(ref: Ref): boolean
  /** Whether it is to be resolved anew, because its registry is among `changes`. */
  isFromChanged(ref: Ref): boolean
  /** The registries that are configured otherwise by now. */
  changes: readonly SourceChange[]
  all: Map<Ref, Unfolded>
  refs: Map<Want, readonly Ref[]>
  /** What those wants ask for, so that nothing is asked for twice. */
  asked: Set<string>
  /** By what each artifact is asked for that is asked for by its name. */
  own: Map<Ref, Request>
  resolved: Map<Ref, Taken>
  shadowed: Shadow[]
  leftOut: LeftOut[]
  /** What patterns have brought and no registry has any more. */
  gone: Map<Ref, Request>
  notes: Note[]
}

/** Where a want leads: to what is locked already, or to what has to be taken in. */
export interface LookedUp {
  locked: Ref[]
  chosen: Chosen[]
}

/** What an update finds no version of in its range, or cannot ask about, stays as it is, where `ref` is it and in its range: the rest is updated
    all the same. */
export function orStays(
  { found, ref }: { found: Found; ref: Ref | undefined },
  { session, notes }: Work,
  picked: () => Promise<Chosen[]>,
): Promise<LookedUp> {
  const locked = ref && session.lock.artifacts[ref]
  const come = async () => {
    const chosen = await picked()
    return { locked: chosen.length === 0 && ref !== undefined ? [ref] : [], chosen }
  }
  if (ref === undefined || locked?.registry !== found.shelf.registry.name) return come()
  return onError(['E_NO_VERSION'], come, ({ message }) => {
    notes.push(note('W_NO_VERSION', `${ref} stays at ${locked.version}: ${message}`))
    return { locked: [ref], chosen: [] }
  })
}

/** Where no version is asked for, the one that policy pins is looked for; where there is none, policy refuses what is found. */
export async function pick(found: Found, want: Want, { session, shadowed, demands }: Work): Promise<Chosen> {
  if (found.shadow) shadowed.push(found.shadow)
  const demand = demands(knownBy(found))
  const isFree = demand.ranges.every((range) => range === '*')
  const pinned = isFree ? pinnedRange(session.policy, knownBy(found)) : undefined
  const beyond = isFree ? demand.by.flatMap((each) => each.beyond ?? []) : []
  const open = beyond.length > 0 ? beyond : ['*']
  const again = (request: string) => `haal pin ${request}`
  const shop = session.command === 'pin' && want.named ? { ...session.shop, again } : session.shop
  const choice = (asked: Demand) =>
    isFree
      ? choose(found, open, shop)
      : orWhoAsks(() => choose(found, asked.ranges, shop), { found, want, asked, session })
  if (pinned !== undefined)
    return onError(
      ['E_NO_VERSION', 'E_REF'],
      () => choose(found, [pinned], shop),
      () => choice(demand),
    )
  const { own, ruled } = byPolicy(demand)
  if (own.ranges.length === 0 || ruled.ranges.length === 0) return choice(demand)
  // Where nothing is both what policy requires and what haal.json says, policy refuses what haal.json says.
  return onError(
    ['E_NO_VERSION'],
    () => choice(demand),
    async () => (await choice(ruled)) && choice(own),
  )
}

function knownBy(found: Found): Known {
  return { ref: refOfFound(found), id: found.artifact.id, registry: found.shelf.registry.name }
}

export function refOfFound({ artifact }: Found): Ref {
  return refOf(artifact.kind, artifact.name)
}

/** Whether a pin of a person's or of policy keeps it as it is. */
export function holds(ref: Ref, { lock, policy }: Session): boolean {
  const locked = lock.artifacts[ref]
  return locked !== undefined && (locked.pinned === true || isHeld(policy, ref, locked))
}

/** With --strict a note that has an error for it becomes that error. */
export function unlessStrict(notes: readonly Note[], { flags }: Session): readonly Note[] {
  for (const note of flags.strict ? notes : []) {
    const code = strictCode(note)
    if (code !== undefined) fail(code, note.message, { hint: 'without --strict this is a warning' })
  }
  return notes
}
