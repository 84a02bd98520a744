import type { CommonFlags, Context } from '../model/context.js'
import { fail, onError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import { lockedRefs } from '../model/lock.js'
import { defaults } from '../model/manifest.js'
import { byCodeUnit } from '../model/names.js'
import type { Problem, VerifyResult } from '../model/results.js'
import { needsMending } from '../state/transaction/leftovers.js'
import { installedAs } from './gather/find-installed.js'
import { lackingRequired } from './judge/judge-plan.js'
import { isBehind } from './places/past-places.js'
import { problemsIn } from './places/problems.js'
import { strangersIn } from './places/strangers.js'
import { groundOf } from './project/ground.js'
import { holdAndMend } from './project/recovery.js'
import { type Session, withSession } from './session/session.js'

interface Asked {
  requests: readonly string[]
  flags: CommonFlags
}

/** Compares every byte that haal installed with haal.lock. Finds added, changed and missing files, artifacts that policy requires and the lock
    lacks, and artifacts in `.haal/` that are in no lockfile. What does not hold may be half of what another command is doing: it is looked at
    again when that one is done. Throws E_NO_LOCK. */
export async function verify(ctx: Context, asked: Asked): Promise<VerifyResult> {
  const found = await compared(ctx, asked)
  if (found.ok) return found
  await otherIsDone(ctx, asked.flags)
  return compared(ctx, asked)
}

/** Where nothing can be written nobody can be waited for. */
async function otherIsDone(ctx: Context, flags: CommonFlags): Promise<void> {
  const { site } = groundOf(ctx, { command: 'verify', flags })
  if (!needsMending(site)) return
  await onError(
    ['E_DISK', 'E_BUSY'],
    async () => (await holdAndMend(site, { wait: flags.wait ?? defaults.wait, command: 'verify' })).release(),
    () => undefined,
  )
}

async function compared(ctx: Context, { requests, flags }: Asked): Promise<VerifyResult> {
  return withSession(ctx, { command: 'verify', flags, reads: true }, async (session) => {
    if (!session.hasLock)
      fail('E_NO_LOCK', 'there is no haal.lock to verify against', { hint: 'install something: haal install' })
    const named = new Set(requests.flatMap((text) => installedAs(text, session)))
    const chosen = (ref: Ref) => requests.length === 0 || named.has(ref)
    const problems = [
      ...(await problemsIn(session, chosen)),
      ...(requests.length === 0 ? [...strangersIn(session.site, session.lock), ...lacking(session)] : []),
    ].sort((a, b) => byCodeUnit(a.artifact, b.artifact) || byCodeUnit(a.path, b.path))
    const checked = lockedRefs(session.lock).filter(chosen).length
    const behind = problems.length > 0 && (await isBehind(session))
    return { ok: problems.length === 0, checked, problems, ...(behind && { behind }) }
  })
}

/** Policy requires it and the lock lacks it. */
function lacking(session: Session): Problem[] {
  return lackingRequired(session).map((artifact): Problem => ({ artifact, path: 'haal.lock', problem: 'missing' }))
}
