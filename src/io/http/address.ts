import { BlockList, isIP } from 'node:net'

/** Which addresses a connection may reach: all, those of the public internet, or this machine's own. */
export type Range = 'any' | 'public' | 'loopback'

/** What a request to an origin may use: plain http, private addresses. */
export interface Permission {
  plain: boolean
  private: boolean
}

/** Addresses that are not on the public internet: RFC 6890 and its like for IPv6, cloud metadata (169.254/16) among them; and IPv6 addresses that may
    lead to private IPv4: local translation (RFC 8215), a retired tunnel (RFC 7526), an old form (RFC 4291, 2.5.5.1). */
const privateV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const
const privateV6 = [
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const

/** Made when first asked for: most commands ask for none, and Node's network code takes as
    long to load as a short command. */
const lists: { loopback?: BlockList; reserved?: BlockList } = {}

function loopback(): BlockList {
  const list = new BlockList()
  list.addSubnet('127.0.0.0', 8)
  list.addAddress('::1', 'ipv6')
  return list
}

/** An IPv4 rule also holds for the address mapped into IPv6 (`::ffff:10.0.0.1`); behind NAT64 it has a second form. */
function reserved(): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of privateV4) {
    list.addSubnet(net, prefix)
    list.addSubnet(`64:ff9b::${net}`, 96 + prefix, 'ipv6')
  }
  for (const [net, prefix] of privateV6) list.addSubnet(net, prefix, 'ipv6')
  return list
}

export function inRange(address: string, range: Range): boolean {
  if (range === 'any') return true
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  lists.loopback ??= loopback()
  lists.reserved ??= reserved()
  return range === 'loopback' ? lists.loopback.check(address, family) : !lists.reserved.check(address, family)
}

/** The host of a URL as a connection wants it: an IPv6 address without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** The address in a URL that names one instead of a host; undefined for a name. */
export function literalAddress(url: URL): string | undefined {
  const host = hostOf(url)
  return isIP(host) > 0 ? host : undefined
}

/** Whether a URL means this machine by the way it is written. */
export function isLoopback(url: URL): boolean {
  const literal = literalAddress(url)
  return literal === undefined ? /^(.+\.)?localhost\.?$/.test(url.hostname) : inRange(literal, 'loopback')
}

/** The addresses a URL may lead to; undefined where it may not be asked at all. */
export function rangeFor(url: URL, permission: Permission): Range | undefined {
  const everywhere = permission.private ? 'any' : 'public'
  if (url.protocol === 'https:' || (url.protocol === 'http:' && permission.plain)) return everywhere
  return url.protocol === 'http:' && permission.private && isLoopback(url) ? 'loopback' : undefined
}
