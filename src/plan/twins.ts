import { fail } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import { twinKey } from '../model/names.js'

/** Two names that are one on a Mac or on Windows would lie in one place there. Throws E_PATH_COLLISION. */
export function refuseTwins(refs: readonly Ref[]): void {
  const spelled = new Map<string, Ref>()
  for (const ref of refs) {
    const other = spelled.get(twinKey(ref))
    if (other !== undefined)
      fail('E_PATH_COLLISION', `${[other, ref].sort().join(' and ')} are one name on some platforms`, {
        hint: 'install one of them',
      })
    spelled.set(twinKey(ref), ref)
  }
}
