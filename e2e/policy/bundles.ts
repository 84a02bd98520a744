import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { bundleToJSON } from '@sigstore/bundle'
import { DSSEBundleBuilder } from '@sigstore/sign'

/** Signatures made without haal: what its verifier is held against. */
export interface Pair {
  /** PKCS#8 PEM. */
  pem: string
  key: KeyObject
  /** base64 of the SPKI, as policies pin it. */
  publicKey: string
  /** SPKI PEM. */
  publicPem: string
}

export function pair(type: 'ed25519' | 'P-256' = 'ed25519', passphrase?: string): Pair {
  const { privateKey, publicKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  return {
    key: privateKey,
    pem: privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

export interface Said {
  subject?: string
  predicateType?: string
  registryId?: string
  version?: number
  issuedAt?: string
  expires?: string
  previousDigest?: string | null
}

const type = 'application/vnd.in-toto+json'

/** An in-toto statement over the bytes of an index. */
export function statement(index: string, said: Said = {}): string {
  const sha256 = createHash('sha256').update(index).digest('hex')
  const { subject = 'registry.json', predicateType = 'urn:haal:registry-index:1', ...more } = said
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: subject, digest: { sha256 } }],
    predicateType,
    predicate: {
      registryId: 'acme',
      version: 1,
      issuedAt: '2026-01-01T00:00:00Z',
      expires: '2126-01-01T00:00:00Z',
      previousDigest: null,
      ...more,
    },
  })
}

export interface Bundle {
  mediaType: string
  verificationMaterial: Record<string, unknown>
  dsseEnvelope: { payload: string; payloadType: string; signatures: { sig: string }[] }
}

/** A DSSE envelope in a Sigstore bundle, by hand (DSSE protocol.md, sigstore_bundle.proto). */
export function bundle(payload: string, { key, publicKey }: Pair): Bundle {
  const bytes = Buffer.from(payload)
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${bytes.length} `), bytes])
  const signature = sign(key.asymmetricKeyType === 'ec' ? 'sha256' : null, encoded, key)
  const hint = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('base64')
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint } },
    dsseEnvelope: {
      payload: bytes.toString('base64'),
      payloadType: type,
      signatures: [{ sig: signature.toString('base64') }],
    },
  }
}

/** The same by Sigstore's own library. */
export async function libraryBundle(payload: string, { key }: Pair): Promise<unknown> {
  const signer = {
    sign: async (data: Buffer) => ({
      signature: sign(key.asymmetricKeyType === 'ec' ? 'sha256' : null, data, key),
      key: { $case: 'publicKey' as const, publicKey: '', hint: 'another hint' },
    }),
  }
  return bundleToJSON(
    await new DSSEBundleBuilder({ signer, witnesses: [] }).create({ data: Buffer.from(payload), type }),
  )
}
