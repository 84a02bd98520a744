import { createPublicKey, type KeyObject } from 'node:crypto'
import { type Digest, digestOf } from './digest.js'

/** A public key whose signatures count, as base64 of its SPKI: what stands between the first and the last line of its PEM file. */
export interface PinnedKey {
  text: string
  /** ISO 8601: from then on it counts no more. */
  until?: string
}

/** Who has to sign, and how many of them. */
export interface PinnedKeys {
  keys: readonly PinnedKey[]
  threshold: number
  /** What the signed statement must call itself. */
  id?: string
}

/** A key as configurations write it. */
type WrittenKey = string | { key: string; until?: string | undefined }

export interface WrittenKeys {
  keys: readonly WrittenKey[]
  threshold?: number | undefined
  id?: string | undefined
}

/** Reads a public key, PEM or the base64 of its SPKI: ed25519 or P-256. Answers the base64, or why it is none. */
export function readKey(text: string): { value: string } | { wrong: string } {
  if (text.includes('PRIVATE KEY')) return { wrong: 'is a private key; give the public one, and make a new pair' }
  const key = parsed(text)
  if (key === undefined)
    return { wrong: 'is no public key; write its PEM, or the base64 between its first and last line' }
  if (!isTaken(key)) return { wrong: 'is neither an ed25519 nor a P-256 key' }
  return { value: key.export({ type: 'spki', format: 'der' }).toString('base64') }
}

/** Only for what `readKey` has let pass. */
export function pinned({ keys, threshold = 1, id }: WrittenKeys): PinnedKeys {
  return { keys: keys.map(pinnedKey), threshold, ...(id !== undefined && { id }) }
}

/** As a configuration writes it. */
export function unpinned({ keys, threshold, id }: PinnedKeys): WrittenKeys {
  return {
    keys: keys.map(({ text, until }) => (until === undefined ? text : { key: text, until })),
    threshold,
    ...(id !== undefined && { id }),
  }
}

/** The part of a KeyObject that is read, so that the published declarations need no types of Node's. */
interface Sort {
  asymmetricKeyType?: string | undefined
  asymmetricKeyDetails?: { namedCurve?: string | undefined } | undefined
}

/** ed25519 and P-256: what every tool can make and no parameter can weaken. */
export function isTaken({ asymmetricKeyType, asymmetricKeyDetails }: Sort): boolean {
  return (
    asymmetricKeyType === 'ed25519' || (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1')
  )
}

/** The digest of a key that people compare, and by which a signature says whose it is. */
export function fingerprint(key: string): Digest {
  return digestOf(Buffer.from(key, 'base64'))
}

function pinnedKey(written: WrittenKey): PinnedKey {
  const { key, until } = typeof written === 'string' ? { key: written, until: undefined } : written
  const read = readKey(key)
  return { text: 'value' in read ? read.value : key, ...(until !== undefined && { until }) }
}

function parsed(text: string): KeyObject | undefined {
  const isPem = text.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')
  if (!isPem && !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return undefined
  try {
    return createPublicKey(isPem ? text : { key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
  } catch (e) {
    if (e instanceof Error) return undefined
    throw e
  }
}
