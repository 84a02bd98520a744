import { describe, expect, test } from 'vitest'
import type { HttpServer } from '../../e2e/world/http-server.js'
import { fail } from '../../src/model/errors.js'
import { url } from '../../src/transport/url.js'
import { bench } from './reach.js'
import { index, openNow, registryAt, serve, tgz } from './web-registry.js'

describe('tokens and places', () => {
  const canary = 'canary-token'
  const withToken = (server: HttpServer) => ({ credential: { origin: server.origin, value: canary } })

  test('[A15] a token is sent as a bearer header to what lies below the registry', async () => {
    const { at, later, server } = await registryAt({
      'registry.json': JSON.stringify(index),
      'a.tgz': tgz({ x: '' }),
      '*': { status: 404 },
    })
    const reach = later(0, withToken(server))
    await openNow(at, reach)
    await openNow({ via: 'url', url: `${at.url}/a.tgz` }, reach)
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${canary}`,
      `Bearer ${canary}`,
    ])
  })

  test('[A15] so is that of a registry that is one archive, to its folder and to nothing above it', async () => {
    const server = await serve({ '/ai/a.tgz': tgz({ x: '' }), '*': { status: 404 } })
    const archive = (path: string) => ({ via: 'url' as const, url: `${server.origin}/${path}.tgz` })
    const { later } = bench(archive('ai/a'))
    await openNow(archive('ai/a'), later(0, withToken(server)))
    await expect(openNow(archive('b'), later(0, withToken(server)))).rejects.toMatchObject({ code: 'E_ACCESS' })
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${canary}`, undefined])
  })

  test('a user name and password are sent as such', async () => {
    const { at, later, server } = await registryAt({ 'registry.json': JSON.stringify(index) })
    await url.pin(at, undefined, later(0, { credential: { origin: server.origin, value: 'me:canary' } }))
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('me:canary')}`)
  })

  test('[A8] an index that repeats the token it was asked with is not kept', async () => {
    const { at, later, server } = await registryAt({
      'registry.json': ({ headers }) => ({ body: JSON.stringify({ ...index, updated: headers.authorization }) }),
    })
    await expect(url.pin(at, undefined, later(0, withToken(server)))).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.not.stringContaining(canary),
    })
  })

  test('[S7] K01 a redirect to another origin carries no token, and needs leave', async () => {
    const other = await serve({ '*': JSON.stringify(index) })
    const { at, later, server } = await registryAt({
      'registry.json': { status: 302, headers: { location: `${other.origin}/moved` } },
    })
    const admitted: unknown[] = []
    const open = {
      ...withToken(server),
      allows: (origin: string) => origin === other.origin,
      admit: (to: unknown) => void admitted.push(to),
    }
    await url.pin(at, undefined, later(0, open))
    expect(admitted).toEqual([{ via: 'url', url: `${other.origin}/moved` }])
    expect(JSON.stringify(other.requests)).not.toContain(canary)
    other.forget()
    const refusing = { ...open, refresh: true, admit: () => fail('E_POLICY_REGISTRY', 'no') }
    await expect(url.pin(at, undefined, later(1, refusing))).rejects.toMatchObject({ code: 'E_POLICY_REGISTRY' })
    await expect(url.pin(at, undefined, later(2, { refresh: true }))).rejects.toMatchObject({ code: 'E_REDIRECT' })
    expect(other.requests).toEqual([])
  })

  test('[S7] K03 a token that is bound to another origin is not sent', async () => {
    const { at, later, server } = await registryAt({ 'registry.json': JSON.stringify(index) })
    const credential = { origin: 'https://reg.corp', value: canary }
    await url.pin(at, undefined, later(0, { credential }))
    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/ai/registry.json', undefined],
    ])
    expect(JSON.stringify(server.requests)).not.toContain(canary)
  })

  test('[S7] K03 the token of one registry is not sent to another on the same server', async () => {
    const server = await serve({ '/b/registry.json': JSON.stringify(index), '*': { status: 404 } })
    const { later } = bench({ via: 'url', url: `${server.origin}/a` })
    await url.pin({ via: 'url', url: `${server.origin}/b` }, undefined, later(0, withToken(server)))
    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/b/registry.json', undefined],
    ])
    expect(JSON.stringify(server.requests)).not.toContain(canary)
  })

  test.each([
    ['http://reg.corp.test/ai', 'project', 'E_TRANSPORT'],
    ['http://reg.corp.test/ai', 'network', 'E_TRANSPORT'],
    ['http://127.0.0.1:1/ai', 'network', 'E_TRANSPORT'],
    ['https://127.0.0.1:1/ai', 'network', 'E_TRANSPORT'],
    ['https://169.254.169.254/ai', 'network', 'E_TRANSPORT'],
    ['https://user:canary@reg.corp.test/ai', 'project', 'E_URL_CREDENTIALS'],
    ['https://canary@reg.corp.test/ai', 'project', 'E_URL_CREDENTIALS'],
    ['https://:canary@reg.corp.test/ai', 'project', 'E_URL_CREDENTIALS'],
  ] as const)('[A15] [S6] C03 %s in configuration of the %s is refused', async (address, author, code) => {
    const at = { via: 'url' as const, url: address }
    const failure = await url.pin(at, undefined, bench(at, { registry: { author } }).reach).catch((e: unknown) => e)
    expect(failure).toMatchObject({ code, message: expect.not.stringContaining('canary') })
  })

  test('[A15] [S6] plain http is spoken with an origin that the person or a policy names, and with no other', async () => {
    const proxy = await serve({ '*': JSON.stringify(index) })
    const at = { via: 'url' as const, url: 'http://reg.corp.test/ai' }
    const { later } = bench(at, { registry: { author: 'network' }, env: { http_proxy: proxy.origin } })
    const named = (origin: string) => later(0, { allows: (asked) => asked === origin })
    await expect(url.pin(at, undefined, named('https://reg.corp.test'))).rejects.toMatchObject({ code: 'E_TRANSPORT' })
    expect(proxy.requests).toEqual([])
    await url.pin(at, undefined, named('http://reg.corp.test'))
    expect(proxy.requests).toHaveLength(1)
  })

  test('[A6] [A15] what is refused names the registry, says "not found or no access" and which variable to set', async () => {
    const token = { registry: { token: { variable: 'CORP_TOKEN' } } }
    const { at, reach } = await registryAt({}, token)
    await expect(url.pin(at, undefined, reach)).rejects.toMatchObject({
      code: 'E_ACCESS',
      message: expect.stringMatching(/registry "corp": not found or no access \(404/),
      hint: expect.stringContaining('CORP_TOKEN'),
    })
  })
})
