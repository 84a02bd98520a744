import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Note } from '../../src/model/artifact.js'
import type { Context } from '../../src/model/context.js'
import { fail } from '../../src/model/errors.js'
import { note } from '../../src/model/notes.js'
import type { Locator, Registry } from '../../src/model/registry.js'
import { openSuppliers } from '../../src/resolve/suppliers.js'
import { folder } from '../transport/reach.js'
import { registry } from './shop.js'

const token = { variable: 'CORP_TOKEN' }
const web = (url: string, more: Partial<Registry> = {}): Registry => ({
  ...registry('corp', { author: 'person', token, ...more }),
  at: { via: 'url', url },
})
const corp = web('https://reg.corp/ai')

/** The way outside of a project with these registries, and what was asked and told on it. */
function outside(registries: readonly Registry[], more: Partial<Parameters<typeof openSuppliers>[0]> = {}) {
  const cacheFolder = path.join(folder(), 'cache')
  const [admitted, places, notes, secrets] = [[] as string[], [] as unknown[], [] as Note[], new Set<string>()]
  const ctx = {
    disk: nodeDisk(),
    env: { CORP_TOKEN: 'canary-token' },
    platform: process.platform,
    now: () => new Date(0),
    signal: new AbortController().signal,
    secrets,
    emit: () => undefined,
  } as Partial<Context> as Context
  const suppliers = openSuppliers({
    ctx,
    flags: {},
    registries,
    cacheFolder,
    cache: { enabled: true, maxAge: 1000 },
    seal: () => 'sealed',
    news: false,
    broad: false,
    likely: [],
    policyOrigins: [],
    trusted: {},
    notes,
    admit: ({ name }) => void admitted.push(name),
    admitPlace: (name, at) => void places.push([name, at]),
    inspect: async ({ tree }) => ({ tree, cover: (artifacts) => artifacts }),
    ...more,
  })
  return { suppliers, admitted, places, notes, secrets, cacheFolder }
}

describe('what a registry only points at', () => {
  const places: Locator[] = [
    { via: 'url', url: 'https://cdn.corp/a.tgz' },
    { via: 'url', url: 'https://reg.corp:8443/a.tgz' },
    { via: 'git', url: 'https://reg.corp/a.git' },
    { via: 'npm', name: '@acme/a' },
  ]
  test.each(places)(
    '[S6 S7 P2] is judged, trusted as the network is, and sent no token of the registry: %o',
    async (at) => {
      const { suppliers, places: judged } = outside([corp])
      const { reach } = await suppliers.elsewhere(corp, { at, ref: 'v1' })
      expect(reach).not.toHaveProperty('credential')
      expect(reach.registry).toMatchObject({ name: 'corp', at, author: 'network', ref: 'v1' })
      expect(reach.registry).not.toHaveProperty('token')
      expect(judged).toEqual([['corp', at]])
    },
  )

  test('[A15] is the registry itself where it is an archive on the same server', async () => {
    const { suppliers, places: judged } = outside([corp])
    const { reach } = await suppliers.elsewhere(corp, { at: { via: 'url', url: 'https://reg.corp/other/a.tgz' } })
    expect(reach).toMatchObject({ registry: corp, credential: { origin: 'https://reg.corp', value: 'canary-token' } })
    expect(judged).toEqual([])
  })

  test('[S6] is trusted as its owner is where the registry is a folder', async () => {
    const own = registry('own', { author: 'person', ref: 'main', checksum: 'sha256-x' })
    const { suppliers } = outside([own])
    const at = { via: 'git', url: '/srv/a.git' } as const
    const { reach } = await suppliers.elsewhere(own, { at })
    expect(reach.registry).toMatchObject({ at, author: 'person' })
    expect(reach.registry).not.toHaveProperty('ref')
    expect(reach.registry).not.toHaveProperty('checksum')
  })
})

describe('the way to a registry', () => {
  test('[P2 A7] is judged before a token is even read', () => {
    const refused = { admit: () => fail('E_POLICY_REGISTRY', 'no') }
    const { suppliers } = outside([corp], refused)
    expect(() => suppliers.reach({ ...corp, token: { variable: 'UNSET' } })).toThrow(
      expect.objectContaining({ code: 'E_POLICY_REGISTRY' }),
    )
  })

  test('[A8] has tokens hidden from the start, of registries too that are never asked (hostile K06)', () => {
    const { secrets, suppliers } = outside([web('https://reg.corp', { token: { literal: 'me:canary-literal' } })])
    expect([...secrets]).toEqual(expect.arrayContaining(['me:canary-literal', 'canary-literal']))
    suppliers.reach(corp)
    expect([...secrets]).toContain('canary-token')
  })

  test.each([
    [false, undefined, undefined],
    [true, undefined, 0],
    [true, 5000, 5000],
    [false, 5000, 5000],
  ])(
    '[A35] asks again where news is wanted (%s), unless cacheDuration (%s) says for how long not',
    (news, set, asked) => {
      const { suppliers } = outside([corp], { news })
      const own = { ...corp, ...(set !== undefined && { cacheDuration: set }) }
      expect(suppliers.reach(own).registry.cacheDuration).toBe(asked)
    },
  )

  test('[A41] says --offline and --refresh; its warnings are notes of the command', () => {
    const { suppliers, notes } = outside([corp], { flags: { offline: true } })
    const reach = suppliers.reach(corp)
    expect([reach.offline, reach.refresh]).toEqual([true, false])
    expect(outside([corp], { flags: { refresh: true } }).suppliers.reach(corp).refresh).toBe(true)
    reach.emit({ type: 'warning', note: note('W_STALE', 'old') })
    expect(notes).toMatchObject([{ code: 'W_STALE' }])
  })
})

describe('the cache', () => {
  test('[A38] is where it is configured to be, and nowhere else', () => {
    const directory = path.join(folder(), 'own')
    const { suppliers, cacheFolder } = outside([corp], { cache: { enabled: true, maxAge: 1000, directory } })
    suppliers.cache.remember('key', { body: 'x' })
    expect([fs.existsSync(directory), fs.existsSync(cacheFolder)]).toEqual([true, false])
  })

  test('[A38] that a configuration names gives nothing that this machine has not put there', () => {
    const directory = path.join(folder(), 'own')
    const cache = { enabled: true, maxAge: 1000, directory }
    outside([corp], { cache, seal: () => 'another' }).suppliers.cache.remember('key', { body: 'theirs' })
    const { suppliers } = outside([corp], { cache })
    expect(suppliers.cache.recall('key')).toBe(undefined)
  })

  test('[A37] that is off leaves nothing behind', () => {
    const { suppliers, cacheFolder } = outside([corp], { cache: { enabled: false, maxAge: 1000 } })
    suppliers.cache.remember('key', { body: 'x' })
    expect(suppliers.cache.recall('key')?.body).toBe('x')
    suppliers.close()
    expect(fs.existsSync(cacheFolder)).toBe(false)
  })
})
