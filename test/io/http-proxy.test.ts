import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Authority, authority, type Identity } from '../../e2e/world/tls.js'
import { proxyFor } from '../../src/io/http/proxy.js'
import { openHttp } from '../../src/io/http.js'
import { HaalError } from '../../src/model/errors.js'
import { ask, serve, testClock, text } from './http-doubles.js'

let folder: string
let trusted: Authority
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-tls-'))
  trusted = authority(folder)
})
afterAll(() => fs.rmSync(folder, { recursive: true }))
const hasIPv6 = Object.values(os.networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
const ca = () => fs.readFileSync(trusted.file, 'utf8')

/** A proxy that connects every name to loopback, and remembers what it was asked. */
async function proxy(status = 200, { host = '127.0.0.1', identity }: { host?: string; identity?: Identity } = {}) {
  const asked: string[] = []
  const sockets = new Set<net.Socket>()
  const serveClient = (client: net.Socket) => {
    sockets.add(client)
    client.on('error', () => undefined)
    client.once('data', (head) => {
      asked.push(head.toString())
      if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
      const port = Number(/^CONNECT [^:]+:(\d+)/.exec(head.toString())?.[1])
      const onward = net.connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
      onward.on('error', () => client.destroy())
      onward.pipe(client).pipe(onward)
    })
  }
  const server = identity ? tls.createServer({ ...identity }, serveClient) : net.createServer(serveClient)
  await new Promise<void>((done) => server.listen(0, host, done))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as net.AddressInfo
  const at = `user:pass%21@${host.includes(':') ? `[${host}]` : host}:${port}`
  return { asked, url: `${identity ? 'https' : 'http'}://${at}` }
}

describe('https', () => {
  test('a certificate of a trusted authority is accepted, any other refused with what to do', async () => {
    const server = await serve((_q, response) => response.end('secure'), trusted.issue())
    const http = openHttp({ clock: testClock() })
    expect(await http.send(server.origin, ask({ ca: ca() }), text)).toBe('secure')
    await expect(http.send(server.origin, ask(), text)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringContaining('its certificate is not trusted'),
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
    expect(server.requests).toHaveLength(1)
  })

  test('a redirect from https to https is followed, and leaves its connection free', async () => {
    const ports = new Set<number | undefined>()
    const server = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      if (request.url === '/there') return response.end('secure')
      response.writeHead(302, { location: '/there', 'content-length': 5 }).end('there')
    }, trusted.issue())
    const client = openHttp({ clock: testClock() })
    for (let i = 0; i < 4; i += 1) expect(await client.send(server.origin, ask({ ca: ca() }), text)).toBe('secure')
    expect(ports.size).toBeLessThanOrEqual(2)
    client.close()
  })

  test('one client speaks https to one server and http to another', async () => {
    const [plain, secure] = [
      await serve((_q, r) => r.end('plain')),
      await serve((_q, r) => r.end('s'), trusted.issue()),
    ]
    const client = openHttp({ clock: testClock() })
    const said = (url: string) => client.send(url, ask({ ca: ca() }), text)
    expect([await said(plain.origin), await said(secure.origin), await said(plain.origin)]).toEqual([
      'plain',
      's',
      'plain',
    ])
    client.close()
  })

  test('a redirect from https to plain http is refused', async () => {
    const server = await serve((_q, r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), trusted.issue())
    const failed = openHttp({ clock: testClock() }).send(server.origin, ask({ ca: ca() }), text)
    await expect(failed).rejects.toMatchObject({ code: 'E_REDIRECT' })
  })
})

