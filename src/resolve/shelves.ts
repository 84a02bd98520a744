import { type Catalog, catalog } from '../layout/index.js'
import type { Note } from '../model/artifact.js'
import { type ErrorCode, fail, HaalError, onError, unanswered } from '../model/errors.js'
import { getOrMake } from '../model/maps.js'
import { note } from '../model/notes.js'
import type { Locator, Registry, Revision } from '../model/registry.js'
import type { Reach, Transport } from '../model/transport.js'
import type { Tree } from '../model/tree.js'
import { checkChecksum } from './checksum.js'
import { knownFrom } from './known.js'
import { listedBy } from './secondaries.js'
import type { Door, Inspected } from './suppliers.js'

/** A registry that was opened at one revision, with what it offers. */
export interface Shelf {
  registry: Registry
  revision: Revision
  tree: Tree
  catalog: Catalog
  reach: Reach
  transport: Transport
  /** The keys that have signed its index, where that is asked for. */
  signers?: readonly string[]
}

/** How registries are opened. `reach` judges a registry by policy before anything contacts it. */
interface HowToOpen {
  reach(registry: Registry): Reach
  transport(at: Locator): Promise<Transport>
  /** Judges what was opened, before anything of it is used. */
  inspect: Door['inspect']
  /** A registry below the primary that fails with one of these is left out, with a warning. */
  leavesOut: readonly ErrorCode[]
  /** The command has --allow-missing: errors may name it. */
  mayAllowMissing: boolean
}

/** The registries of a project, opened once each and only when asked for. */
export interface Shelves {
  /** The primary first, its own secondaries last; those that were left out are not among them. */
  ordered(): Promise<Shelf[]>
  /** The names of all, the primary first, its own secondaries last; of these only the primary is opened. */
  names(): Promise<string[]>
  /** By name, a secondary of the primary included. Throws E_NOT_FOUND where there is none. */
  named(name: string): Promise<Shelf>
  /** A registry at the revision that a lockfile names; only the primary is opened as it is now as well, for its policy. Throws E_REF where the revision
      is gone. */
  past(name: string, id: string): Promise<Shelf>
  /** The same registry at a revision or ref of its past. */
  at(shelf: Way, when: { ref: string } | { id: string }): Promise<Shelf>
  /** All known names in the order OLAF installs them: last secondary … primary. */
  order(): string[]
  notes(): Note[]
  /** Those that were opened so far, as they are now; `whole` where no registry is missing among them. */
  seen(): { shelves: readonly Shelf[]; whole: boolean }
  /** What reading the catalogues of the registries that were opened has shown. */
  catalogNotes(): Note[]
}

export function openShelves(configured: readonly Registry[], how: HowToOpen): Shelves {
  const opened = new Map<string, Promise<Shelf>>()
  const left = new Map<string, Note>()
  const seen: Shelf[] = []
  const ways = new Map<string, Promise<Way>>()
  const wayTo = (registry: Registry) => getOrMake(ways, registry.name, () => way(registry, how))
  const shelf = (registry: Registry) =>
    getOrMake(opened, registry.name, async () => {
      const primary = registry.name === known.now()[0]?.name
      const open = await openShelf(await wayTo(registry), { how, primary })
      seen.push(open)
      return open
    })
  const known = knownFrom(configured, async (primary) => listedBy((await shelf(primary)).tree, primary))
  const at: Shelves['at'] = (open, when) =>
    getOrMake(opened, `${open.registry.name}\n${JSON.stringify(when)}`, () => reopen(open, when, how))

  return {
    ordered: async () => {
      const [primary, ...others] = await known.all()
      if (primary === undefined) return []
      const rest = await Promise.all(others.map((registry) => orLeftOut(registry, shelf, { how, left })))
      return [await shelf(primary), ...rest.filter((open) => open !== undefined)]
    },
    names: async () => (await known.all()).map(({ name }) => name),
    named: async (name) => shelf(await known.named(name)),
    past: async (name, id) => {
      const registry = await known.named(name)
      const isAsked = registry === known.now()[0] || opened.has(name)
      const now = isAsked ? await onError(['E_REF'], () => shelf(registry), gone) : undefined
      return now?.revision.id === id ? now : at(await wayTo(registry), { id })
    },
    at,
    order: () => [...known.now()].reverse().map(({ name }) => name),
    notes: () => [...known.notes(), ...left.values()],
    seen: () => ({ shelves: seen, whole: known.isWhole() && seen.length === known.now().length }),
    catalogNotes: () => seen.flatMap((open) => open.catalog.notes),
  }
}

const gone = () => undefined

/** How to reach a registry, without asking it anything. */
type Way = Pick<Shelf, 'registry' | 'reach' | 'transport'>

async function way(registry: Registry, how: HowToOpen): Promise<Way> {
  return { registry, reach: how.reach(registry), transport: await how.transport(registry.at) }
}

async function openShelf(
  { registry, reach, transport }: Way,
  { how, primary }: { how: HowToOpen; primary: boolean },
): Promise<Shelf> {
  const revision = await transport.pin(registry.at, registry.ref, reach)
  const tree = await transport.open(revision, reach)
  if (registry.checksum !== undefined) await checkChecksum(registry, tree)
  const inspected = await how.inspect({ registry, tree, primary, past: false })
  return filled({ registry, reach, transport, revision }, inspected)
}

async function reopen(
  { registry, reach, transport }: Way,
  when: { ref: string } | { id: string },
  { inspect }: HowToOpen,
): Promise<Shelf> {
  const revision = 'id' in when ? { at: registry.at, id: when.id } : await transport.pin(registry.at, when.ref, reach)
  const tree = await transport.open(revision, reach)
  return filled({ registry, reach, transport, revision }, await inspect({ registry, tree, primary: false, past: true }))
}

async function filled(
  open: Omit<Shelf, 'tree' | 'catalog' | 'signers'>,
  { tree, cover, signers }: Inspected,
): Promise<Shelf> {
  const found = await catalog(tree, open.registry.name)
  return { ...open, tree, catalog: { ...found, artifacts: cover(found.artifacts) }, ...(signers && { signers }) }
}

type Opening = { how: HowToOpen; left: Map<string, Note> }

function orLeftOut(
  registry: Registry,
  shelf: (registry: Registry) => Promise<Shelf>,
  { how, left }: Opening,
): Promise<Shelf | undefined> {
  return onError(
    how.leavesOut,
    () => (how.mayAllowMissing ? shelf(registry).catch(sayHowToGoOn) : shelf(registry)),
    (e) => {
      left.set(registry.name, note('W_REGISTRY_MISSING', `${registry.name} is left out: ${e.message}`))
      return undefined
    },
  )
}

/** Adds --allow-missing to the hint of an error that it would avoid. */
export function sayHowToGoOn(e: unknown): never {
  if (e instanceof HaalError && unanswered.some((code) => code === e.code))
    fail(e.code, e.message, {
      hint: `${e.hint ?? 'try again'}, or leave it out with --allow-missing`,
      details: e.details,
      cause: e,
    })
  throw e
}
