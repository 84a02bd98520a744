import { describe, expect, test } from 'vitest'
import { inRange } from '../../src/io/http/address.js'
import { openHttp } from '../../src/io/http.js'
import { ask, serve, testClock, text } from './http-doubles.js'

/** Every name leads to loopback, but for those that say otherwise. */
const resolve = async (host: string) => [
  { address: /^\d+-/.test(host) ? (host.split('.')[0] ?? '').replaceAll('-', '.') : '127.0.0.1', family: 4 },
]
const http = openHttp({ clock: testClock(), resolve })

describe('plain http', () => {
  const leave = () => ({ plain: false, private: true })

  test('[A15] is refused where nothing allows it, before the name is looked up', async () => {
    let looked = 0
    const client = openHttp({ resolve: async () => [{ address: `127.0.0.${++looked}`, family: 4 }] })
    await expect(client.send('http://reg.corp.test/x?token=canary', ask({ leave }), text)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
      message: expect.not.stringContaining('canary'),
      hint: 'use https, or allow it with HAAL_TRUSTED_ORIGINS=http://reg.corp.test',
    })
    expect(looked).toBe(0)
  })

  test.each(['127.0.0.1', 'localhost', 'a.localhost'])('[A15] %s is this machine, and needs no leave', async (host) => {
    const server = await serve((_q, response) => response.end('here'))
    expect(await http.send(`http://${host}:${server.port}`, ask({ leave }), text)).toBe('here')
  })

  test('[A15] a name that only says it is this machine is not believed', async () => {
    const elsewhere = openHttp({ clock: testClock(), resolve: async () => [{ address: '203.0.113.7', family: 4 }] })
    await expect(elsewhere.send('http://localhost:1/', ask({ leave }), text)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
    })
  })

  test('[A15] an origin that the person allows is asked', async () => {
    const server = await serve((_q, response) => response.end('here'))
    const url = `http://reg.corp.test:${server.port}`
    expect(await http.send(url, ask({ leave: () => ({ plain: true, private: true }) }), text)).toBe('here')
  })
})

describe('private addresses', () => {
  const leave = () => ({ plain: true, private: false })

  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://10-1-2-3.test/',
    'http://192-168-0-1.test/',
    'http://localhost/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
  ])('[S6] %s is not for configuration that came over the network', async (url) => {
    await expect(http.send(url, ask({ leave }), text)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
  })

  test('[S6] a redirect leads there no more than an address does', async () => {
    const server = await serve((_q, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end())
    const own = ({ origin }: URL) => ({ plain: true, private: origin === server.origin })
    await expect(http.send(server.origin, ask({ leave: own }), text)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
  })

  test('[S6] one private address among several is enough to refuse', async () => {
    const client = openHttp({
      resolve: async () => ['203.0.113.7', '10.0.0.1'].map((address) => ({ address, family: 4 })),
    })
    await expect(client.send('https://reg.test', ask({ leave }), text)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
  })

  test('[S6] a connection that was made with leave does not serve a request without it', async () => {
    const server = await serve((_q, response) => response.end('here'))
    const url = `http://reg.test:${server.port}`
    expect(await http.send(url, ask(), text)).toBe('here')
    await expect(http.send(url, ask({ leave }), text)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
  })

  test.each([
    ['8.8.8.8', true],
    ['172.15.0.1', true],
    ['172.16.0.1', false],
    ['100.64.0.1', false],
    ['0.0.0.0', false],
    ['2606:4700::1111', true],
    ['64:ff9b::808:808', true],
    ['64:ff9b::a00:1', false],
    ['::ffff:8.8.8.8', true],
    ['ff02::1', false],
    ['::', false],
  ])('[S6] %s is public: %s', (address, isPublic) => {
    expect(inRange(address, 'public')).toBe(isPublic)
  })
})
