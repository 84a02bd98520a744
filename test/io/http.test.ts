import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { systemResolver } from '../../src/io/http/wires.js'
import { bytesOf, openHttp } from '../../src/io/http.js'
import { fail, HaalError } from '../../src/model/errors.js'
import { ask, raw, serve, testClock, text } from './http-doubles.js'

const http = (more = {}) => openHttp({ clock: testClock(), ...more })

test('a reply has status, headers and body', async () => {
  const server = await serve((_request, response) => response.writeHead(404, { etag: '"1"' }).end('none'))
  const reply = await http().send(`${server.origin}/a?b=c`, ask(), async (r) => ({ ...r, body: await text(r) }))
  expect(reply).toMatchObject({ status: 404, headers: { etag: '"1"' }, body: 'none' })
  expect(server.paths()).toEqual(['/a?b=c'])
})

test('requests after one another use one connection, and many at once no more than 16', async () => {
  const ports = new Set<number | undefined>()
  const server = await serve((request, response) => {
    ports.add(request.socket.remotePort)
    setImmediate(() => response.end('x'))
  })
  const client = http()
  for (let i = 0; i < 3; i += 1) await client.send(server.origin, ask(), text)
  expect(ports.size).toBe(1)
  await Promise.all(Array.from({ length: 40 }, () => client.send(server.origin, ask(), text)))
  expect([ports.size > 4, ports.size <= 16]).toEqual([true, true])
  client.close()
})

test('a body that nobody reads does not keep its connection from the next request', async () => {
  const ports = new Set<number | undefined>()
  const server = await serve((request, response) => {
    ports.add(request.socket.remotePort)
    response.writeHead(404, { 'content-length': 9 }).end('not found')
  })
  const client = http()
  for (let i = 0; i < 3; i += 1) {
    await client.send(server.origin, ask(), async ({ status }) => status)
    await new Promise(setImmediate)
  }
  expect(ports.size).toBe(1)
  client.close()
})

test('[S3 U3] a server that changes the protocol in place of an answer is an error, not waited for', async () => {
  const server = await raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')
  const asked = http().send(server.origin, ask(), text)
  await expect(asked).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
})

test('a body without end that nobody reads is not waited for, and its connection ends', async () => {
  let isOver = () => {}
  const over = new Promise<void>((done) => {
    isOver = done
  })
  const server = await serve((_q, response) => {
    response.on('close', isOver).writeHead(404)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  })
  expect(await http().send(server.origin, ask(), async ({ status }) => status)).toBe(404)
  await over
})

describe('bodies', () => {
  test.each([
    ['gzip', gzipSync('hello')],
    ['br', brotliCompressSync('hello')],
    ['identity', Buffer.from('hello')],
  ])('%s is decoded', async (encoding, bytes) => {
    const server = await serve((_q, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bytes))
    expect(await http().send(server.origin, ask(), text)).toBe('hello')
  })

  test('an archive that a server calls gzip-encoded arrives as it is on the wire', async () => {
    const file = gzipSync('a tar archive')
    const server = await serve((_q, response) => response.writeHead(200, { 'content-encoding': 'x-gzip' }).end(file))
    const got = await http().send(server.origin, ask({ raw: true }), bytesOf)
    expect(got.equals(file)).toBe(true)
  })

  test('an encoding nobody asked for is refused', async () => {
    const server = await serve((_q, response) => response.writeHead(200, { 'content-encoding': 'zstd' }).end('x'))
    await expect(http().send(server.origin, ask(), text)).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })

  test('[S2] H06 a body without end stops at the size limit', async () => {
    const server = await serve(async (_q, response) => {
      while (!response.destroyed) {
        response.write(Buffer.alloc(65_536))
        await new Promise(setImmediate)
      }
    })
    const failed = http().send(server.origin, ask({ limit: 1_000_000 }), text)
    await expect(failed).rejects.toMatchObject({
      code: 'E_LIMIT_SIZE',
      message: expect.stringContaining('1000000 bytes'),
    })
  })

  test('[S2] a file that is announced as too large is refused before any of it is read', async () => {
    const server = await raw('HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n', 'stay')
    const failed = http().send(server.origin, ask({ limit: 1_000_000, raw: true }), bytesOf)
    await expect(failed).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  })

  test('a large index that is compressed well, as JSON is, arrives', async () => {
    const index = Array.from({ length: 40_000 }, (_, i) => `{"name":"skill-${i * 7919}","version":"1.0.0"}`).join()
    const zipped = gzipSync(index)
    expect([index.length > 1024 * 1024, index.length / zipped.length > 5]).toEqual([true, true])
    const server = await serve((_q, r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(zipped))
    expect(await http().send(server.origin, ask(), text)).toBe(index)
  })

  test('[S2] a compressed body is measured decoded, and may not expand a hundred times', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    const server = await serve((_q, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))
    await expect(http().send(server.origin, ask(), text)).rejects.toMatchObject({ code: 'E_LIMIT_RATIO' })
    await expect(http().send(server.origin, ask({ limit: 10_000 }), text)).rejects.toMatchObject({
      code: 'E_LIMIT_SIZE',
    })
  })
})

