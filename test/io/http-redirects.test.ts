import { describe, expect, test } from 'vitest'
import { openHttp } from '../../src/io/http.js'
import { fail } from '../../src/model/errors.js'
import { ask, raw, serve, testClock, text } from './http-doubles.js'

const http = openHttp({ clock: testClock() })
const secret = (below: string) => ({
  below,
  headers: { authorization: 'Bearer canary', 'private-token': 'canary', cookie: 'a=canary' },
})

/** A server that answers what it was sent, and one that redirects there. */
async function pair(status = 302) {
  const other = await serve((request, response) => response.end(JSON.stringify(request.headers)))
  const first = await serve((_request, response) =>
    response.writeHead(status, { location: `${other.origin}/there` }).end(),
  )
  return { first, other }
}

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('a %i is followed', async (status) => {
    const { first, other } = await pair(status)
    expect(await http.send(first.origin, ask(), async ({ url }) => url.href)).toBe(`${other.origin}/there`)
  })

  test.each([200, 201, 304])('a %i that names a place is an answer all the same', async (status) => {
    const server = await serve((_request, response) => response.writeHead(status, { location: '/there' }).end())
    expect(await http.send(server.origin, ask(), async (reply) => reply.status)).toBe(status)
    expect(server.requests).toHaveLength(1)
  })

  test('a 302 that says nowhere to go is an answer', async () => {
    const server = await serve((_request, response) => response.writeHead(302).end())
    expect(await http.send(server.origin, ask(), async ({ status }) => status)).toBe(302)
  })

  test('a relative address counts from where the server is', async () => {
    const server = await serve((request, response) =>
      request.url === '/a/b' ? response.writeHead(302, { location: '../c' }).end() : response.end(request.url),
    )
    expect(await http.send(`${server.origin}/a/b`, ask(), text)).toBe('/c')
  })

  test('[S2] the sixth redirect is one too many', async () => {
    const server = await serve((request, response) => {
      const n = Number(request.url?.slice(1))
      if (n === 0) return response.end('there')
      response.writeHead(302, { location: `/${n - 1}` }).end()
    })
    expect(await http.send(`${server.origin}/5`, ask(), text)).toBe('there')
    await expect(http.send(`${server.origin}/6`, ask(), text)).rejects.toMatchObject({
      code: 'E_REDIRECT',
      message: expect.stringContaining('more than 5 times'),
    })
  })

  test('H01 another origin is asked only where it is admitted', async () => {
    const { first, other } = await pair()
    const permission = ({ origin }: URL) =>
      origin === other.origin ? fail('E_POLICY_REGISTRY', 'not allowed') : { plain: true, private: true }
    await expect(http.send(first.origin, ask({ permission }), text)).rejects.toMatchObject({
      code: 'E_POLICY_REGISTRY',
    })
    expect(other.requests).toEqual([])
  })

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,x', 'http://[', 'javascript:1'])(
    'a redirect to %s is refused, and the message says where it stood',
    async (location) => {
      const server = await serve((_q, response) => response.writeHead(302, { location }).end())
      await expect(http.send(server.origin, ask(), text)).rejects.toMatchObject({
        code: 'E_REDIRECT',
        message: `registry "corp" redirects to something that is no web address: ${server.origin}/`,
      })
    },
  )

  test.each(['http://user:canary@127.0.0.1/', 'http://canary@127.0.0.1/', 'http://:canary@127.0.0.1/'])(
    'a redirect to %s is refused',
    async (location) => {
      const server = await serve((_q, response) => response.writeHead(302, { location }).end())
      const failure = await http.send(server.origin, ask(), text).catch((e: Error) => e)
      expect(failure).toMatchObject({ code: 'E_REDIRECT', message: expect.not.stringContaining('canary') })
    },
  )

  test('what was posted is not sent to another place', async () => {
    const { first, other } = await pair(307)
    const post = ask({ method: 'POST', body: Buffer.from('x') })
    await expect(http.send(first.origin, post, text)).rejects.toMatchObject({ code: 'E_REDIRECT' })
    expect(other.requests).toEqual([])
  })
})

describe('credentials', () => {
  test('[S7] K01 H01 no header that carries one follows a redirect to another port', async () => {
    const { first, other } = await pair()
    await http.send(first.origin, ask({ secret: secret(first.origin) }), text)
    expect(first.requests[0]?.headers).toMatchObject({ authorization: 'Bearer canary', 'private-token': 'canary' })
    expect(other.requests).toHaveLength(1)
    expect(JSON.stringify(other.requests)).not.toContain('canary')
  })

  test.each<[string, (origin: string) => string, string]>([
    ['another port', (o) => o.replace(/\d+$/, '1'), '/ai/x'],
    ['another host', (o) => o.replace('127.0.0.1', '127.0.0.2'), '/ai/x'],
    ['another scheme', (o) => o.replace('http:', 'https:'), '/ai/x'],
    ['another path', (o) => o, '/other/x'],
    ['a path with the same beginning', (o) => o, '/ai-evil/x'],
    ['a path that a server may read as another', (o) => o, '/ai/..%2fother/x'],
    ['a path that a server may read as another', (o) => o, '/ai/..%2Fother/x'],
    ['a path that a server may read as another', (o) => o, '/ai/..%5cother/x'],
    ['a path that a server may read as another', (o) => o, '/ai/x%2f../x'],
    ['a path that a server may read as another', (o) => o, '/ai/%2e%2E%2fother/x'],
    ['a path that a server may read as another', (o) => o, '/ai/..;/other/x'],
    ['a path that a server may read as another', (o) => o, '/ai/x%5C../x'],
  ])('[S7] K03 a token is not sent to %s', async (_what, bound, path) => {
    const server = await serve((_q, response) => response.end())
    await http.send(
      `${server.origin}${path}`,
      ask({ secret: secret(`${bound(server.origin)}/ai/registry.json`) }),
      text,
    )
    expect(server.requests).toHaveLength(1)
    expect(JSON.stringify(server.requests)).not.toContain('canary')
  })

  test('[S7] K03 a token is sent below the address it is bound to', async () => {
    const server = await serve((_q, response) => response.end())
    await http.send(`${server.origin}/ai/a/b.tgz`, ask({ secret: secret(`${server.origin}/ai/registry.json`) }), text)
    expect(server.requests[0]?.headers.authorization).toBe('Bearer canary')
  })

  test('K06 no failure prints a query, a user name or a header', async () => {
    const server = await raw('', 'reset')
    const url = `${server.origin.replace('//', '//user:canary@')}/a?token=canary#canary`
    const failure = await http.send(url, ask({ secret: secret(server.origin) }), text).catch((e: Error) => e)
    expect(failure).toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
    expect(JSON.stringify(failure, [...Object.getOwnPropertyNames(failure), 'reason'])).not.toContain('canary')
  })
})
