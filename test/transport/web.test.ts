import { expect, test } from 'vitest'
import type { Author } from '../../src/model/registry.js'
import { askFor, tokenHint } from '../../src/transport/web.js'
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
  expect(ask.permission(new URL(`${address}/a/b?token=canary`))).toEqual(leave)
  expect(admitted).toEqual(address === own ? [] : [{ via: 'url', url: `${address}/a/b` }])
})

const variable = { variable: 'CORP_TOKEN' }
test.each([
  [undefined, false, undefined, 'check the address; if it is private, give the registry "token": "${VARIABLE}"'],
  [undefined, false, 'GITHUB_TOKEN', 'check the address; if it is private, set GITHUB_TOKEN'],
  [undefined, true, 'GITHUB_TOKEN', 'check the address, and that the token in GITHUB_TOKEN may read it'],
  [variable, false, 'GITHUB_TOKEN', 'check the address; if it is private, set CORP_TOKEN'],
  [variable, true, undefined, 'check the address, and that the token in CORP_TOKEN may read it'],
  [{ literal: 'canary' }, true, 'GITHUB_TOKEN', 'check the address, and that the token may read it'],
])('[A6 A8] with the token %j, sent %s, usually from %s: %s', (token, isSent, usual, hint) => {
  const { reach } = bench({ via: 'url', url: own }, { registry: { ...(token && { token }) } })
  const credential = { origin: own, value: 'canary' }
  expect(tokenHint({ ...reach, ...(isSent && { credential }) }, usual)).toBe(hint)
})
