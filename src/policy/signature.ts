import { createPublicKey } from 'node:crypto'
import type { BundleWithDsseEnvelope } from '@sigstore/bundle'
import type { SignedEntity } from '@sigstore/verify'
import { type ErrorCode, fail } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import { fingerprint } from '../model/public-keys.js'
import { readStatement, type SignedThing, type Statement } from './statement.js'

/** A statement, and the trusted keys that signed it. */
export interface Signed {
  statement: Statement
  keys: readonly string[]
}

interface SignedAbout {
  /** The file of signatures, for messages. */
  source: string
  /** Trusted public keys, as `readKey` answers them. */
  keys: readonly string[]
  thing: SignedThing
}

/** More signatures than anybody collects. */
const most = 16

/** What trusted keys have signed, as the Sigstore bundles of a file have it: one bundle, or a list of them. No transparency log, certificate or clock
    takes part: a key that is pinned is the trust. Throws E_SIG_MISSING where there is no signature, E_SIG for one that does not fit its bytes or
    is no bundle, E_SIG_KEY where no trusted key has signed, E_SIG_SUBJECT where what they signed is something else. */
export async function signedIn(text: string | undefined, about: SignedAbout): Promise<Signed[]> {
  const tried = await Promise.all(bundlesIn(text, about).map((bundle, i) => tryKeys(bundle, i, about)))
  const byPayload = new Map<string, Set<string>>()
  for (const { payload, keys } of tried)
    if (keys.length > 0) byPayload.set(payload, new Set([...(byPayload.get(payload) ?? []), ...keys]))
  if (byPayload.size === 0) noneGood(tried, about)
  return [...byPayload].map(([payload, keys]) => ({
    statement: readStatement(Buffer.from(payload, 'base64').toString('utf8'), about.source, about.thing),
    keys: [...keys],
  }))
}

function bundlesIn(text: string | undefined, { source }: SignedAbout): unknown[] {
  const value = text?.trim() ? parseJson(text, source, { syntax: 'E_SIG', key: 'E_SIG' }) : []
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) fail('E_SIG_MISSING', `${source} ${text === undefined ? 'is not there' : 'has no signature'}`)
  if (list.length > most) fail('E_SIG', `${source} has ${list.length} signatures; haal reads ${most} at most`)
  return list
}

interface Tried {
  /** base64 */
  payload: string
  keys: readonly string[]
  failed?: ErrorCode
}

async function tryKeys(value: unknown, index: number, { source, keys }: SignedAbout): Promise<Tried> {
  const bundle = await bundleFrom(value, `${source} [${index}]`)
  const { verificationMaterial, content } = bundle
  const payload = content.dsseEnvelope.payload.toString('base64')
  if (verificationMaterial.content.$case !== 'publicKey') return { payload, keys: [], failed: 'E_SIG_KEY' }
  const { hint } = verificationMaterial.content.publicKey
  const { toSignedEntity, Verifier } = await import('@sigstore/verify')
  const entity: SignedEntity = {
    signature: toSignedEntity(withoutLogs(bundle)).signature,
    key: { $case: 'public-key', hint },
    tlogEntries: [],
    timestamps: [],
  }
  const good = keys.filter((key) => isGood(entity, key, Verifier))
  const isKnown = keys.some((key) => fingerprint(key) === `sha256-${hint}`)
  return { payload, keys: good, ...(good.length === 0 && { failed: isKnown ? 'E_SIG' : 'E_SIG_KEY' }) }
}

/** What a file of signatures says, whoever may have signed it: for those who sign the next one. */
export async function saidIn(
  text: string,
  { source, thing }: Omit<SignedAbout, 'keys'>,
): Promise<{ bundle: unknown; payload: string; hint: string; statement: Statement }[]> {
  return Promise.all(
    bundlesIn(text, { source, thing, keys: [] }).map(async (bundle, i) => {
      const { content, verificationMaterial } = await bundleFrom(bundle, `${source} [${i}]`)
      const payload = content.dsseEnvelope.payload.toString('utf8')
      const by = verificationMaterial.content
      const hint = by.$case === 'publicKey' ? by.publicKey.hint : ''
      return { bundle, payload, hint, statement: readStatement(payload, source, thing) }
    }),
  )
}

/** Only what a key alone can verify: a DSSE envelope. */
async function bundleFrom(value: unknown, source: string): Promise<BundleWithDsseEnvelope> {
  if (typeof value !== 'object' || value === null) return fail('E_SIG', `${source} is no Sigstore bundle`)
  const { bundleFromJSON, isBundleWithDsseEnvelope } = await import('@sigstore/bundle')
  try {
    const bundle = bundleFromJSON(value)
    if (isBundleWithDsseEnvelope(bundle)) return bundle
  } catch (cause) {
    return fail('E_SIG', `${source} is no Sigstore bundle: ${(cause as Error).message}`, { cause })
  }
  return fail('E_SIG', `${source} has no DSSE envelope`)
}

/** Entries of logs and time stamps prove nothing here, and may be hostile. */
function withoutLogs(bundle: BundleWithDsseEnvelope): BundleWithDsseEnvelope {
  const { verificationMaterial } = bundle
  return {
    ...bundle,
    verificationMaterial: { ...verificationMaterial, tlogEntries: [], timestampVerificationData: undefined },
  }
}

function isGood(entity: SignedEntity, key: string, Verifier: typeof import('@sigstore/verify').Verifier): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
  const trust = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey, validFor: () => true }),
  }
  try {
    new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(entity)
    return true
  } catch (e) {
    if ((e as { code?: string }).code === 'SIGNATURE_ERROR') return false
    throw e
  }
}

function noneGood(tried: readonly Tried[], { source }: SignedAbout): never {
  if (tried.some(({ failed }) => failed === 'E_SIG'))
    fail('E_SIG', `${source}: the signature does not fit what it signs`, {
      hint: 'it was damaged or changed on the way; ask the owner of the registry, and do not use it',
    })
  return fail('E_SIG_KEY', `${source}: none of the trusted keys has signed`, {
    hint: 'if the owner has a new key, it has to be pinned first: ask for its fingerprint in another way',
  })
}
