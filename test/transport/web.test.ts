import { expect, test } from 'vitest'
import type { Author } from '../../src/model/registry.js'
import { askFor } from '../../src/transport/web.js'
import { bench } from './reach.js'

const own = 'https://reg.corp'
const [all, none] = [
  { plain: true, private: true },
  { plain: false, private: false },
]

test.each<[what: string, address: string, author: Author, allowed: string, leave: object]>([
  ['the person’s own registry', own, 'person', '', all],
  ['a registry of the project', own, 'project', '', { plain: false, private: true }],
  ['a registry that the network named', own, 'network', '', none],
  ['an address that the person’s own registry leads to', 'http://10.0.0.1', 'person', '', none],
  ['an address that somebody allows', 'http://10.0.0.1', 'network', 'http://10.0.0.1', all],
  ['another port of one that somebody allows', 'http://10.0.0.1:81', 'network', 'http://10.0.0.1', none],
])('[S6] [A15] %s, at %s in configuration of the %s where %j is allowed', (_what, address, author, allowed, leave) => {
  const admitted: unknown[] = []
  const { reach } = bench(
    { via: 'url', url: own },
    {
      registry: { author },
      allows: (origin) => origin === allowed,
      admit: (to) => void admitted.push(to),
    },
  )
  const isOwn = ({ origin }: URL) => origin === own
  const ask = askFor({ reach, isOwn, accessHint: '' }, { limit: 1 })
  expect(ask.leave(new URL(`${address}/a/b?token=canary`))).toEqual(leave)
  expect(admitted).toEqual(address === own ? [] : [{ via: 'url', url: `${address}/a/b` }])
})
