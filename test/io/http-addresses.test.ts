import net from 'node:net'
import os from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { inRange, isLoopback } from '../../src/io/http/address.js'
import { openHttp } from '../../src/io/http.js'
import { ask, serve, testClock, text } from './http-doubles.js'

/** Every name leads to loopback, but for those that say otherwise. */
const resolve = async (host: string) => [
  { address: /^\d+-/.test(host) ? (host.split('.')[0] ?? '').replaceAll('-', '.') : '127.0.0.1', family: 4 },
]
const http = openHttp({ clock: testClock(), resolve })

describe('plain http', () => {
  const permission = () => ({ plain: false, private: true })

  test('[A15] is refused where nothing allows it, before the name is looked up', async () => {
    let looked = 0
    const client = openHttp({ resolve: async () => [{ address: `127.0.0.${++looked}`, family: 4 }] })
    await expect(client.send('http://reg.corp.test/x?token=canary', ask({ permission }), text)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
      message: expect.not.stringContaining('canary'),
      hint: 'use https, or allow it with HAAL_TRUSTED_ORIGINS=http://reg.corp.test',
    })
    expect(looked).toBe(0)
  })

  test.each(['127.0.0.1', 'localhost', 'a.localhost'])(
    '[A15] %s is this machine, and needs no permission',
    async (host) => {
      const server = await serve((_q, response) => response.end('here'))
      expect(await http.send(`http://${host}:${server.port}`, ask({ permission }), text)).toBe('here')
    },
  )

  test('[A15] a name that only says it is this machine is not believed', async () => {
    const elsewhere = openHttp({ clock: testClock(), resolve: async () => [{ address: '203.0.113.7', family: 4 }] })
    await expect(elsewhere.send('http://localhost:1/', ask({ permission }), text)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
    })
  })

  test('[A15] an origin that the person allows is asked', async () => {
    const server = await serve((_q, response) => response.end('here'))
    const url = `http://reg.corp.test:${server.port}`
    expect(await http.send(url, ask({ permission: () => ({ plain: true, private: true }) }), text)).toBe('here')
  })
})

test.runIf(Object.values(os.networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1')))(
  'an address of IPv6 is connected to as it is written',
  async () => {
    const server = net.createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere'))
    await new Promise<void>((done) => server.listen(0, '::1', done))
    onTestFinished(() => void server.close())
    const { port } = server.address() as net.AddressInfo
    expect(await http.send(`http://[::1]:${port}/`, ask(), text)).toBe('here')
  },
)

describe('private addresses', () => {
  const permission = () => ({ plain: true, private: false })

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
    await expect(http.send(url, ask({ permission }), text)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
  })

  test('[S6] nor is this machine where nothing may be spoken plainly', async () => {
    const server = await serve((_q, response) => response.end('here'))
    const refused = http.send(server.origin, ask({ permission: () => ({ plain: false, private: false }) }), text)
    await expect(refused).rejects.toMatchObject({ code: 'E_TRANSPORT' })
    expect(server.requests).toEqual([])
  })

  test('[S6] a redirect leads there no more than an address does', async () => {
    const server = await serve((_q, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end())
    const own = ({ origin }: URL) => ({ plain: true, private: origin === server.origin })
    await expect(http.send(server.origin, ask({ permission: own }), text)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
    })
  })

  test('[S6] one private address among several is enough to refuse', async () => {
    const client = openHttp({
      resolve: async () => ['203.0.113.7', '10.0.0.1'].map((address) => ({ address, family: 4 })),
    })
    await expect(client.send('https://reg.test', ask({ permission }), text)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
    })
  })

  test('[S6] a connection that was made with leave does not serve a request without it', async () => {
    const server = await serve((_q, response) => response.end('here'))
    const url = `http://reg.test:${server.port}`
    expect(await http.send(url, ask(), text)).toBe('here')
    await expect(http.send(url, ask({ permission }), text)).rejects.toMatchObject({ code: 'E_TRANSPORT' })
  })

  test.each([
    ...ends('0.0.0.0', '0.255.255.255', '1.0.0.0'),
    ...ends('10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'),
    ...ends('100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'),
    ...ends('127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'),
    ...ends('169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'),
    ...ends('172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'),
    ...ends('192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'),
    ...ends('192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'),
    ...ends('198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'),
    ...ends('224.0.0.0', '239.255.255.255', '223.255.255.255'),
    ...ends('240.0.0.0', '255.255.255.255'),
    ...ends('::', '::1'),
    ...ends('::10.0.0.1', '::ffff:ffff', '::1:0:0:0'),
    ...ends('64:ff9b:1::a00:1', '64:ff9b:1:ffff::1', '64:ff9b:2::1'),
    ...ends('2002:a00:1::', '2002:ffff::1', '2003::1'),
    ...ends('fc00::', 'fdff:ffff::1', 'fbff:ffff::1'),
    ...ends('fe80::', 'febf:ffff::1', 'fe7f:ffff::1'),
    ...ends('fec0::', 'feff:ffff::1'),
    ...ends('ff00::', 'ffff:ffff::1'),
    ...ends('64:ff9b::a00:0', '64:ff9b::aff:ffff', '64:ff9b::9ff:ffff', '64:ff9b::b00:0'),
    ...ends('::ffff:10.0.0.0', '::ffff:10.255.255.255', '::ffff:9.255.255.255', '::ffff:11.0.0.0'),
    ...ends('64:ff9b:1::', '64:ff9b:1:ffff::1', '64:ff9b:0:ffff::1', '64:ff9b:2::'),
    ...ends('2002::', '2002:ffff::1', '2001:ffff::1', '2003::'),
    ['2606:4700::1111', true],
  ])('[S6] %s is public: %s', (address, isPublic) => {
    expect(inRange(address, 'public')).toBe(isPublic)
  })

  test.each([
    ['http://localhost/', true],
    ['http://a.LOCALHOST./', true],
    ['http://127.255.0.1/', true],
    ['http://[::1]/', true],
    ['http://[::ffff:127.0.0.1]/', true],
    ['http://evillocalhost/', false],
    ['http://localhost.evil.test/', false],
    ['http://126.0.0.1/', false],
    ['http://128.0.0.1/', false],
    ['http://[::2]/', false],
  ])('[A15] %s means this machine: %s', (url, isHere) => {
    expect(isLoopback(new URL(url))).toBe(isHere)
  })
})

/** The two ends of a range that is nobody’s, and what lies beside it. */
function ends(first: string, last: string, ...beside: string[]): [address: string, isPublic: boolean][] {
  return [[first, false], [last, false], ...beside.map((address): [string, boolean] => [address, true])]
}
