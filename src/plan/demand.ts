import { type Ref, splitRef } from '../model/kinds.js'
import type { Lock } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import { addTo, getOrMake } from '../model/maps.js'
import { wildcard } from '../model/pattern.js'
import { isPattern, printRequest } from '../model/request.js'
import { decides, isRoot, type Satisfies, type Want } from './desire.js'

/** What an artifact is known by, in haal.lock or in a registry. */
export interface Known {
  ref: Ref
  id?: string | undefined
  registry: string
}

/** Which versions of an artifact are wanted: those that all the ranges let in. */
export interface Demand {
  ranges: readonly string[]
  /** The wants that have these ranges; none for a pin. */
  by: readonly Want[]
  pin?: string
}

export type Demands = (artifact: Known) => Demand

/** Which ranges bind an artifact, whatever leads to it. The first of these that there is decides, and all its ranges have to hold:
    1. its pin
    2. what names it: the command, where that says a version or a registry, else haal.json; besides or alone, a version that policy requires
    3. every pattern that means it */
export function demandsOf(wants: readonly Want[], pins: Wishes['pins']): Demands {
  const { names, patterns } = indexOf(wants)
  const demandOn = ({ ref, id, registry }: Known): Demand => {
    const { kind, name } = splitRef(ref)
    const pin = pins[ref]
    if (pin !== undefined) return { ranges: [pin], by: [], pin }
    const isOfKind = ({ request }: Want) => request.kind === undefined || request.kind === kind
    const isFrom = ({ request }: Want) => request.registry === undefined || request.registry === registry
    const named = [...new Set([name, id ?? name])].flatMap((each) => names.get(each) ?? []).filter(isOfKind)
    const binding = named.filter((want) => !isRule(want) || want.request.range !== '*')
    if (binding.length > 0) return demandBy(commandFirst(binding))
    return demandBy(patterns.flatMap(({ want, fits }) => (isOfKind(want) && isFrom(want) && fits(name) ? [want] : [])))
  }
  const known = new Map<string, Demand>()
  return (artifact) =>
    getOrMake(known, `${artifact.registry}:${artifact.id ?? ''}:${artifact.ref}`, () => demandOn(artifact))
}

/** A demand in two parts: without what policy requires (`own`), and only that (`ruled`), which policy itself refuses where it is not met. */
export function byPolicy(demand: Demand): { own: Demand; ruled: Demand } {
  if (!demand.by.some(isRule)) return { own: demand, ruled: demandBy([]) }
  const [own, ruled] = [demand.by.filter((want) => !isRule(want)), demand.by.filter(isRule)]
  return { own: demand.pin === undefined ? demandBy(own) : demand, ruled: demandBy(ruled) }
}

/** Whether a version, and the ref that led to it, are as demanded. */
export function isMet(
  demand: Demand,
  { version, ref }: { version: string; ref?: string | undefined },
  satisfies: Satisfies,
): boolean {
  return demand.ranges.every((range) => range === ref || satisfies(version, range))
}

/** Whether the locked version of an artifact is as demanded; true for one that is not locked. */
export function metIn({ artifacts }: Lock, demands: Demands, satisfies: Satisfies): (ref: Ref) => boolean {
  const met = new Map<Ref, boolean>()
  const isLockedMet = (ref: Ref): boolean => {
    const locked = artifacts[ref]
    if (locked === undefined) return true
    return isMet(demands({ ref, id: locked.id, registry: locked.registry }), locked, satisfies)
  }
  return (ref) => getOrMake(met, ref, () => isLockedMet(ref))
}

/** Who demands a version, in words. */
export function whoAsks(by: readonly Want[]): string {
  const [first, ...others] = by
  const isOne = others.length === 0 && first !== undefined && !isPattern(first.request)
  const asked = isOne ? first.request.range : by.map(({ request }) => printRequest(request)).join(' and ')
  return `${first !== undefined && isRule(first) ? 'policy requires' : `${first?.by} asks for`} ${asked}`
}

interface Pattern {
  want: Want
  fits(name: string): boolean
}

interface Index {
  names: ReadonlyMap<string, readonly Want[]>
  patterns: readonly Pattern[]
}

function indexOf(wants: readonly Want[]): Index {
  const names = new Map<string, Want[]>()
  const patterns: Pattern[] = []
  for (const want of wants.filter((each) => isRoot(each) && decides(each)))
    if (isPattern(want.request)) patterns.push({ want, fits: wildcard(want.request.name) })
    else addTo(names, want.request.name, want)
  return { names, patterns }
}

/** What the command names takes the place of what haal.json says; policy holds besides. */
function commandFirst(all: readonly Want[]): readonly Want[] {
  const isAsked = all.some(({ named }) => named)
  return all.filter((want) => !isAsked || want.named || isRule(want))
}

function isRule({ by }: Want): boolean {
  return by === 'policy'
}

function demandBy(by: readonly Want[]): Demand {
  return { ranges: [...new Set(by.flatMap(({ request: { range } }) => range ?? []))], by }
}