describe('answers that are not whole', () => {
  const head = 'HTTP/1.1 200 OK\r\n'
  test.each([
    ['a length larger than the body', 'the connection was closed early', `${head}Content-Length: 100\r\n\r\nshort`],
    [
      'a length smaller than the body',
      'it is not what its headers announce',
      `${head}Content-Length: 3\r\n\r\nlonger than that`,
    ],
    [
      'a chunked body that is cut',
      'the connection was closed early',
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
    ],
    [
      'a chunk with a length that is none',
      'it is not what its headers announce',
      `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n`,
    ],
    [
      'a gzip body that is cut',
      'its encoding is damaged',
      Buffer.concat([
        Buffer.from(`${head}Content-Encoding: gzip\r\nConnection: close\r\n\r\n`),
        gzipSync('hello').subarray(0, 12),
      ]),
    ],
  ])('H04 %s is asked for again three times, then refused: %s', async (_what, why, bytes) => {
    const server = await raw(bytes)
    await expect(http().send(server.origin, ask(), text)).rejects.toMatchObject({
      code: 'E_HTTP_TRUNCATED',
      exit: 7,
      message: expect.stringContaining(`not whole (${why})`),
    })
    expect(server.asked()).toBe(4)
  })

  test('H04 a body that arrives whole the second time is taken, and what came before is forgotten', async () => {
    let asked = 0
    const server = await serve((_q, response) => {
      asked += 1
      response.writeHead(200, { 'content-length': '5' })
      if (asked > 1) return void response.end('hello')
      response.write('he', () => response.destroy())
    })
    expect(await http().send(server.origin, ask(), text)).toBe('hello')
  })

  test('what a reader makes of a body that is cut does not count (hostile H04)', async () => {
    const server = await raw(`${head}Content-Length: 100\r\n\r\nshort`)
    const refuse = () => {
      throw new HaalError('E_ARCHIVE', 'no archive')
    }
    const failed = http().send(server.origin, ask(), (reply) => text(reply).catch(refuse))
    await expect(failed).rejects.toMatchObject({ code: 'E_HTTP_TRUNCATED' })
    const taken = http().send(server.origin, ask(), (reply) => text(reply).catch(() => 'all of it'))
    await expect(taken).rejects.toMatchObject({ code: 'E_HTTP_TRUNCATED' })
  })

  test('a connection that is reset is tried again, each time after a longer pause', async () => {
    const server = await raw('', 'reset')
    const clock = testClock()
    const failed = http({ clock }).send(server.origin, ask(), text)
    await expect(failed).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
    expect(server.asked()).toBe(4)
    expect(clock.pauses.map((ms, i) => ms >= 250 * 2 ** i && ms < 375 * 2 ** i)).toEqual([true, true, true])
  })

  test('nothing that was sent with POST is sent twice, unless it only asks', async () => {
    const server = await raw('', 'reset')
    const post = { method: 'POST', body: Buffer.from('x') } as const
    await expect(http().send(server.origin, ask(post), text)).rejects.toThrow()
    expect(server.asked()).toBe(1)
    await expect(http().send(server.origin, ask({ ...post, repeatable: true }), text)).rejects.toThrow()
    expect(server.asked()).toBe(5)
  })

  test('a server that refuses the connection is named, with the reason', async () => {
    const server = await serve(() => undefined)
    await server.stop()
    await expect(http().send(`${server.origin}/x?token=hidden`, ask(), text)).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: `registry "corp" does not answer at ${server.origin}/x: the connection was refused`,
    })
  })
})

