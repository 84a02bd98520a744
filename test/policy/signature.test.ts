import { describe, expect, test } from 'vitest'
import type { SeenSigned } from '../../src/model/policy.js'
import { checkFresh, checkSubjects, signedDigest } from '../../src/policy/fresh.js'
import { signedIn } from '../../src/policy/signature.js'
import type { SignedThing, Statement } from '../../src/policy/statement.js'
import { laterCodeOf } from '../failing.js'
import { type Bundle, pair, signed, signedElsewhere, statement } from './signer.js'

const index = '{"version":"1"}'
const ada = pair()
const bob = pair('P-256')
const eve = pair()

const read = (text: string | undefined, keys = [ada.publicKey, bob.publicKey], thing: SignedThing = 'index') =>
  signedIn(text, { source: 'registry.json.sigstore.json', keys, thing })

describe('[S12] what trusted keys have signed is read', () => {
  test.each([
    ['ed25519', ada],
    ['P-256', bob],
  ])('%s', async (_type, by) => {
    const [one, ...others] = await read(JSON.stringify(await signed(statement(index), by)))
    expect(one).toEqual({ statement: statement(index), keys: [by.publicKey] })
    expect(others).toEqual([])
  })

  test.each([
    ['ed25519', ada, 'any hint'],
    ['P-256', bob, ''],
  ])('%s, in a bundle that the library of Sigstore made', async (_type, by, hint) => {
    const found = await read(JSON.stringify(await signedElsewhere(statement(index), by, hint)))
    expect(found).toEqual([{ statement: statement(index), keys: [by.publicKey] }])
  })

  test('two keys over one statement count together, over two they do not', async () => {
    const about = statement(index)
    const both = await read(JSON.stringify([await signed(about, ada), await signed(about, bob)]))
    expect(both.map(({ keys }) => keys)).toEqual([[ada.publicKey, bob.publicKey]])
    const apart = await read(JSON.stringify([await signed(about, ada), await signed({ ...about, version: 6 }, bob)]))
    expect(apart.map(({ keys, statement: { version } }) => [version, keys])).toEqual([
      [5, [ada.publicKey]],
      [6, [bob.publicKey]],
    ])
  })

  test('a signature of a key nobody knows beside a good one takes nothing away', async () => {
    const about = statement(index)
    const found = await read(JSON.stringify([await signed(about, eve), await signed(about, ada)]))
    expect(found.map(({ keys }) => keys)).toEqual([[ada.publicKey]])
  })
})

describe('[S12] nothing that says it is signed is believed without the signature', () => {
  test.each<[string, string | undefined]>([
    ['no file', undefined],
    ['an empty one', ''],
    ['blank', ' \n'],
    ['an empty list', '[]'],
  ])('%s (hostile S01)', async (_says, text) => {
    expect(await laterCodeOf(read(text))).toBe('E_SIG_MISSING')
  })

  test.each<[string, string]>([
    ['a web page', '<!doctype html>'],
    ['an object that is no bundle', '{}'],
    ['null', 'null'],
    ['a key twice', '{"mediaType":"a","mediaType":"b"}'],
    ['more signatures than anybody collects', JSON.stringify(Array.from({ length: 17 }, () => ({})))],
  ])('%s', async (_says, text) => {
    expect(await laterCodeOf(read(text))).toBe('E_SIG')
  })

  test('what is no bundle at all is said in haal’s own words', async () => {
    for (const text of ['null', '[null]', '5', '"x"'])
      await expect(read(text)).rejects.toThrow(/is no Sigstore bundle$/)
  })

  type Envelope = Bundle['dsseEnvelope']
  const flips: [string, (envelope: Envelope) => Partial<Envelope>][] = [
    ['the payload', ({ payload }) => ({ payload: flipped(payload) })],
    ['the signature', ({ signatures: [one] }) => ({ signatures: [{ sig: flipped(one?.sig ?? '') }] })],
    ['the type', ({ payloadType }) => ({ payloadType: `${payloadType}x` })],
    ['another statement', () => ({ payload: base64('{"_type":"x"}') })],
    ['no type', () => ({ payloadType: '' })],
  ]
  test.each(flips)('%s changed (hostile S02)', async (_says, change) => {
    for (const by of [ada, bob]) {
      const { dsseEnvelope, ...rest } = await signed(statement(index), by)
      const changed = { ...rest, dsseEnvelope: { ...dsseEnvelope, ...change(dsseEnvelope) } }
      expect(await laterCodeOf(read(JSON.stringify(changed)))).toBe('E_SIG')
    }
  })

  test('any bit of the payload or the signature (hostile S02)', async () => {
    const bundle = await signed(statement(index), ada)
    const { payload, signatures } = bundle.dsseEnvelope
    const length = Buffer.from(payload, 'base64').length
    for (let at = 0; at < length; at += 17) {
      const changed = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload: flipped(payload, at) } }
      expect(await laterCodeOf(read(JSON.stringify(changed))), `byte ${at}`).toBe('E_SIG')
    }
    for (let at = 0; at < 64; at += 1) {
      const sig = flipped(signatures[0]?.sig ?? '', at)
      const changed = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, signatures: [{ sig }] } }
      expect(await laterCodeOf(read(JSON.stringify(changed))), `byte ${at}`).toBe('E_SIG')
    }
  })

  test('two signatures in one envelope are no Sigstore bundle', async () => {
    const bundle = await signed(statement(index), ada)
    const [one] = bundle.dsseEnvelope.signatures
    bundle.dsseEnvelope.signatures.push({ sig: one?.sig ?? '' })
    expect(await laterCodeOf(read(JSON.stringify(bundle)))).toBe('E_SIG')
  })

  test('an unknown key, a key of another registry, a key that is no longer trusted (hostile S03)', async () => {
    const text = JSON.stringify(await signed(statement(index), eve))
    expect(await laterCodeOf(read(text))).toBe('E_SIG_KEY')
    expect(await laterCodeOf(read(JSON.stringify(await signed(statement(index), ada)), [bob.publicKey]))).toBe(
      'E_SIG_KEY',
    )
    expect(await laterCodeOf(read(JSON.stringify(await signed(statement(index), ada)), []))).toBe('E_SIG_KEY')
  })

  test('the hint of a trusted key over a signature of another (hostile S03)', async () => {
    const bundle = await signed(statement(index), eve)
    const { verificationMaterial } = await signed(statement(index), ada)
    expect(await laterCodeOf(read(JSON.stringify({ ...bundle, verificationMaterial })))).toBe('E_SIG')
  })

  test('a certificate in the place of a key (hostile S03)', async () => {
    const bundle = await signed(statement(index), ada)
    const verificationMaterial = { certificate: { rawBytes: base64('x') }, tlogEntries: [] }
    expect(await laterCodeOf(read(JSON.stringify({ ...bundle, verificationMaterial })))).toBe('E_SIG_KEY')
  })

  test('a statement about something else, though a trusted key has signed it (hostile S04)', async () => {
    const policyText = JSON.stringify(await signed(statement(index), ada, 'policy'))
    expect(await laterCodeOf(read(policyText))).toBe('E_SIG_SUBJECT')
    expect(await laterCodeOf(read(policyText, undefined, 'policy'))).toBe('passes')
    const odd = { ...statement(index), version: 0 }
    expect(await laterCodeOf(read(JSON.stringify(await signed(odd, ada))))).toBe('E_SIG_SUBJECT')
  })

  test('entries of a log that nobody can check are passed over', async () => {
    const bundle = await signed(statement(index), ada)
    const verificationMaterial = {
      ...bundle.verificationMaterial,
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: base64('x') }] },
    }
    expect(await laterCodeOf(read(JSON.stringify({ ...bundle, verificationMaterial })))).toBe('passes')
  })
})

