import * as v from 'valibot'
import { decode } from '../model/decode.js'
import { type Digest, isDigest } from '../model/digest.js'
import { parseJson } from '../model/json.js'

/** What a signature is over: an in-toto statement, version 1 (github.com/in-toto/attestation, spec/v1/statement.md), in a DSSE envelope. */
export const payloadType = 'application/vnd.in-toto+json'
const statementType = 'https://in-toto.io/Statement/v1'

const predicateTypes = { index: 'urn:haal:registry-index:1', policy: 'urn:haal:policy:1' } as const

export type SignedThing = keyof typeof predicateTypes

/** What the owner of a registry, or of a policy, says when signing. */
export interface Statement {
  /** The file that is signed comes first; what it does not cover by itself follows. `sha256` in hex. */
  subjects: readonly { name: string; sha256: string }[]
  registryId: string
  /** Rises by one each time something is signed. */
  version: number
  /** ISO 8601, UTC. */
  issuedAt: string
  expires: string
  /** The digest of the file that was signed before; null for the first one. */
  previousDigest: Digest | null
}

const text = v.pipe(v.string(), v.minLength(1, 'is empty'), v.maxLength(500, 'is too long'))
const date = v.pipe(
  text,
  v.check((written) => /^\d{4}-\d{2}-\d{2}T/.test(written) && !Number.isNaN(Date.parse(written)), 'is no date'),
)
const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex'))

const schema = v.looseObject({
  _type: v.literal(statementType),
  subject: v.pipe(
    v.array(v.looseObject({ name: text, digest: v.looseObject({ sha256: hex }) })),
    v.minLength(1, 'is empty'),
    v.maxLength(32, 'names too many files'),
  ),
  predicateType: v.string(),
  predicate: v.looseObject({
    registryId: text,
    version: v.pipe(v.number(), v.integer('is not a whole number'), v.minValue(1, 'is less than 1')),
    issuedAt: date,
    expires: date,
    previousDigest: v.nullish(v.custom<Digest>(isDigest, 'is not a digest')),
  }),
})

/** Reads what trusted keys have signed. Throws E_SIG_SUBJECT where it is no statement about such a thing. */
export function readStatement(payload: string, source: string, thing: SignedThing): Statement {
  const value = parseJson(payload, source, { syntax: 'E_SIG_SUBJECT', key: 'E_SIG_SUBJECT' })
  const about = v.looseObject({ ...schema.entries, predicateType: v.literal(predicateTypes[thing]) })
  const { subject, predicate } = decode(about, value, source, 'E_SIG_SUBJECT')
  const { registryId, version, issuedAt, expires, previousDigest } = predicate
  return {
    subjects: subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 })),
    registryId,
    version,
    issuedAt,
    expires,
    previousDigest: previousDigest ?? null,
  }
}

/** The bytes that get signed. */
export function printStatement({ subjects, ...predicate }: Statement, thing: SignedThing): string {
  return JSON.stringify({
    _type: statementType,
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: predicateTypes[thing],
    predicate,
  })
}
