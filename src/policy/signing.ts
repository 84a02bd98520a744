import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { fail } from '../model/errors.js'
import { fingerprint, isTaken } from '../model/public-keys.js'
import { payloadType } from './statement.js'

/** Signs a statement: a Sigstore bundle, as JSON, with a DSSE envelope and the fingerprint of the key. */
export async function bundleOf(
  payload: string,
  { key, publicKey }: { key: KeyObject; publicKey: string },
): Promise<unknown> {
  const { bundleToJSON, toDSSEBundle } = await import('@sigstore/bundle')
  const artifact = Buffer.from(payload)
  const signature = sign(key.asymmetricKeyType === 'ec' ? 'sha256' : null, encoded(artifact), key)
  const keyHint = fingerprint(publicKey).slice('sha256-'.length)
  return bundleToJSON(toDSSEBundle({ artifact, artifactType: payloadType, signature, keyHint }))
}

/** What a DSSE signature is over (github.com/secure-systems-lab/dsse, protocol.md). */
function encoded(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload])
}

export function isEncrypted(pem: string): boolean {
  return pem.includes('BEGIN ENCRYPTED PRIVATE KEY')
}

/** Reads a private key, PKCS#8 PEM: ed25519 or P-256. Throws E_USAGE, without a word of what the file holds. */
export function privateKey(pem: string, { file, passphrase }: { file: string; passphrase: string | undefined }) {
  const key = opened(pem, { file, passphrase })
  if (!isTaken(key))
    fail('E_USAGE', `${file} is neither an ed25519 nor a P-256 key`, { hint: 'make one: haal registry keygen <file>' })
  return { key, publicKey: publicText(createPublicKey(key)) }
}

function opened(pem: string, { file, passphrase }: { file: string; passphrase: string | undefined }): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase !== undefined && { passphrase }) })
  } catch {
    if (isEncrypted(pem))
      return fail('E_USAGE', `${file}: the passphrase does not open it`, {
        hint: 'give the passphrase of the key in HAAL_KEY_PASSPHRASE',
      })
    return fail('E_USAGE', `${file} is no private key in PKCS#8 PEM`, { hint: 'make one: haal registry keygen <file>' })
  }
}

/** A new pair: the private half as PKCS#8 PEM, encrypted where there is a passphrase. */
export function newPair(passphrase: string | undefined): { pem: string; publicKey: string } {
  const pair = generateKeyPairSync('ed25519')
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString()
  return { pem, publicKey: publicText(pair.publicKey) }
}

function publicText(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}
