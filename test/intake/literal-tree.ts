import { fail } from '../../src/model/errors.js'
import type { Tree, TreeEntry } from '../../src/model/tree.js'

export interface Literal {
  body?: string | Uint8Array
  mode?: number
  type?: TreeEntry['type']
  /** What the listing says, where it lies. */
  size?: number
}

/** A tree from a literal: paths to bytes, or to more than bytes. Its list is not sorted. */
export function literalTree(
  files: Readonly<Record<string, string | Uint8Array | Literal>>,
): Tree & { reads: string[] } {
  const all = Object.entries(files).map(([path, what]) => {
    const literal: Literal = typeof what === 'string' || what instanceof Uint8Array ? { body: what } : what
    const bytes = Buffer.from((literal.body ?? '') as string)
    const { type = 'file', mode = 0o644, size = bytes.length } = literal
    return { entry: { path, type, mode, size } satisfies TreeEntry, bytes }
  })
  const reads: string[] = []
  return {
    reads,
    revision: { at: { via: 'file', path: '/nowhere' }, id: 'literal' },
    children: async () => fail('E_BUG', 'intake lists'),
    list: async (under) =>
      all
        .map(({ entry }) => entry)
        .filter(({ path }) => under === '' || path === under || path.startsWith(`${under}/`)),
    read: async (path) => {
      reads.push(path)
      return all.find(({ entry }) => entry.path === path)?.bytes ?? fail('E_ENTRY_MISSING', path)
    },
  }
}