describe('busy servers', () => {
  test('503 and 429 are asked again, Retry-After is kept to', async () => {
    const answers = [
      [503, {}],
      [429, { 'retry-after': '7' }],
      [200, {}],
    ] as const
    let asked = 0
    const server = await serve((_q, response) => {
      const [status, headers] = answers[asked++] ?? [500, {}]
      response.writeHead(status, headers).end(String(status))
    })
    const clock = testClock()
    expect(await openHttp({ clock }).send(server.origin, ask(), text)).toBe('200')
    expect(clock.pauses[0]).toBeLessThan(400)
    expect(clock.pauses[1]).toBe(7000)
  })

  test.each([429, 500, 502, 503, 504])(
    '%i is asked again over the same connection, which it leaves free',
    async (status) => {
      const ports = new Set<number | undefined>()
      const server = await serve((request, response) => {
        ports.add(request.socket.remotePort)
        response.writeHead(server.requests.length < 3 ? status : 200, { 'content-length': 4 }).end('said')
      })
      const client = http()
      expect(await client.send(server.origin, ask(), async (reply) => reply.status)).toBe(200)
      expect([server.requests.length, ports.size]).toEqual([3, 1])
      client.close()
    },
  )

  test.each([400, 404, 501, 505])('%i stands', async (status) => {
    const server = await serve((_q, response) => response.writeHead(status).end())
    expect(await http().send(server.origin, ask(), async (reply) => reply.status)).toBe(status)
    expect(server.requests).toHaveLength(1)
  })

  test('what the reader of an answer refuses is not asked again', async () => {
    const server = await serve((_q, response) => response.end('bytes'))
    const refused = async () => fail('E_INTEGRITY', 'other bytes')
    await expect(http().send(server.origin, ask(), refused)).rejects.toMatchObject({ code: 'E_INTEGRITY' })
    expect(server.requests).toHaveLength(1)
  })

  test.each<[string, (now: number) => string, number]>([
    ['a date', (now) => new Date(now + 9000).toUTCString(), 9000],
    ['a date that is past', (now) => new Date(now - 9000).toUTCString(), 0],
    ['no date', () => 'soon', 250],
    ['no number', () => 'x9', 250],
  ])('%s in Retry-After counts from now, or not', async (_what, after, pause) => {
    const clock = testClock()
    const server = await serve((_q, response) => {
      const isFirst = server.requests.length === 1
      response.writeHead(isFirst ? 429 : 200, { 'retry-after': after(clock.now()) }).end()
    })
    expect(await openHttp({ clock }).send(server.origin, ask(), async ({ status }) => status)).toBe(200)
    expect(clock.pauses.map((ms) => (ms > 250 && ms < 375 ? 250 : ms))).toEqual([pause])
  })

  test('a server that asks for an hour is not waited for', async () => {
    const server = await serve((_q, response) => response.writeHead(429, { 'retry-after': '3600' }).end('later'))
    expect(await http().send(server.origin, ask(), text)).toBe('later')
    expect(server.requests).toHaveLength(1)
  })

  test('a server that asks for more than the time that is left is not waited for', async () => {
    const server = await serve((_q, response) => response.writeHead(429, { 'retry-after': '45' }).end('later'))
    const hasty = openHttp({ clock: testClock({ hurry: false }), times: { idle: 30_000, total: 40_000 } })
    expect(await hasty.send(server.origin, ask(), text)).toBe('later')
    expect(server.requests).toHaveLength(1)
  })

  test('after three retries, each after a longer pause, the reply stands', async () => {
    const server = await serve((_q, response) => response.writeHead(500).end())
    const clock = testClock()
    expect(await http({ clock }).send(server.origin, ask(), async ({ status }) => status)).toBe(500)
    expect(server.requests).toHaveLength(4)
    expect(clock.pauses.map((ms, i) => ms >= 250 * 2 ** i && ms < 375 * 2 ** i)).toEqual([true, true, true])
  })
})

