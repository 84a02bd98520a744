import path from 'node:path'
import { type Digest, digestOf, hexOf } from '../../model/digest.js'
import type { Disk } from '../../model/disk.js'
import { type ErrorCode, fail, HaalError } from '../../model/errors.js'
import { writeWhole } from '../atomic-write.js'

/** Larger than any policy people write. */
export const mostPolicyBytes = 1024 * 1024

/** The bytes of a policy and where they are from, as messages and policy-seen.json name it. */
export interface Bytes {
  from: string
  bytes: Uint8Array
  digest: Digest
}

/** A policy file; undefined where nothing lies there. Links are followed, as administrators use them. Throws E_POLICY_LOAD where something else
    than a readable file lies there. */
export function policyFile(disk: Disk, file: string): Bytes | undefined {
  return loading(file, () => {
    const real = disk.real(file)
    if (real === undefined && disk.stat(file) === undefined) return undefined
    if (real === undefined) return fail('E_POLICY_LOAD', `policy ${file} is a link that leads nowhere`)
    const stat = disk.stat(real)
    if (stat?.type !== 'file') fail('E_POLICY_LOAD', `policy ${file} is not a file`)
    if ((stat?.size ?? 0) > mostPolicyBytes)
      fail('E_POLICY_LOAD', `policy ${file} is larger than ${mostPolicyBytes} bytes`)
    return bytesOf(file, disk.read(real))
  })
}

export function bytesOf(from: string, bytes: Uint8Array): Bytes {
  return { from, bytes, digest: digestOf(bytes) }
}

/** Throws E_POLICY_LOAD where the bytes are no UTF-8. */
export function textOf({ from, bytes }: Bytes): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    return fail('E_POLICY_LOAD', `policy ${from} is not UTF-8`, { cause })
  }
}

/** What a policy's URL must be: https; http only on this machine, at an origin that the person's own environment names. Throws E_POLICY_LOAD
    without repeating a secret. Answers the URL as messages show it, without its query. */
export function checkUrl(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return fail('E_POLICY_LOAD', 'the address of a policy is not a URL')
  const shown = `${url.origin}${url.pathname}`
  if (url.username !== '' || url.password !== '')
    fail('E_POLICY_LOAD', `policy ${shown} has a user name or password in its address`)
  if (url.protocol === 'https:') return shown
  if (url.protocol === 'http:' && isLoopback(url.hostname) && ownOrigins(env).has(url.origin)) return shown
  return fail('E_POLICY_LOAD', `policy ${shown} is not https`, {
    hint: isLoopback(url.hostname) ? `set HAAL_TRUSTED_ORIGINS=${url.origin}` : 'serve it over https',
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** Origins that stand in the person's own environment. */
export function ownOrigins({
  HAAL_TRUSTED_ORIGINS = '',
  HAAL_POLICY = '',
}: Readonly<Record<string, string | undefined>>): Set<string> {
  const written = [...HAAL_TRUSTED_ORIGINS.split(','), HAAL_POLICY].map((each) => each.trim())
  return new Set(written.filter((each) => URL.canParse(each)).map((each) => new URL(each).origin))
}

/** Bytes that an earlier command fetched by this digest. A damaged or foreign file is as good as none. */
export function keptBytes(disk: Disk, home: string, digest: Digest): Uint8Array | undefined {
  const file = keptAt(home, digest)
  if (disk.stat(file)?.type !== 'file') return undefined
  const bytes = disk.read(file)
  return digestOf(bytes) === digest ? bytes : undefined
}

export function keepBytes(disk: Disk, home: string, { bytes, digest }: Bytes): void {
  writeWhole(disk, keptAt(home, digest), bytes)
}

function keptAt(home: string, digest: Digest): string {
  return path.join(home, 'policies', `${hexOf(digest)}.json`)
}

const passing: readonly ErrorCode[] = [
  'E_INTERRUPTED',
  'E_POLICY_REGISTRY',
  'E_POLICY_SCHEMA',
  'E_POLICY_VERSION',
  'E_POLICY_LOAD',
]

/** Whatever keeps a policy from being read is E_POLICY_LOAD: without it nothing may run. */
export function loading<T>(from: string, read: () => T): T {
  try {
    return read()
  } catch (e) {
    return unloadable(from, e)
  }
}

export async function loadingLater<T>(from: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (e) {
    return unloadable(from, e)
  }
}

function unloadable(from: string, e: unknown): never {
  if (e instanceof HaalError && passing.includes(e.code)) throw e
  const why = e instanceof HaalError ? e.message : 'it cannot be read'
  const own = e instanceof HaalError && e.code === 'E_TRANSPORT' ? e.hint : undefined
  return fail('E_POLICY_LOAD', why.startsWith('policy ') ? why : `policy ${from}: ${why}`, {
    hint: own ?? 'haal does nothing without the policies that apply here; mend the source, or ask who keeps it',
    details: { source: from, ...(e instanceof HaalError && { because: e.code }) },
    cause: e,
  })
}
