import path from 'node:path'
import { defaults } from '../../model/manifest.js'
import { attempt } from '../../state/attempt.js'
import { readTrust, type Trust, trusting, writeTrust } from '../../state/trust.js'
import type { Ground } from '../project/ground.js'

type Person = Pick<Ground, 'ctx' | 'home'>

/** What a person has bound to origins, for all projects. */
export function trustOf(person: Person): Trust {
  return readTrust(person.ctx.disk, trustFile(person))
}

/** From now on the token in `variable` may go to `origin`; without one, the origin may be asked at all. One haal at a time, whatever project it works
    in: what another writes meanwhile would be lost. Throws E_BUSY. */
export async function recordTrust(
  { ctx, home, flags, command }: Person & Pick<Ground, 'flags' | 'command'>,
  { origin, variable }: { origin: string; variable?: string | undefined },
): Promise<void> {
  const person = { ctx, home }
  const around = { ...ctx, root: path.join(home.data, 'trust') }
  const { hold } = await import('../../state/mutex.js')
  const held = await hold(around, { wait: flags.wait ?? defaults.wait, command, what: trustFile(person) })
  try {
    writeTrust(ctx.disk, trustFile(person), trusting(trustOf(person), origin, variable))
  } finally {
    held.release()
    attempt(() => void ctx.disk.remove(around.root))
  }
}

export function trustFile({ home }: Person): string {
  return path.join(home.data, 'trust.json')
}
