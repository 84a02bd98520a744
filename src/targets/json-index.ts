import { getOrMake } from '../model/maps.js'
import { type Holder, type Member, plain } from './json-tree.js'
import { canonical } from './json-values.js'
import { commandsIn } from './own-items.js'

/* The members of an object or list by key, value and command: in a file of thousands, none is searched for one by one. */

type ByName = Map<string, Set<Member>>

export const names = {
  key: (key: string) => `k${key}`,
  value: (value: unknown) => `v${canonical(value)}`,
  command: (command: string) => `c${command}`,
}

export interface Index {
  /** The members that have a name (`names`), in their order. */
  called(holder: Holder, name: string): Member[]
  /** A member has come into its holder, or has changed. */
  enter(member: Member): void
  /** A member goes, or is about to change. */
  leave(member: Member): void
}

/** `own`: names of values that haal is known to have put there. Such an item is found by its value alone, never by its command. */
export function openIndex(own: ReadonlySet<string>): Index {
  const all = new WeakMap<Holder, ByName>()
  const put = (member: Member, into: ByName | undefined) => {
    if (into !== undefined)
      for (const name of namesOf(member, own)) getOrMake(into, name, () => new Set<Member>()).add(member)
  }
  const indexOf = (holder: Holder) => {
    const index: ByName = new Map()
    for (const member of holder.members) put(member, index)
    return index
  }
  return {
    called: (holder, name) => {
      const found = getOrMake(all, holder, () => indexOf(holder)).get(name) ?? []
      return [...found].sort((a, b) => a.rank - b.rank)
    },
    enter: (member) => put(member, all.get(member.holder)),
    leave: (member) => {
      for (const name of namesOf(member, own)) all.get(member.holder)?.get(name)?.delete(member)
    },
  }
}

function namesOf({ key, value }: Member, own: ReadonlySet<string>): string[] {
  if (key !== undefined) return [names.key(key)]
  const item = plain(value)
  const name = names.value(item)
  return own.has(name) ? [name] : [name, ...commandsIn(item).map(names.command)]
}
