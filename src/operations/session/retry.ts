import { type ErrorCode, exits, HaalError, unanswered } from '../../model/errors.js'
import type { Suppliers } from '../../resolve/suppliers.js'
import type { Ground, Opening } from '../project/ground.js'
import { recordTrust } from './trusted-origins.js'

/** Failures that may be due to an old answer in the cache: what it lacks may be there by now, and what is wrong in it may be put right. So may
    everything of exit 6. */
const mayBeOld: ReadonlySet<ErrorCode> = new Set([
  ...(['E_NOT_FOUND', 'E_NO_VERSION', 'E_REF', 'E_ACCESS', 'E_ENTRY_MISSING'] as const),
  ...(['E_VERSION', 'E_CONFIG', 'E_CONFIG_PARSE', 'E_POLICY_LOAD', 'E_POLICY_SCHEMA'] as const),
])

/** How to open a session once more after a command has failed before it wrote anything; undefined where that would not help. Nobody but the
    person at a terminal binds a token to an origin; what the cache does not know is asked for. */
export async function openedAnew(e: unknown, opening: Opening, tried: Tried): Promise<Opening | undefined> {
  if (!(e instanceof HaalError)) return undefined
  return (await onceMore(e, opening, tried)) ?? withOthersAsLocked(e, opening, tried)
}

interface Tried {
  ground: Ground
  suppliers: Suppliers
  /** The primary, where it has answered. */
  answered: string | undefined
}

async function onceMore(e: HaalError, opening: Opening, { ground, suppliers }: Tried): Promise<Opening | undefined> {
  if (e.code === 'E_TOKEN_UNTRUSTED') return (await isTrusted(e, ground)) ? opening : undefined
  if (e.code === 'E_CACHE') return withoutDamaged(e, opening)
  const { flags, news } = opening
  if (flags.offline || flags.refresh) return undefined
  // Other bytes than the index or haal.lock promise: what is cached is not what they speak of, however long it was to serve.
  if (e.code === 'E_INTEGRITY' && suppliers.wasSpared()) return { ...opening, flags: { ...flags, refresh: true } }
  const isWorthAsking = e.exit === exits.integrity || mayBeOld.has(e.code)
  return isWorthAsking && !news && suppliers.mayBeOutdated() ? { ...opening, news: true } : undefined
}

/** uninstall, pin and unpin do not need all the rest to be resolved: that stays as locked. What policy refuses stays refused. */
function withOthersAsLocked(e: HaalError, opening: Opening, { answered }: Tried): Opening | undefined {
  const isAboutOne = ['uninstall', 'pin', 'unpin'].includes(opening.command)
  return isAboutOne && opening.unresolved === undefined && isUnresolved(e)
    ? { ...opening, unresolved: e, answered }
    : undefined
}

function isUnresolved({ code, exit }: HaalError): boolean {
  return unresolvedCodes.has(code) || exit === exits.registry || exit === exits.integrity
}

const unresolvedCodes: ReadonlySet<ErrorCode> = new Set([
  ...(['E_NOT_FOUND', 'E_NO_VERSION', 'E_NO_ROUTE', 'E_NO_REGISTRY', 'E_ENTRY_MISSING', 'E_NEEDS', 'E_REF'] as const),
  ...(['E_AMBIGUOUS', 'E_PINNED', 'E_TOKEN_UNSET', 'E_TOKEN_UNTRUSTED', 'E_LOCK_SOURCE'] as const),
])

/** Whether a failure still holds after another attempt: what is wrong with bytes or with a policy is not put right by a registry that says nothing. */
export function outlasts(first: unknown, later: unknown): boolean {
  if (!(first instanceof HaalError) || !(later instanceof HaalError)) return false
  const isWrong = first.exit === exits.policy || first.exit === exits.integrity
  return isWrong && unanswered.some((code) => code === later.code)
}

/** What turned out to be damaged in the store was dropped there: it comes from elsewhere now. Each entry once. */
function withoutDamaged({ details: { integrity } }: HaalError, opening: Opening): Opening | undefined {
  const { damaged = [] } = opening
  if (typeof integrity !== 'string' || damaged.includes(integrity)) return undefined
  return { ...opening, damaged: [...damaged, integrity] }
}

/** Asked once: the answer is written down. `--yes` is none. */
async function isTrusted({ details }: HaalError, ground: Ground): Promise<boolean> {
  const { ask } = ground.ctx
  const { origin, variable } = details
  if (ask === undefined || ground.flags.dryRun || typeof origin !== 'string' || typeof variable !== 'string')
    return false
  const message = `Let ${variable} be sent to ${origin}, from every project of yours?`
  if ((await ask({ kind: 'trust', origin, variable, message })) !== true) return false
  await recordTrust(ground, { origin, variable })
  return true
}
