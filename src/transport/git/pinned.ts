import { inRange, literalAddress } from '../../io/http/address.js'
import { networkFailure } from '../../io/http/failure.js'
import { proxyFor } from '../../io/http/proxy.js'
import { type Resolver, systemResolver } from '../../io/http/wires.js'
import { fail } from '../../model/errors.js'
import type { Reach } from '../../model/transport.js'
import type { Asker, Remote } from './url.js'

/** Settings that keep git away from private networks where the address came from the network itself: the host is looked up and
    judged here, and git connects to what was judged. Throws E_TRANSPORT. */
export async function pinnedTo(
  remote: Remote,
  { author, name, allows }: Asker,
  { env }: Pick<Reach, 'env'>,
  resolve: Resolver = systemResolver,
): Promise<Readonly<Record<string, string>>> {
  if (author !== 'network' || remote.kind !== 'http' || allows(remote.origin)) return {}
  const url = new URL(remote.url)
  const literal = literalAddress(url)
  const lookedUp = literal === undefined ? await lookUp(url, { name, env, resolve }) : [literal]
  if (lookedUp.some((address) => !inRange(address, 'public')))
    fail('E_TRANSPORT', `${name} leads to ${url.hostname}, an address of a private network`, {
      hint: `what comes over the network may name public addresses only; to allow it: HAAL_TRUSTED_ORIGINS=${remote.origin}`,
    })
  if (literal !== undefined || lookedUp.length === 0) return {}
  const addresses = lookedUp.map((address) => (address.includes(':') ? `[${address}]` : address))
  return { 'http.curloptResolve': `${url.hostname}:${url.port || 443}:${addresses.join(',')}` }
}

/** Behind a proxy names are looked up there; what this machine cannot look up is left to it. */
async function lookUp(
  url: URL,
  { name, env, resolve }: { name: string; env: Reach['env']; resolve: Resolver },
): Promise<string[]> {
  const isProxied = proxyFor(url, env) !== undefined
  try {
    const found = (await resolve(url.hostname)).map(({ address }) => address)
    return isProxied && found.every((address) => inRange(address, 'public')) ? [] : found
  } catch (e) {
    if (isProxied) return []
    throw networkFailure(`registry "${name}"`, url, e)
  }
}