describe('[S12] the bytes must be those that were signed (hostile S04)', () => {
  const rows: [string, Partial<Statement>, Record<string, string>, string][] = [
    ['the same', {}, { 'registry.json': index }, 'passes'],
    ['another byte', {}, { 'registry.json': `${index} ` }, 'E_SIG_SUBJECT'],
    ['no bytes', {}, {}, 'E_SIG_SUBJECT'],
    [
      'the same under another name',
      { subjects: [{ name: 'other.json', sha256: statement(index).subjects[0]?.sha256 ?? '' }] },
      { 'registry.json': index, 'other.json': index },
      'E_SIG_SUBJECT',
    ],
    [
      'a second file that is missing',
      { subjects: [...statement(index).subjects, { name: 'haal.index.json', sha256: '0'.repeat(64) }] },
      { 'registry.json': index },
      'E_SIG_SUBJECT',
    ],
  ]
  test.each(rows)('%s', async (_says, more, there, code) => {
    const files = new Map(Object.entries(there).map(([name, text]) => [name, Buffer.from(text)]))
    const check = () => checkSubjects(statement(index, more), { source: 's', main: 'registry.json', files })
    expect(await laterCodeOf(check)).toBe(code)
  })
})

describe('[S12] time and versions go forward only (hostile S05)', () => {
  const now = new Date('2026-06-01T00:00:00Z')
  const digest = signedDigest(statement(index))
  const seen: SeenSigned = { id: 'acme', version: 5, digest }
  const two = (second: string) => ({
    subjects: [...statement(index).subjects, { name: 'haal.index.json', sha256: second.repeat(64) }],
  })
  const seenTwo = { ...seen, digest: signedDigest(two('a')) }
  const rows: [string, Partial<Statement>, SeenSigned | undefined, string][] = [
    ['never seen before', {}, undefined, 'passes'],
    ['the same as last time', {}, seen, 'passes'],
    ['the next one', { version: 6, previousDigest: digest }, seen, 'passes'],
    ['the next one, which does not say what was before', { version: 6 }, seen, 'passes'],
    ['one after some that were not seen', { version: 9, previousDigest: signedDigest(statement('x')) }, seen, 'passes'],
    ['an older one', { version: 4 }, seen, 'E_INDEX_ROLLBACK'],
    ['other bytes under one version', {}, { ...seen, digest: signedDigest(statement('x')) }, 'E_INDEX_ROLLBACK'],
    ['the same two files', two('a'), seenTwo, 'passes'],
    ['another second file under one version', two('b'), seenTwo, 'E_INDEX_ROLLBACK'],
    ['a second file under one version', two('a'), seen, 'E_INDEX_ROLLBACK'],
    [
      'a next one that was made from another state',
      { version: 6, previousDigest: signedDigest(statement('x')) },
      seen,
      'E_INDEX_ROLLBACK',
    ],
    ['another registry', { version: 6, registryId: 'other' }, seen, 'E_SIG_SUBJECT'],
    ['expired', { expires: '2026-05-31T00:00:00Z' }, undefined, 'E_INDEX_EXPIRED'],
    ['expired at this very moment', { expires: '2026-06-01T00:00:00Z' }, undefined, 'E_INDEX_EXPIRED'],
  ]
  test.each(rows)('%s', async (_says, more, before, code) => {
    expect(await laterCodeOf(() => checkFresh(statement(index, more), { source: 's', now, seen: before }))).toBe(code)
  })
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function flipped(text: string, at = 3): string {
  const bytes = Buffer.from(text, 'base64')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes.toString('base64')
}
