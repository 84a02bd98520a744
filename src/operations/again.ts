import { type ErrorCode, HaalError } from '../model/errors.js'
import type { Ground, Opening } from './ground.js'
import { recordTrust } from './trusted.js'

/** What a registry may have by now, although its cached answer lacks it; bytes that a newer haal.lock names, and archives that took the place of others,
    too. */
const absent: ReadonlySet<ErrorCode> = new Set(['E_NOT_FOUND', 'E_NO_VERSION', 'E_REF', 'E_INTEGRITY', 'E_ACCESS'])

/** How to open a session once more after a command has failed before it wrote anything; undefined where that would not help. Nobody but the
    person at a terminal binds a token to an origin; what the cache does not know is asked for. */
export async function openedAnew(
  e: unknown,
  opening: Opening,
  { ground, mayBeOutdated }: { ground: Ground; mayBeOutdated: boolean },
): Promise<Opening | undefined> {
  if (!(e instanceof HaalError)) return undefined
  if (e.code === 'E_TOKEN_UNTRUSTED') return (await isTrusted(e, ground)) ? opening : undefined
  const helps = absent.has(e.code) && mayBeOutdated && !opening.flags.offline
  return helps ? { ...opening, news: true } : undefined
}

/** Asked once: the answer is written down. `--yes` is none. */
async function isTrusted({ details }: HaalError, ground: Ground): Promise<boolean> {
  const { ask } = ground.ctx
  const { origin, variable } = details
  if (ask === undefined || ground.flags.dryRun || typeof origin !== 'string' || typeof variable !== 'string')
    return false
  const message = `Let ${variable} be sent to ${origin}, from every project of yours?`
  if ((await ask({ kind: 'trust', origin, variable, message })) !== true) return false
  recordTrust(ground, origin, variable)
  return true
}
