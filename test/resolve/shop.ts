import { fail, HaalError, unanswered } from '../../src/model/errors.js'
import type { Manifest } from '../../src/model/manifest.js'
import type { Locator, Registry } from '../../src/model/registry.js'
import type { Transport } from '../../src/model/transport.js'
import type { Shop } from '../../src/resolve/choose.js'
import { openShelves } from '../../src/resolve/shelves.js'
import type { Door } from '../../src/resolve/suppliers.js'
import { demo, memoryTree, type Planted } from '../layout/trees.js'
import { bench } from '../transport/reach.js'

/** A registry as a test writes it: its files now, what it was at refs and revisions, its tags. null is one that is down. */
export interface Stocked {
  files: Readonly<Record<string, Planted>> | null
  past?: Readonly<Record<string, Readonly<Record<string, Planted>>>>
  /** Tag → revision. */
  tags?: Readonly<Record<string, string>>
  /** Revisions, newest first. */
  history?: readonly string[]
  more?: Partial<Registry>
}

interface ShopOptions {
  allowMissing?: boolean
  mayAllowMissing?: boolean
  inspect?: Door['inspect']
}

const unjudged: Door['inspect'] = async ({ tree }) => ({ tree, cover: (artifacts) => artifacts })

/** A shop over registries in memory, the first primary. `asked` collects what was contacted. */
export function shop(
  stock: Readonly<Record<string, Stocked>>,
  { allowMissing = false, mayAllowMissing = true, inspect = unjudged }: ShopOptions = {},
) {
  const asked: string[] = []
  const registries = Object.entries(stock).map(([name, { more }]) => registry(name, more))
  const nameOf = (at: Locator) => ('path' in at ? at.path.slice(1) : '')
  const filesOf = (name: string, id: string) =>
    (id === 'now' ? stock[name]?.files : stock[name]?.past?.[id]) ??
    fail(id === 'now' ? 'E_REGISTRY_UNAVAILABLE' : 'E_REF', `${name} has nothing at ${id}`)
  const transport: Transport = {
    via: 'file',
    pin: async (at, ref) => {
      asked.push(nameOf(at))
      filesOf(nameOf(at), ref ?? 'now')
      return { at, id: ref ?? 'now' }
    },
    open: async ({ at, id }) => ({ ...memoryTree(filesOf(nameOf(at), id), at), revision: { at, id } }),
    versions: async (at) => Object.entries(stock[nameOf(at)]?.tags ?? {}).map(([name, id]) => ({ name, id })),
    async *history({ at }) {
      for (const id of stock[nameOf(at)]?.history ?? []) yield { name: id, id }
    },
  }
  const { reach } = bench(demo)
  const shelves = openShelves(registries, {
    reach: (own) => ({ ...reach, registry: own }),
    transport: async () => transport,
    inspect,
    leavesOut: allowMissing ? unanswered : [],
    mayAllowMissing,
  })
  const config: Pick<Manifest, 'registries' | 'routes' | 'defaultRegistries'> = {
    registries,
    routes: [],
    defaultRegistries: {},
  }
  const made: Shop = {
    shelves,
    elsewhere: () => fail('E_OFFLINE', 'nothing lies elsewhere here'),
    again: (request) => `haal install ${request}`,
  }
  return { shelves, shop: made, config, asked }
}

export function registry(name: string, more: Partial<Registry> = {}): Registry {
  const at = { via: 'file', path: `/${name}` } as const
  return { name, at, written: `/${name}`, author: 'project', source: `haal.json (registry "${name}")`, ...more }
}

/** The code of the error that a promise ends with, and its words. */
export async function failure(attempt: Promise<unknown>): Promise<{ code: string; message: string; hint: string }> {
  const e = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(e instanceof HaalError)) throw new Error(`this should have failed with an error of haal's: ${String(e)}`)
  return { code: e.code, message: e.message, hint: e.hint ?? '' }
}
