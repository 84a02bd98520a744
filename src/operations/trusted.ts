import path from 'node:path'
import { readTrust, type Trust, trusting, writeTrust } from '../state/trust.js'
import type { Ground } from './ground.js'

type Person = Pick<Ground, 'ctx' | 'home'>

/** What a person has bound to origins, for all projects. */
export function trustOf(person: Person): Trust {
  return readTrust(person.ctx.disk, trustFile(person))
}

/** From now on the token in `variable` may go to `origin`; without one, the origin may be asked at all. */
export function recordTrust(person: Person, origin: string, variable?: string): void {
  writeTrust(person.ctx.disk, trustFile(person), trusting(trustOf(person), origin, variable))
}

export function trustFile({ home }: Person): string {
  return path.join(home.data, 'trust.json')
}
