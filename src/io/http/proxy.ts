import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { fail } from '../../model/errors.js'
import { percentDecoded } from '../../model/text.js'
import { hostOf, isLoopback } from './address.js'

export type Env = Readonly<Record<string, string | undefined>>

/** The proxy for a URL, from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY in either case. This machine is never asked through one. */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const read = (name: string) => env[name.toLowerCase()] || env[name] || undefined
  const text = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? read('ALL_PROXY')
  if (text === undefined || isLoopback(url) || isExempt(url, read('NO_PROXY') ?? '')) return undefined
  const spelt = text.includes('://') ? text : `http://${text}`
  const proxy = URL.canParse(spelt) ? new URL(spelt) : undefined
  if (proxy?.protocol !== 'http:' && proxy?.protocol !== 'https:')
    return fail('E_CONFIG', 'the proxy in the environment is not an http address', {
      hint: 'write HTTPS_PROXY=http://proxy.corp.com:8080',
    })
  return proxy
}

/** `.corp.com`, `*.corp.com` and `corp.com` cover the domain and what is below it; `host:port` that port only; `*` everything. An IPv6 address
    stands bare, as curl has it, or in brackets, as Node has it and as a port behind it needs. */
function isExempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const host = url.hostname
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const [, name = '', only = port] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
      if (entry === '*') return true
      const domain = name.startsWith('[') && URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : name
      return domain !== '' && only === port && (host === domain || host.endsWith(`.${domain}`))
    })
}

/** The header for a proxy that wants a user name and a password. */
export function proxyHeaders(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const pair = `${percentDecoded(proxy.username)}:${percentDecoded(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** An agent whose connections lead through a proxy by CONNECT (RFC 9110 §9.3.6). Written here because the packages for it print
    the proxy's password where DEBUG is set. What ends a request while its connection is made must come as `stop`: Node keeps its `signal` from
    agents. */
export function throughProxy(agent: https.Agent, proxy: URL): https.Agent {
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, done) => {
    const target = `${isIP(options.host ?? '') === 6 ? `[${options.host}]` : options.host}:${options.port}`
    const request = (proxy.protocol === 'https:' ? https : http).request({
      host: hostOf(proxy),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyHeaders(proxy) },
      agent: false,
      ca: agent.options.ca,
      ...('stop' in options && options.stop instanceof AbortSignal && { signal: options.stop }),
    })
    const refuse = (code: string) => (done as ((error: Error) => void) | undefined)?.(proxyError(code))
    request.once('connect', (answer, socket) => {
      if (answer.statusCode !== 200) {
        socket.destroy()
        return refuse(answer.statusCode === 407 ? 'EPROXYAUTH' : 'EPROXY')
      }
      done?.(null, connect({ ...options, socket } as typeof options) as Duplex)
    })
    request.once('error', () => refuse('EPROXY'))
    request.end()
    return undefined
  }
  return agent
}

function proxyError(code: string): Error {
  return Object.assign(new Error('proxy'), { code })
}
