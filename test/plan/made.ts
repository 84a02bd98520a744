import type { Digest } from '../../src/model/digest.js'
import type { Ref } from '../../src/model/kinds.js'
import { emptyLock, type Lock, type Locked } from '../../src/model/lock.js'

export const digest = (letter: string): Digest => `sha256-${letter.repeat(43)}=`

export function locked(letter: string, more: Partial<Locked> = {}): Locked {
  return {
    version: '1.0.0',
    registry: 'acme',
    path: 'skills/a',
    integrity: digest(letter),
    requestedBy: ['haal.json'],
    ...more,
  }
}

export function lock(artifacts: Record<Ref, Locked>): Lock {
  return { ...emptyLock, registries: { acme: { type: 'file', location: '../acme' } }, artifacts }
}
