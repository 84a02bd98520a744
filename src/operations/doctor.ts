import type { CommonFlags, Context } from '../model/context.js'
import { HaalError } from '../model/errors.js'
import type { Check, DoctorResult } from '../model/results.js'
import { counted } from '../model/text.js'
import { version } from '../model/version.js'
import { placesOf } from '../plan/diff.js'
import { gitVersion } from '../resolve/suppliers.js'
import { homeOf, rootOf } from './folders.js'
import { isModified } from './look.js'
import { registryPing } from './registries.js'
import { type Session, withSession } from './session.js'

/** Looks over everything haal depends on and says, of what is wrong, which command mends it. Changes nothing. */
export async function doctor(ctx: Context, { flags }: { flags: CommonFlags }): Promise<DoctorResult> {
  const checks = [runtime(ctx), await git(ctx), ...(await project(ctx, flags)), ...(await registries(ctx, flags))]
  return { ok: checks.every(({ ok }) => ok), checks }
}

/** Older ones are refused at start-up. */
function runtime({ node = 'unknown', platform }: Context): Check {
  return { name: 'haal', ok: true, says: `haal ${version} on Node.js ${node}, ${platform}` }
}

/** haal brings a git of its own; the system's is faster and knows ssh. */
async function git(ctx: Context): Promise<Check> {
  const found = await gitVersion(ctx)
  return { name: 'git', ok: true, says: found ?? 'not installed: haal uses its own, slower and without ssh' }
}

/** What has to be read before anything else can be said; the first failure is the answer. */
async function project(ctx: Context, flags: CommonFlags): Promise<Check[]> {
  const home = homeOf(ctx)
  const root = rootOf(ctx, flags)
  try {
    return await withSession(ctx, { command: 'doctor', flags, reads: true }, async (session) => [
      { name: 'project', ok: true, says: root },
      folder(ctx, 'home', home.data),
      folder(ctx, 'cache', session.suppliers.cache.info().folder),
      store(session),
      policy(session),
      installed(session),
    ])
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
    return [
      { name: 'project', ok: false, says: `${root}: ${e.message}`, ...(e.hint !== undefined && { mend: e.hint }) },
    ]
  }
}

function folder({ disk }: Context, name: string, at: string): Check {
  const type = disk.stat(at)?.type
  const ok = type === undefined || type === 'folder' || type === 'link'
  return {
    name,
    ok,
    says: type === undefined ? `${at} (not made yet)` : at,
    ...(!ok && { mend: `move it away: ${at} is a file` }),
  }
}

/** Every entry is opened, which drops what is damaged: the next command fetches it again. */
function store({ store: entries }: Session): Check {
  const all = entries.list()
  const damaged = all.filter((integrity) => {
    try {
      return entries.open(integrity).files.length === 0
    } catch (e) {
      if (e instanceof HaalError && e.code === 'E_CACHE') return true
      throw e
    }
  })
  const says = `${counted(all.length, 'artifact')}${damaged.length > 0 ? `, ${damaged.length} damaged` : ''}`
  return {
    name: 'store',
    ok: damaged.length === 0,
    says,
    ...(damaged.length > 0 && { mend: 'haal install --refresh' }),
  }
}

function policy({ policy: { sources } }: Session): Check {
  return { name: 'policy', ok: true, says: sources.map(({ from }) => from).join(', ') || 'none' }
}

function installed(session: Session): Check {
  const { lock, hasLock } = session
  if (!hasLock) return { name: 'installed', ok: true, says: 'nothing yet' }
  const edited = placesOf(lock)
    .filter((place) => isModified(session, place))
    .map(({ at }) => at)
  const count = counted(Object.keys(lock.artifacts).length, 'artifact')
  if (edited.length === 0) return { name: 'installed', ok: true, says: count }
  const some = `${edited.slice(0, 3).join(', ')}${edited.length > 3 ? ', …' : ''}`
  return { name: 'installed', ok: false, says: `${count}; edited: ${some}`, mend: 'haal diff' }
}

async function registries(ctx: Context, flags: CommonFlags): Promise<Check[]> {
  if (flags.offline) return []
  try {
    const { registries: all } = await registryPing(ctx, { names: [], flags })
    return all.map(({ name, ok, says }) => ({
      name: `registry ${name}`,
      ok,
      says,
      ...(!ok && { mend: `haal registry ping ${name}` }),
    }))
  } catch (e) {
    if (e instanceof HaalError) return []
    throw e
  }
}
