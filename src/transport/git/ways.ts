import type { Reach } from '../../model/transport.js'
import type { Program } from './caller.js'
import type { Fullness } from './stores.js'

/** One way to ask a server for a commit. */
interface Way {
  store: Fullness
  /** The least minor version of git 2 that can do it. */
  since: number
  args: readonly string[]
  config: Readonly<Record<string, string>>
  /** All branches and tags with their history, for servers that give nothing else. */
  everything: boolean
}

export const fetching = ['fetch', '--quiet', '--no-tags', '--force', '--no-recurse-submodules', '--no-auto-gc'] as const

export const promised = { 'remote.origin.promisor': 'true', 'remote.origin.partialclonefilter': 'blob:none' }

/** Tried in this order until the server agrees: one commit without its files; one commit with them; everything. A server that
    knows no filters takes the first for the second. */
const ways: readonly Way[] = [
  { store: 'sparse', since: 29, args: ['--filter=blob:none'], config: promised, everything: false },
  { store: 'full', since: 25, args: [], config: {}, everything: false },
  { store: 'full', since: 25, args: [], config: {}, everything: true },
]

/** Where most files are wanted, all but large ones come at once: one exchange less. */
const withFiles = ['--filter=blob:limit=256k']

/** The ways that a git knows, as a command wants them. */
export function waysFor({ version: [major, minor] }: Program, { broad }: Reach): Way[] {
  const known = ways.filter(({ since }) => major > 2 || minor >= since)
  return known.map((way) => (way.store === 'sparse' && broad ? { ...way, args: withFiles } : way))
}