describe('time', () => {
  test('[S2] H06 silence ends after 30 s', async () => {
    const clock = testClock({ hurry: false })
    const server = await raw('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome', 'stay')
    const failed = openHttp({ clock }).send(server.origin, ask(), async ({ body }) => {
      for await (const chunk of body) if (chunk.length > 0) clock.advance(30_000)
    })
    await expect(failed).rejects.toMatchObject({ code: 'E_TIMEOUT', message: 'registry "corp" sent nothing for 30 s' })
  })

  test('silence is counted from the last byte, be it of the headers or of the body', async () => {
    const clock = testClock({ hurry: false })
    let finish = () => {}
    const server = await serve((_q, response) => {
      clock.advance(20_000)
      response.writeHead(200).flushHeaders()
      finish = () => response.end('late')
    })
    const read = openHttp({ clock }).send(server.origin, ask(), (reply) => {
      clock.advance(20_000)
      finish()
      return text(reply)
    })
    expect(await read).toBe('late')
  })

  test.each<[number, string]>([
    [20_000, 'late'],
    [30_000, 'registry "corp" sent nothing for 30 s'],
  ])('a pause that a server asks for is no silence; %i ms without a byte after it: %s', async (quiet, outcome) => {
    const clock = testClock({ hurry: false })
    const turn = () => new Promise((done) => setImmediate(done))
    let finish = () => {}
    const server = await serve((_q, response) => {
      if (server.requests.length === 1) response.writeHead(429, { 'retry-after': '45' }).end()
      else finish = () => response.end('late')
    })
    const said = openHttp({ clock })
      .send(server.origin, ask(), text)
      .catch((e: HaalError) => e.message)
    while (clock.waiting() < 3) await turn()
    for (const ms of [30_000, 15_000]) clock.advance(ms)
    while (server.requests.length < 2) await turn()
    clock.advance(quiet)
    finish()
    expect(await said).toBe(outcome)
  })

  test('[S2] H06 headers that never end stop too', async () => {
    const clock = testClock({ hurry: false })
    const server = await serve(() => clock.advance(30_000))
    await expect(openHttp({ clock }).send(server.origin, ask(), text)).rejects.toMatchObject({ code: 'E_TIMEOUT' })
  })

  test('[S2] H06 a byte now and then is not enough: all must be there within 300 s', async () => {
    const clock = testClock({ hurry: false })
    const server = await serve(async (_q, response) => {
      while (!response.destroyed) {
        response.write('x')
        await new Promise(setImmediate)
      }
    })
    const failed = openHttp({ clock }).send(server.origin, ask(), async ({ body }) => {
      for await (const chunk of body) clock.advance(chunk.length > 0 ? 20_000 : 0)
    })
    await expect(failed).rejects.toMatchObject({ code: 'E_TIMEOUT', message: expect.stringContaining('300 s') })
  })

  test('nothing waits any more when a request is over, however it ends', async () => {
    const clock = testClock()
    const server = await serve((_q, response) => response.writeHead(503).end('x'))
    await openHttp({ clock }).send(server.origin, ask(), text)
    await server.stop()
    await expect(openHttp({ clock }).send(server.origin, ask(), text)).rejects.toThrow()
    expect(clock.waiting()).toBe(0)
  })

  test('a person who interrupts while a server asked to wait is not kept waiting either', async () => {
    const stop = new AbortController()
    const clock = testClock({ hurry: false })
    const server = await serve((_q, response) => response.writeHead(429, { 'retry-after': '45' }).end())
    const failed = openHttp({ clock }).send(server.origin, ask({ signal: stop.signal }), text)
    const turn = () => new Promise((done) => setImmediate(done))
    while (clock.waiting() < 3) await turn()
    stop.abort(new HaalError('E_INTERRUPTED', 'stopped by SIGINT'))
    await expect(failed).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect([server.requests.length, clock.waiting()]).toEqual([1, 0])
  })

  test('a person who interrupts is not kept waiting, and is told by what', async () => {
    const stop = new AbortController()
    const server = await serve(() => stop.abort(new HaalError('E_INTERRUPTED', 'stopped by SIGTERM')))
    const failed = http().send(server.origin, ask({ signal: stop.signal }), text)
    await expect(failed).rejects.toMatchObject({ code: 'E_INTERRUPTED', message: 'stopped by SIGTERM' })
    await expect(http().send(server.origin, ask({ signal: stop.signal }), text)).rejects.toMatchObject({
      code: 'E_INTERRUPTED',
    })
  })
})

