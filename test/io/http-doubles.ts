import net from 'node:net'
import { onTestFinished } from 'vitest'
import type { Server } from '../../e2e/world/listen.js'
import { type Listener, serve as listen } from '../../e2e/world/listen.js'
import type { Identity } from '../../e2e/world/tls.js'
import type { Clock } from '../../src/io/http/clock.js'
import type { Ask, Reply } from '../../src/io/http.js'
import { bytesOf } from '../../src/io/http.js'

/** A server that is gone after the test. */
export async function serve(listener: (...of: Parameters<Listener>) => unknown, identity?: Identity): Promise<Server> {
  const server = await listen(async (request, response) => void (await listener(request, response)), { identity })
  onTestFinished(() => server.stop())
  return server
}

/** A server that answers every connection with these bytes, whatever is asked, and then does as `after` says. */
export async function raw(
  bytes: string | Buffer,
  after: 'close' | 'reset' | 'stay' = 'close',
): Promise<{ origin: string; asked(): number }> {
  let asked = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      asked += 1
      socket.write(bytes, () => {
        if (after === 'close') socket.end()
        if (after === 'reset') socket.resetAndDestroy()
      })
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, asked: () => asked }
}

/** A clock that stands still until it is told. With `hurry` the pauses between retries pass at once. */
export function testClock({
  hurry = true,
} = {}): Clock & { advance(ms: number): void; pauses: number[]; waiting(): number } {
  let time = Date.UTC(2026, 0, 2)
  const timers = new Set<{ at: number; call(): void }>()
  const pauses: number[] = []
  return {
    pauses,
    waiting: () => timers.size,
    now: () => time,
    after: (ms, call) => {
      const timer = { at: time + ms, call }
      if (hurry && ms < 30_000) {
        pauses.push(ms)
        const now = setImmediate(() => {
          time += ms
          call()
        })
        return () => clearImmediate(now)
      }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance: (ms) => {
      time += ms
      for (const timer of [...timers].filter(({ at }) => at <= time)) {
        timers.delete(timer)
        timer.call()
      }
    },
  }
}

export function ask(more: Partial<Ask> = {}): Ask {
  return {
    who: 'registry "corp"',
    limit: 64 * 1024 * 1024,
    permission: () => ({ plain: true, private: true }),
    signal: new AbortController().signal,
    ...more,
  }
}

export async function text(reply: Reply): Promise<string> {
  return (await bytesOf(reply)).toString()
}
