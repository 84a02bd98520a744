import type { ErrorCode } from '../model/errors.js'
import type { PinnedKey, PinnedKeys } from '../model/public-keys.js'
import type { SignedFacts } from './facts.js'

/** The keys that have not expired. */
export function valid(keys: readonly PinnedKey[], now: Date): string[] {
  const isOver = ({ until }: PinnedKey) => until !== undefined && new Date(until) <= now
  return keys.filter((key) => !isOver(key)).map(({ text }) => text)
}

/** What is missing of the signatures that are asked for; undefined where nothing is. */
export function lacking(
  { keys, threshold, id }: PinnedKeys,
  signed: SignedFacts | undefined,
): { code: ErrorCode; why: string } | undefined {
  if (!signed?.keys.length) return { code: 'E_SIG_MISSING', why: 'no good signature vouches for it' }
  const counting = valid(keys, signed.now)
  const good = new Set(signed.keys.filter((key) => counting.includes(key)))
  if (good.size === 0) return { code: 'E_SIG_KEY', why: 'its index is signed by no key that is pinned for it' }
  if (good.size < threshold) return { code: 'E_SIG_KEY', why: `its index has ${good.size} of ${threshold} signatures` }
  if (id !== undefined && signed.id !== id)
    return { code: 'E_SIG_SUBJECT', why: `what is signed is the index of "${signed.id ?? ''}", not of "${id}"` }
  return undefined
}
