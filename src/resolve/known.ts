import type { Note } from '../model/artifact.js'
import { note } from '../model/notes.js'
import { inOrder } from '../model/registries.js'
import { locationOf, noRegistry, type Registry, sameLocator } from '../model/registry.js'
import type { Listed } from './secondaries.js'

/** The registries that a project knows: those of its configuration and, once all are asked for, those that its primary lists. */
interface Known {
  /** As far as they are known now, the primary first. */
  now(): readonly Registry[]
  all(): Promise<readonly Registry[]>
  /** Throws E_NOT_FOUND where there is none of that name. */
  named(name: string): Promise<Registry>
  /** All have been asked for. */
  isWhole(): boolean
  notes(): readonly Note[]
}

/** `listOf` is asked once, for the primary alone: a secondary's list is not followed. */
export function knownFrom(configured: readonly Registry[], listOf: (primary: Registry) => Promise<Listed>): Known {
  const notes: Note[] = []
  let known = inOrder(configured)
  let listed: Promise<readonly Registry[]> | undefined
  const withList = async (): Promise<readonly Registry[]> => {
    const [primary] = known
    if (primary === undefined) return known
    const listed = await listOf(primary)
    notes.push(...listed.notes)
    known = withListed(known, listed.registries, notes)
    return known
  }
  const all = (): Promise<readonly Registry[]> => {
    listed ??= withList()
    return listed
  }
  return {
    now: () => known,
    all,
    named: async (name) =>
      known.find((one) => one.name === name) ??
      (await all()).find((one) => one.name === name) ??
      unknownRegistry(name, known),
    isWhole: () => listed !== undefined,
    notes: () => notes,
  }
}

/** What the configuration lists itself is not taken from the primary's list, whatever it is called there. */
function withListed(known: readonly Registry[], listed: readonly Registry[], notes: Note[]): Registry[] {
  const unknown = listed.filter((one) => !known.some(({ at }) => sameLocator(at, one.at)))
  const isTaken = ({ name }: Registry) => known.some((one) => one.name === name)
  for (const { name, source, at } of unknown.filter(isTaken))
    notes.push(
      note('W_REGISTRY_NAME', `${source} names ${locationOf(at)} "${name}", which is another one here; it is left out`),
    )
  const fresh = unknown.filter((one) => !isTaken(one))
  return [...known, ...inOrder([...known.slice(0, 1), ...fresh]).slice(1)]
}

function unknownRegistry(name: string, known: readonly Registry[]): never {
  const names = known.map((one) => one.name)
  if (name !== 'npm') return noRegistry(name, names)
  return noRegistry(name, names, { hint: 'a package is named with --from: haal install --all --from npm:<package>' })
}
