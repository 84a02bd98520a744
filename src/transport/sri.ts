import { fail } from '../model/errors.js'
import type { Reach } from '../model/transport.js'

/** A subresource integrity (W3C SRI): the digests of the strongest algorithm it has; bytes must have one of them. */
export interface Sri {
  algorithm: 'sha512' | 'sha384' | 'sha256' | 'sha1'
  digests: readonly string[]
}

const strongestFirst = ['sha512', 'sha384', 'sha256', 'sha1'] as const
const lengths = { sha512: 88, sha384: 64, sha256: 44, sha1: 28 } as const

/** undefined where the text holds no digest that haal can check. SHA-1 only stands where nothing better does, as old npm packages have it. */
export function readSri(text: string): Sri | undefined {
  const hashes = text
    .trim()
    .split(/\s+/)
    .map((hash) => /^(sha\d+)-([A-Za-z0-9+/]+=*)(\?.*)?$/.exec(hash))
  for (const algorithm of strongestFirst) {
    const digests = hashes.flatMap((hash) =>
      hash?.[1] === algorithm && hash[2]?.length === lengths[algorithm] ? [hash[2]] : [],
    )
    if (digests.length > 0) return { algorithm, digests }
  }
  return undefined
}

/** Throws E_INDEX: what an index gives as the digest of an archive is none. */
export function noDigest(text: string, archive: string, { registry }: Reach): never {
  const given = `the archiveIntegrity ${JSON.stringify(text.slice(0, 100))}, which is no digest`
  return fail('E_INDEX', `registry "${registry.name}" has for ${archive} ${given}`, {
    hint: 'nothing was written; its author has to write it as sha512-… or sha256-… in base64',
  })
}

/** Throws E_INTEGRITY with what was expected and what came. */
export function checkSri({ algorithm, digests }: Sri, digest: string, what: string): void {
  if (digests.includes(digest)) return
  fail('E_INTEGRITY', `${what} is not what its integrity says`, {
    hint: 'somebody changed it, or the index is wrong: ask whoever runs the registry',
    details: { expected: digests.map((each) => `${algorithm}-${each}`).join(' '), actual: `${algorithm}-${digest}` },
  })
}
