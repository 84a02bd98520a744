import type { Node } from 'jsonc-parser'
import { kept } from '../model/shared.js'

/** The value of a node. Keys that reach an object's prototype are plain keys here. */
export function plain(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(plain)
  if (node.type !== 'object') return node.value as unknown
  const pairs = (node.children ?? []).map(({ children = [] }) => [
    children[0]?.value as string,
    children[1] && plain(children[1]),
  ])
  return Object.fromEntries(pairs) as unknown
}

const values = new WeakMap<Node, unknown>()

/** The same, for a node that is asked about again and again. */
export function plainOnce(node: Node): unknown {
  return kept(values, node, () => plain(node))
}
