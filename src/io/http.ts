import type { IncomingMessage } from 'node:http'
import { fail, type HaalError } from '../model/errors.js'
import { isLoopback, type Permission, rangeFor } from './http/address.js'
import { type Body, bodyOf } from './http/body.js'
import { type Budget, openBudget, type Times } from './http/budget.js'
import { type Clock, systemClock } from './http/clock.js'
import { isPassing, networkFailure, shown, tooManyHeaders } from './http/failure.js'
import type { Env } from './http/proxy.js'
import { openWires, type Resolver, systemResolver, type Wires } from './http/wires.js'

export type { Permission } from './http/address.js'

/** One small HTTP client: redirects, retries, proxies, limits and time budgets; a secret goes to its own address only. */
export interface Http {
  /** Sends a request and gives the reply to `take`, which reads the body. A body that is cut short is asked for again, so `take` may
      be called again and starts anew. Every status but a redirect is a reply. Throws E_REGISTRY_UNAVAILABLE, E_HTTP_TRUNCATED,
      E_TIMEOUT, E_REDIRECT, E_TRANSPORT, E_LIMIT_SIZE, E_LIMIT_RATIO, E_INTERRUPTED, and what `take` or `permission` throw. */
  send<T>(url: string, ask: Ask, take: (reply: Reply) => Promise<T>): Promise<T>
  close(): void
}

export interface Ask {
  /** Whom messages speak of: `registry "corp"`. */
  who: string
  method?: 'GET' | 'POST'
  body?: Uint8Array
  /** A POST that only asks: it may be sent again where its answer does not come. */
  repeatable?: boolean
  /** Sent wherever redirects lead: never a credential. */
  headers?: Readonly<Record<string, string>>
  secret?: Secret
  /** Most bytes of the body, decoded. */
  limit: number
  /** The body as it is on the wire, for archives: a server that calls a .tgz "gzip-encoded" means the file itself. */
  raw?: boolean
  /** PEM of the authorities to trust instead of Node's. */
  ca?: string
  /** Asked for every address before it is connected to, redirects included; throws where it may not be. */
  permission(url: URL): Permission
  signal: AbortSignal
}

/** Headers that carry a credential. They go to addresses at or below `below` (same origin, path up to its last slash) and nowhere else. */
export interface Secret {
  below: string
  headers: Readonly<Record<string, string>>
}

export interface Reply {
  status: number
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>
  /** Where it came from in the end. */
  url: URL
  body: AsyncIterable<Uint8Array>
}

interface HttpSettings {
  env?: Env
  clock?: Clock
  times?: Times
  resolve?: Resolver
}

const defaultTimes: Times = { idle: 30_000, total: 300_000 }
const most = { retries: 3, redirects: 5, headers: 256, pause: 60_000 } as const
const redirects = new Set([301, 302, 303, 307, 308])
const passing = new Set([429, 500, 502, 503, 504])

export function openHttp(settings: HttpSettings): Http {
  const { env = {}, clock = systemClock, times = defaultTimes, resolve = systemResolver } = settings
  const wires = openWires(env, resolve)
  return {
    send: async (url, ask, take) => {
      const budget = openBudget(ask.who, times, { clock, signal: ask.signal })
      try {
        return await persist({ start: new URL(url), ask, wires, budget, clock }, take)
      } finally {
        budget.close()
      }
    },
    close: () => wires.close(),
  }
}

/** The whole of a body. */
export async function bytesOf({ body }: Pick<Reply, 'body'>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

interface Task {
  start: URL
  ask: Ask
  wires: Wires
  budget: Budget
  clock: Clock
}

/** A reply, and how to be done with it. */
interface Arrived extends Reply {
  broken(): HaalError | undefined
  drop(): void
}

async function persist<T>(task: Task, take: (reply: Reply) => Promise<T>): Promise<T> {
  const { method, repeatable = method !== 'POST' } = task.ask
  const retries = repeatable ? most.retries : 0
  for (let attempt = 0; ; attempt += 1) {
    const isLast = attempt === retries
    try {
      const reply = await follow(task)
      const pause = isLast ? undefined : pauseBefore(reply, attempt, task)
      if (pause === undefined) return await taken(reply, take)
      reply.drop()
      await task.budget.pause(pause)
    } catch (error) {
      const stopped = task.budget.stopped()
      if (stopped) throw stopped
      if (isLast || !isPassing(error)) throw error
      await task.budget.pause(backoff(attempt))
    }
  }
}

/** What `take` makes of a body that broke under it does not count. */
async function taken<T>(reply: Arrived, take: (reply: Reply) => Promise<T>): Promise<T> {
  try {
    const value = await take(reply)
    const broken = reply.broken()
    if (broken) throw broken
    return value
  } catch (error) {
    throw reply.broken() ?? error
  } finally {
    reply.drop()
  }
}

/** Milliseconds until a server that is busy or out of order may be asked again; undefined where its reply stands. */
function pauseBefore({ status, headers }: Reply, attempt: number, { budget, clock }: Task): number | undefined {
  if (!passing.has(status)) return undefined
  const asked = retryAfter(headers['retry-after'], clock.now())
  const pause = asked ?? backoff(attempt)
  return pause <= Math.min(most.pause, budget.left()) ? pause : undefined
}

/** Seconds, or an HTTP date. */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function backoff(attempt: number): number {
  return 250 * 2 ** attempt * (1 + Math.random() / 2)
}

async function follow(task: Task): Promise<Arrived> {
  const { ask } = task
  let url = task.start
  for (let hop = 0; ; hop += 1) {
    const reply = await exchange(url, hop > 0, task)
    const { location } = reply.headers
    if (!redirects.has(reply.status) || location === undefined) return reply
    reply.drop()
    if (hop === most.redirects) redirected(ask, url, `redirects more than ${most.redirects} times`)
    if (ask.method === 'POST') redirected(ask, url, 'redirects what was sent to it')
    url = redirectTarget(url, location, ask)
  }
}

function redirectTarget(from: URL, location: string, ask: Ask): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
  if (target === undefined || !/^https?:$/.test(target.protocol))
    return redirected(ask, from, 'redirects to something that is no web address')
  if (target.username !== '' || target.password !== '')
    redirected(ask, from, 'redirects to an address with a user name or password')
  if (from.protocol === 'https:' && target.protocol !== 'https:')
    redirected(ask, from, `redirects from https to ${shown(target)}`)
  return target
}

