import { isDeepStrictEqual } from 'node:util'
import { fail, HaalError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import {
  type Lock,
  type Locked,
  type LockedRegistry,
  lockedRefs,
  sharingRevision,
  withRevision,
} from '../model/lock.js'
import { conflictLine, parseLock } from './lockfile.js'

/** What both sides of git's conflict markers agree on: the rest is left out, so that install resolves it anew. undefined where there are no
    markers. Throws E_LOCK_PARSE where a side is no lockfile by itself. */
export function resolveConflict(text: string): Lock | undefined {
  const line = conflictLine(text)
  if (line === undefined) return undefined
  const { ours, theirs } = sidesOf(text)
  const [a, b] = [lockOrNothing(ours), lockOrNothing(theirs)]
  if (a && b) return agreed(a, b)
  return fail('E_LOCK_PARSE', `haal.lock:${line} has git conflict markers, and what is between them is no lockfile`)
}

/** The file as each side has it; what `diff3` shows of their common ancestor is left out. */
function sidesOf(text: string): { ours: string; theirs: string } {
  const sides = { ours: [] as string[], theirs: [] as string[] }
  let now: 'both' | 'ours' | 'base' | 'theirs' = 'both'
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('<<<<<<<')) now = 'ours'
    else if (line.startsWith('|||||||')) now = 'base'
    else if (line.startsWith('=======')) now = 'theirs'
    else if (line.startsWith('>>>>>>>')) now = 'both'
    else {
      if (now === 'both' || now === 'ours') sides.ours.push(line)
      if (now === 'both' || now === 'theirs') sides.theirs.push(line)
    }
  }
  return { ours: sides.ours.join('\n'), theirs: sides.theirs.join('\n') }
}

function lockOrNothing(text: string): Lock | undefined {
  try {
    return parseLock(text)
  } catch (e) {
    if (e instanceof HaalError) return undefined
    throw e
  }
}

function agreed(ours: Lock, theirs: Lock): Lock {
  const registries = agreedRegistries(ours, theirs)
  const artifacts: Record<Ref, Locked> = {}
  for (const ref of lockedRefs(ours)) {
    const [a, b] = [wholeAt(ref, ours), wholeAt(ref, theirs)]
    if (a === undefined || registries[a.registry] === undefined || !isDeepStrictEqual(a, b)) continue
    artifacts[ref] = sharingRevision(a, registries[a.registry])
  }
  const unknown = Object.entries(ours.unknown).filter(([key, value]) => isDeepStrictEqual(value, theirs.unknown[key]))
  return { registries, artifacts, unknown: Object.fromEntries(unknown) }
}

/** A registry that both have at the same address, whatever its revision: each artifact's own is compared. */
function agreedRegistries(ours: Lock, theirs: Lock): Record<string, LockedRegistry> {
  const agree = ([name, { revision: _, ...a }]: [string, LockedRegistry]): boolean => {
    const { revision: __, ...b } = theirs.registries[name] ?? { type: '', location: '' }
    return isDeepStrictEqual(a, b)
  }
  return Object.fromEntries(Object.entries(ours.registries).filter(agree))
}

function wholeAt(ref: Ref, { artifacts, registries }: Lock): Locked | undefined {
  const locked = Object.hasOwn(artifacts, ref) ? artifacts[ref] : undefined
  return locked && withRevision(locked, registries[locked.registry])
}