describe('proxies', () => {
  test('https goes through the proxy by CONNECT, end to end encrypted', async () => {
    const server = await serve((_q, response) => response.end('far'), trusted.issue('reg.test'))
    const through = await proxy()
    const http = openHttp({ clock: testClock(), env: { HTTPS_PROXY: through.url } })
    const secret = { below: `https://reg.test:${server.port}/`, headers: { authorization: 'Bearer canary' } }
    expect(await http.send(`https://reg.test:${server.port}/x`, ask({ ca: ca(), secret }), text)).toBe('far')
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer canary' })
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization')
    expect(through.asked[0]).toContain(`CONNECT reg.test:${server.port} `)
    expect(through.asked[0]).toContain(`Basic ${btoa('user:pass!')}`)
    expect(through.asked.join('')).not.toContain('canary')
    http.close()
  })

  test('each host has its own way, whichever is asked first', async () => {
    const server = await serve((_q, response) => response.end('far'), trusted.issue('near.test', 'far.test'))
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const [near, far] = ['near', 'far'].map((name) => `https://${name}.test:${server.port}/`) as [string, string]
    for (const order of [
      [near, far],
      [far, near],
    ]) {
      const through = await proxy()
      const env = { HTTPS_PROXY: through.url, NO_PROXY: 'near.test' }
      const http = openHttp({ clock: testClock(), env, resolve })
      for (const url of order) expect(await http.send(url, ask({ ca: ca() }), text)).toBe('far')
      expect(through.asked.map((head) => head.split(':')[0])).toEqual(['CONNECT far.test'])
      http.close()
    }
  })

  test('a proxy that says no is named as the one who did, without its password', async () => {
    const through = await proxy(403)
    const http = openHttp({ clock: testClock(), env: { https_proxy: through.url } })
    await expect(http.send('https://reg.test/x', ask(), text)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: 'registry "corp" does not answer at https://reg.test/x: the proxy refused the connection',
      hint: expect.stringContaining('HTTPS_PROXY'),
    })
    expect(through.asked[0]).toContain('CONNECT reg.test:443 ')
  })

  test('[U3] a proxy that wants a password is told with where to put it', async () => {
    const through = await proxy(407)
    const http = openHttp({ clock: testClock(), env: { https_proxy: through.url } })
    await expect(http.send('https://reg.test/x', ask(), text)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/: the proxy wants a user name and a password$/),
      hint: expect.stringContaining('HTTPS_PROXY=http://<user>:<password>@'),
    })
  })

  test('plain http asks the proxy for the whole address', async () => {
    const through = await serve((request, response) => response.end(`${request.url} ${request.headers.host}`))
    const env = { HTTP_PROXY: through.origin.replace('//', '//user:pass%21@') }
    const http = openHttp({ clock: testClock(), env })
    expect(await http.send('http://reg.test:8080/a?b#c', ask(), text)).toBe('http://reg.test:8080/a?b reg.test:8080')
    expect(through.requests[0]?.headers).toMatchObject({ 'proxy-authorization': `Basic ${btoa('user:pass!')}` })
  })

  test('a proxy is spoken to by https where its address says so, trusted as the registry is', async () => {
    const identity = trusted.issue('reg.test')
    const far = await serve((_q, response) => response.end('far'), identity)
    const through = await proxy(200, { identity })
    const plain = await serve((request, response) => response.end(request.url), identity)
    const http = openHttp({ clock: testClock(), env: { HTTPS_PROXY: through.url, HTTP_PROXY: plain.origin } })
    expect(await http.send(`https://reg.test:${far.port}/x`, ask({ ca: ca() }), text)).toBe('far')
    expect(await http.send('http://reg.test/x', ask({ ca: ca() }), text)).toBe('http://reg.test/x')
    expect(plain.requests[0]?.headers).not.toHaveProperty('proxy-authorization')
    await expect(http.send('http://reg.test/x', ask(), text)).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
    http.close()
  })

  test('[U3] whoever waits for a proxy that says nothing can stop that', async () => {
    const stop = new AbortController()
    const silent = net.createServer((client) => {
      client.on('error', () => undefined)
      client.once('data', () => stop.abort(new HaalError('E_INTERRUPTED', 'stopped by SIGINT')))
    })
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
    const closed = new Promise((done) => silent.once('connection', (client) => client.once('close', done)))
    const env = { HTTPS_PROXY: `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}` }
    const failed = openHttp({ clock: testClock(), env }).send('https://reg.test/', ask({ signal: stop.signal }), text)
    await expect(failed).rejects.toMatchObject({ code: 'E_INTERRUPTED', message: 'stopped by SIGINT' })
    await closed
    silent.close()
  })

  test('an address of IPv6 stands in brackets where a proxy is asked for it', async () => {
    const through = await proxy(407)
    const http = openHttp({ clock: testClock(), env: { https_proxy: through.url } })
    await http.send('https://[2606:4700::1]/x', ask(), text).catch(() => undefined)
    expect(through.asked[0]).toMatch(/^CONNECT \[2606:4700::1\]:443 HTTP\/1\.1\r\nhost: \[2606:4700::1\]:443\r\n/i)
  })

  test.skipIf(!hasIPv6)('a proxy may be named by an address of IPv6', async () => {
    const through = await proxy(200, { host: '::1' })
    const server = await serve((_q, response) => response.end('far'), trusted.issue('reg.test'))
    const http = openHttp({ clock: testClock(), env: { https_proxy: through.url } })
    expect(await http.send(`https://reg.test:${server.port}/x`, ask({ ca: ca() }), text)).toBe('far')
    http.close()
  })

  test('[S6] the proxy itself may be at a private address: it is the person’s own', async () => {
    const resolve = async (host: string) => [{ address: host === 'localhost' ? '127.0.0.1' : '203.0.113.7', family: 4 }]
    const far = await serve((_q, response) => response.end('far'), trusted.issue('reg.test'))
    const [through, plain] = [await proxy(), await serve((request, response) => response.end(request.url))]
    const named = (url: string) => url.replace('127.0.0.1', 'localhost')
    const env = { HTTPS_PROXY: named(through.url), HTTP_PROXY: named(plain.origin) }
    const http = openHttp({ clock: testClock(), env, resolve })
    const stranger = ask({ ca: ca(), permission: () => ({ plain: true, private: false }) })
    expect(await http.send(`https://reg.test:${far.port}/`, stranger, text)).toBe('far')
    expect(await http.send('http://reg.test/x', stranger, text)).toBe('http://reg.test/x')
    http.close()
  })

  test('[S6] a name that only the proxy can look up is left to it', async () => {
    const server = await serve((_q, response) => response.end('far'), trusted.issue('reg.test'))
    const through = await proxy()
    const resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    const http = openHttp({ clock: testClock(), env: { HTTPS_PROXY: through.url }, resolve })
    const permission = () => ({ plain: false, private: false })
    expect(await http.send(`https://reg.test:${server.port}/`, ask({ ca: ca(), permission }), text)).toBe('far')
    http.close()
  })

  test('a name without any address cannot be found', async () => {
    const http = openHttp({ clock: testClock(), resolve: async () => [] })
    await expect(http.send('https://reg.test/', ask(), text)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/its name cannot be found$/),
    })
  })

  test('[S6] a name that leads to a private address is refused behind a proxy too', async () => {
    const through = await proxy()
    const resolve = async () => [{ address: '10.0.0.1', family: 4 }]
    const http = openHttp({ clock: testClock(), env: { HTTPS_PROXY: through.url }, resolve })
    const permission = () => ({ plain: false, private: false })
    await expect(http.send('https://reg.test/', ask({ permission }), text)).rejects.toMatchObject({
      code: 'E_TRANSPORT',
    })
    expect(through.asked).toEqual([])
  })

  test.each([
    ['https://reg.corp/', {}, false],
    ['https://reg.corp/', { HTTPS_PROXY: 'http://p:1' }, true],
    ['https://reg.corp/', { https_proxy: 'p:1' }, true],
    ['https://reg.corp/', { HTTP_PROXY: 'http://p:1' }, false],
    ['http://reg.corp/', { HTTP_PROXY: 'http://p:1' }, true],
    ['https://reg.corp/', { ALL_PROXY: 'http://p:1' }, true],
    ['https://reg.corp/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, false],
    ['https://reg.corp/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.test, corp' }, false],
    ['https://reg.corp/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '.reg.corp' }, false],
    ['https://Reg.corp/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'REG.Corp' }, false],
    ['http://reg.corp/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'reg.corp:80' }, false],
    ['http://reg.corp/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'reg.corp:443' }, true],
    ['https://reg.corp/', { HTTPS_PROXY: 'http://p:1', no_proxy: '*.corp' }, false],
    ['https://evilreg.corp/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'reg.corp' }, true],
    ['https://reg.corp:8443/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'reg.corp:443' }, true],
    ['https://reg.corp/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'reg.corp:443' }, false],
    ['https://[fd00::1]/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'fd00::1' }, false],
    ['https://[fd00::1]/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.test,FD00:0:0::0001' }, false],
    ['https://[fd00::1]/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '[fd00::1]' }, false],
    ['https://[fd00::1]:8443/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '[fd00:0::1]:8443' }, false],
    ['https://[fd00::1]:8443/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '[fd00::1]:443' }, true],
    ['https://[fd00::1]/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'fd00::2 ::1' }, true],
    ['https://[fd00::1:443]/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'fd00::1:443' }, false],
    ['https://[fd00::1]/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '[' }, true],
    ['https://127.0.0.1/', { HTTPS_PROXY: 'http://p:1' }, false],
    ['https://localhost/', { HTTPS_PROXY: 'http://p:1' }, false],
  ])('%s with %o goes through a proxy: %s', (url, env, through) => {
    expect(proxyFor(new URL(url), env) !== undefined).toBe(through)
  })

  test('a proxy that is no address is a configuration error', () => {
    expect(() => proxyFor(new URL('https://a.test'), { HTTPS_PROXY: 'socks5://user:canary@p:1' })).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.not.stringContaining('canary') }),
    )
  })
})
