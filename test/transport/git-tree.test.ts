import { expect, test } from 'vitest'
import { HaalError } from '../../src/model/errors.js'
import type { Objects } from '../../src/transport/git/objects.js'
import { gitTree } from '../../src/transport/git/tree.js'

const [root, folder, file] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string]
const revision = { at: { via: 'git', url: 'https://git.example/x.git' }, id: '0'.repeat(40) } as const
const unreachable = () => Promise.reject(new HaalError('E_REGISTRY_UNAVAILABLE', 'nobody answers'))
const trees = new Map([
  [root, [{ name: 'skills', mode: 0o40000, id: folder }]],
  [folder, [{ name: 'review.md', mode: 0o100644, id: file }]],
])

/** `skills/review.md`, of which something cannot be had. */
function lacking(what: Partial<Objects>): Objects {
  return {
    commit: async () => ({ tree: root, committed: new Date(0) }),
    tree: async (ids) => new Map(ids.map((id) => [id, trees.get(id) ?? []])),
    blobs: unreachable,
    ...what,
  }
}

test.each<[what: string, lacks: Partial<Objects>]>([
  ['folders', { tree: unreachable }],
  ['files', {}],
])(
  '[A9] what is likely to be wanted and has no %s to be had is an error for who reads it, not before',
  async (_, lacks) => {
    const tree = await gitTree(revision, lacking(lacks), ['skills'])
    await expect(tree.read('skills/review.md')).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  },
)