test('a hundred requests share one signal without a warning', async () => {
  const warnings: Error[] = []
  const listen = (warning: Error) => void warnings.push(warning)
  process.on('warning', listen)
  const server = await serve((_q, response) => response.end('x'))
  const shared = ask()
  const client = http()
  await Promise.all(Array.from({ length: 100 }, () => client.send(server.origin, shared, text)))
  await new Promise(setImmediate)
  process.off('warning', listen)
  expect(warnings).toEqual([])
})

test('a name is looked up with all its addresses', async () => {
  const found = await systemResolver('localhost')
  expect(found.map(({ address }) => ['127.0.0.1', '::1'].includes(address))).toContain(true)
})

describe('headers', () => {
  test('say who asks and what is understood; a body is sent as it is, with its length', async () => {
    const server = await serve((request, response) => void request.pipe(response))
    const own = { 'x-own': '1' }
    const post = { method: 'POST', body: Buffer.from('sent'), raw: true, headers: { accept: 'text/plain' } } as const
    expect(await http().send(server.origin, ask({ headers: own }), text)).toBe('')
    expect(await http().send(server.origin, ask(post), text)).toBe('sent')
    const usual = { 'user-agent': 'haal', accept: '*/*' }
    expect(server.requests).toMatchObject([
      { method: 'GET', headers: { ...usual, ...own, 'accept-encoding': 'gzip, br' } },
      { method: 'POST', headers: { ...usual, ...post.headers, 'accept-encoding': 'identity', 'content-length': '4' } },
    ])
  })

  test.each([
    ['3 000 short', Array.from({ length: 3000 }, (_, i) => `a${i}: b\r\n`).join('')],
    ['300 short', Array.from({ length: 300 }, (_, i) => `a${i}: b\r\n`).join('')],
    ['one endless', `a: ${'b'.repeat(100_000)}\r\n`],
  ])('[S2] H06 %s headers are refused', async (_what, lines) => {
    const server = await raw(`HTTP/1.1 200 OK\r\n${lines}\r\n`)
    await expect(http().send(server.origin, ask(), text)).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  })

  test('an answer that is not HTTP is refused without printing it', async () => {
    const server = await raw('canary-token is what you sent\r\n\r\n')
    const failure = await http()
      .send(server.origin, ask(), text)
      .catch((e: Error) => e)
    expect(failure).toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('canary')
  })
})
