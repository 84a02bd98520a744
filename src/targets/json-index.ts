import { kept } from '../model/shared.js'
import { type Holder, type Member, plain } from './json-tree.js'
import { canonical } from './json-values.js'
import { commandsIn } from './own-items.js'

/* The members of a holder by what they are looked for by, so that very many can be looked for, come and go in a file of very many. */

type Index = Map<string, Set<Member>>

const indexes = new WeakMap<Holder, Index>()

export const names = {
  key: (key: string) => `k${key}`,
  value: (value: unknown) => `v${canonical(value)}`,
  command: (command: string) => `c${command}`,
}

/** The members that go by a name, in their order. */
export function membersCalled(holder: Holder, name: string): Member[] {
  const index = kept(indexes, holder, () => indexOf(holder))
  return [...(index.get(name) ?? [])].sort((a, b) => a.rank - b.rank)
}

/** A member has come into its holder, or into the index again after it has changed. */
export function note(member: Member): void {
  const index = indexes.get(member.holder)
  if (index !== undefined) enter(member, index)
}

/** A member goes or changes. */
export function forget(member: Member): void {
  const index = indexes.get(member.holder)
  if (index !== undefined) for (const name of namesOf(member)) index.get(name)?.delete(member)
}

function indexOf(holder: Holder): Index {
  const index: Index = new Map()
  for (const member of holder.members) enter(member, index)
  return index
}

function enter(member: Member, index: Index): void {
  for (const name of namesOf(member)) kept(index, name, () => new Set<Member>()).add(member)
}

function namesOf({ key, value }: Member): string[] {
  if (key !== undefined) return [names.key(key)]
  const item = plain(value)
  return [names.value(item), ...commandsIn(item).map(names.command)]
}