function redirected({ who }: Ask, from: URL, how: string): never {
  return fail('E_REDIRECT', `${who} ${how}: ${shown(from)}`, { hint: 'give the address that it really has' })
}

/** One request, one reply. */
async function exchange(url: URL, isRedirect: boolean, { ask, wires, budget }: Task): Promise<Arrived> {
  const stopped = budget.stopped()
  if (stopped) throw stopped
  const range = rangeFor(url, ask.permission(url))
  if (range === undefined) return notPermitted(url, isRedirect, ask)
  const { request, options } = await wires.route(url, { who: ask.who, range, ca: ask.ca })
  return await new Promise((done, failed) => {
    let body: Body | undefined
    const headers = { ...headersFor(url, ask), ...options.headers }
    const asking = { ...options, method: ask.method ?? 'GET', headers, signal: budget.signal, stop: budget.signal }
    const sent = request(asking)
    sent.once('response', (answer) => {
      budget.touch()
      if (answer.rawHeaders.length / 2 > most.headers) {
        answer.destroy()
        return failed(tooManyHeaders(ask.who, url))
      }
      const arriving = bodyOf(answer, { who: ask.who, url, limit: ask.limit, raw: ask.raw ?? false }, budget)
      body = arriving
      done({ ...replyOf(answer, url), body: arriving.chunks, broken: arriving.broken, drop: () => drop(answer) })
    })
    sent.on('error', (error) => {
      body?.breaks(error)
      failed(networkFailure(ask.who, url, error))
    })
    // Node ends without a word what a server answers with another protocol (101).
    sent.once('close', () =>
      failed(networkFailure(ask.who, url, Object.assign(new Error('closed'), { code: 'ECONNRESET' }))),
    )
    sent.end(ask.body)
  })
}

function notPermitted(url: URL, isRedirect: boolean, ask: Ask): never {
  if (isRedirect) return redirected(ask, url, 'redirects to an address haal does not ask')
  if (url.protocol !== 'http:') return fail('E_TRANSPORT', `${ask.who}: ${shown(url)} is not an https address`)
  return fail(
    'E_TRANSPORT',
    `${ask.who} is reached by plain http, which anybody on the way can read and change: ${shown(url)}`,
    {
      hint: isLoopback(url) ? 'use https' : `use https, or allow it with HAAL_TRUSTED_ORIGINS=${url.origin}`,
    },
  )
}

function headersFor(url: URL, ask: Ask): Record<string, string> {
  return {
    'user-agent': 'haal',
    accept: '*/*',
    'accept-encoding': ask.raw ? 'identity' : 'gzip, br',
    ...ask.headers,
    ...(ask.secret && isBelow(url, ask.secret.below) && ask.secret.headers),
  }
}

/** A server may take `..%2f`, `%2e%2e%2f` and `..;` for a step upwards, which URL does not. */
function isBelow(url: URL, scope: string): boolean {
  const { origin, pathname } = new URL(scope)
  if (/\.\.(;|%2f|%5c)|(%2f|%5c)\.\./i.test(url.pathname.replaceAll(/%2e/gi, '.'))) return false
  return url.origin === origin && url.pathname.startsWith(pathname.slice(0, pathname.lastIndexOf('/') + 1))
}

function replyOf(answer: IncomingMessage, url: URL): Pick<Reply, 'status' | 'headers' | 'url'> {
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
  return { status: answer.statusCode ?? 0, headers: Object.fromEntries(headers), url }
}

/** Reads the rest of a small body, so that the connection can be used again, and ends the connection of a large one: a body that nobody reads would
    keep haal running until the server gives up. */
function drop(answer: IncomingMessage): void {
  const left = Number(answer.headers['content-length'] ?? Number.NaN)
  if (answer.complete || answer.statusCode === 304 || left < 65_536) answer.resume()
  else answer.destroy()
}
