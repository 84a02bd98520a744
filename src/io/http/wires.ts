import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { HaalError } from '../../model/errors.js'
import { getOrMake } from '../../model/maps.js'
import { hostOf, inRange, literalAddress, type Range } from './address.js'
import { type Env, proxyFor, proxyHeaders, throughProxy } from './proxy.js'

/** All addresses of a host name. */
export type Resolver = (host: string) => Promise<readonly { address: string; family: number }[]>

export const systemResolver: Resolver = (host) => dns.promises.lookup(host, { all: true })

/** How to reach a URL. */
interface Route {
  request: typeof http.request
  options: http.RequestOptions
}

export interface Wires {
  route(url: URL, to: { who: string; range: Range; ca?: string | undefined }): Promise<Route>
  close(): void
}

const agentOptions = { keepAlive: true, maxSockets: 16 } as const

/** Connections, kept open and used again. A connection that was made for one range of addresses never serves another. */
export function openWires(env: Env, resolve: Resolver): Wires {
  const agents = new Map<string, http.Agent>()
  return {
    route: async (url, { who, range, ca }) => {
      const proxy = proxyFor(url, env)
      checkLiteral(url, who, range)
      if (proxy) await checkBehindProxy(url, { who, range, resolve })
      const key = [url.protocol, range, proxy?.href, ca].join(' ')
      const lookup = lookupIn(range, who, resolve)
      if (url.protocol === 'http:' && proxy?.protocol === 'https:') {
        const agent = getOrMake(agents, key, () => secureAgent(undefined, ca))
        return { request: https.request, options: { ...plainOptions(url, proxy), agent } }
      }
      if (url.protocol === 'http:') {
        const agent = getOrMake(agents, key, () => new http.Agent(agentOptions))
        return { request: http.request, options: { ...plainOptions(url, proxy), agent, ...(!proxy && { lookup }) } }
      }
      const agent = getOrMake(agents, key, () => secureAgent(proxy, ca))
      return { request: https.request, options: { ...optionsOf(url), agent, ...(!proxy && { lookup }) } }
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy()
    },
  }
}

function secureAgent(proxy: URL | undefined, ca: string | undefined): https.Agent {
  const agent = new https.Agent({ ...agentOptions, ...(ca !== undefined && { ca }) })
  return proxy ? throughProxy(agent, proxy) : agent
}

function optionsOf(url: URL): http.RequestOptions {
  return {
    hostname: hostOf(url),
    port: url.port,
    path: `${url.pathname}${url.search}`,
  }
}

/** A proxy for plain http takes the whole address in the request line. */
function plainOptions(url: URL, proxy: URL | undefined): http.RequestOptions {
  if (!proxy) return optionsOf(url)
  const bare = new URL(url.href)
  bare.hash = ''
  return { ...optionsOf(proxy), path: bare.href, headers: { host: url.host, ...proxyHeaders(proxy) } }
}

/** The address that was judged is the one connected to: no second look-up can answer otherwise. */
function lookupIn(range: Range, who: string, resolve: Resolver): LookupFunction {
  return (host, options, done) => {
    resolve(host).then(
      (found) => {
        const [first] = found
        if (first === undefined) return done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), [])
        if (found.some(({ address }) => !inRange(address, range))) return done(privateAddress(host, who), [])
        if (options.all === true) done(null, [...found])
        else done(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => done(error, []),
    )
  }
}

function checkLiteral(url: URL, who: string, range: Range): void {
  const literal = literalAddress(url)
  if (literal !== undefined && !inRange(literal, range)) throw privateAddress(url.hostname, who)
}

/** Behind a proxy names are looked up there; those that this machine can look up too are judged all the same. */
async function checkBehindProxy(url: URL, by: { who: string; range: Range; resolve: Resolver }): Promise<void> {
  if (by.range === 'any') return
  const found = await by.resolve(url.hostname).catch(() => [])
  if (found.some(({ address }) => !inRange(address, by.range))) throw privateAddress(url.hostname, by.who)
}

function privateAddress(host: string, who: string): HaalError {
  return new HaalError('E_TRANSPORT', `${who} leads to ${host}, an address of a private network`, {
    hint: 'what comes over the network may name public addresses only; name the origin in HAAL_TRUSTED_ORIGINS or in a policy to allow it',
  })
}
