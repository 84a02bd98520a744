import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { bundleToJSON } from '@sigstore/bundle'
import { DSSEBundleBuilder } from '@sigstore/sign'
import { sha256Hex } from '../../src/model/digest.js'
import { bundleOf } from '../../src/policy/signing.js'
import { payloadType, printStatement, type SignedThing, type Statement } from '../../src/policy/statement.js'

export interface Pair {
  key: KeyObject
  publicKey: string
}

export function pair(type: 'ed25519' | 'P-256' = 'ed25519'): Pair {
  const { privateKey, publicKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { key: privateKey, publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') }
}

/** A statement about an index with these bytes, valid for a year. */
export function statement(index: string, more: Partial<Statement> = {}): Statement {
  return {
    subjects: [{ name: 'registry.json', sha256: sha256Hex(index) }],
    registryId: 'acme',
    version: 5,
    issuedAt: '2026-01-01T00:00:00.000Z',
    expires: '2027-01-01T00:00:00.000Z',
    previousDigest: null,
    ...more,
  }
}

export const signed = (about: Statement, by: Pair, thing: SignedThing = 'index') =>
  bundleOf(printStatement(about, thing), by) as Promise<Bundle>

/** As much of a bundle's JSON as tests change. */
export interface Bundle {
  mediaType: string
  verificationMaterial: Record<string, unknown>
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] }
}

/** The same, made by Sigstore's own library. */
export async function signedElsewhere(about: Statement, { key }: Pair, hint: string): Promise<unknown> {
  const signer = {
    sign: async (data: Buffer) => ({
      signature: sign(key.asymmetricKeyType === 'ec' ? 'sha256' : null, data, key),
      key: { $case: 'publicKey' as const, publicKey: '', hint },
    }),
  }
  const builder = new DSSEBundleBuilder({ signer, witnesses: [] })
  return bundleToJSON(await builder.create({ data: Buffer.from(printStatement(about, 'index')), type: payloadType }))
}
