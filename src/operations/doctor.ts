import path from 'node:path'
import type { CommonFlags, Context } from '../model/context.js'
import type { Disk } from '../model/disk.js'
import { HaalError } from '../model/errors.js'
import { version } from '../model/haal-version.js'
import { kinds } from '../model/kinds.js'
import { addOne } from '../model/registry.js'
import { isPattern, printRequest } from '../model/request.js'
import type { Check, DoctorResult, Problem } from '../model/results.js'
import type { Site } from '../model/site.js'
import { soundIn } from '../model/store.js'
import { counted, inShell, some } from '../model/text.js'
import { type Want, wantsOf } from '../plan/desire.js'
import { gitVersion } from '../resolve/suppliers.js'
import { checkPlaces, checkState } from '../state/no-links.js'
import { strangeTools } from '../targets/detect.js'
import { lackingIn } from './gather/asked-for.js'
import { manifestDifferences } from './gather/manifest-differences.js'
import { mendHint } from './places/mend-hint.js'
import { isBehind } from './places/past-places.js'
import { problemsIn } from './places/problems.js'
import { strangersIn } from './places/strangers.js'
import { refusalsHere } from './policy.js'
import { haalHome, moveHome, rootOf } from './project/folders.js'
import { checkSources, demandManifest } from './project/lock-sources.js'
import { registryPing } from './registries.js'
import { type Session, withSession } from './session/session.js'
import { toolsHere } from './targets.js'

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

/** What has to be read before anything else can be said; the first failure is the answer. What is odd about the configuration is a warning, as
    elsewhere. */
async function project(ctx: Context, flags: CommonFlags): Promise<Check[]> {
  const root = rootOf(ctx, flags)
  const trouble = inTheWay({ root, disk: ctx.disk }) ?? unwritable(ctx, stateFolders(root))
  const own: Check = { name: 'project', ok: true, says: root, ...trouble }
  const home = folder(ctx, 'home', haalHome(ctx).data)
  try {
    return await withSession(ctx, { command: 'doctor', flags, reads: true }, async (session) => {
      for (const note of session.notes) ctx.emit({ type: 'warning', note })
      return [
        own,
        home,
        folder(ctx, 'cache', session.suppliers.cache.info().folder),
        store(session),
        await policy(session),
        toolsOf(session),
        asked(session),
        await installed(session),
      ]
    })
  } catch (e) {
    if (!(e instanceof HaalError)) throw e
    return [own, home, failed(e)]
  }
}

const about: readonly [prefix: string, name: string][] = [
  ['E_POLICY', 'policy'],
  ['E_LOCK', 'haal.lock'],
  ['E_STATE', 'state'],
  ['E_RECOVERY', 'state'],
]

function failed(e: HaalError): Check {
  const name = about.find(([prefix]) => e.code.startsWith(prefix))?.[1] ?? 'configuration'
  return { name, ...troubleOf(e) }
}

function folder(ctx: Context, name: string, at: string): Check {
  const type = ctx.disk.stat(at)?.type
  const ok = type === undefined || type === 'folder' || type === 'link'
  const refused = ok ? unwritable(ctx, [at]) : undefined
  return {
    name,
    ok,
    says: type === undefined ? `${at} (not made yet)` : at,
    ...(ok ? refused && { ...refused, mend: moveHome } : { mend: `${at} is in the way of a folder; move it away` }),
  }
}

/** A file or a link where haal would keep something of its own. */
function inTheWay(site: Pick<Site, 'root' | 'disk'>): Trouble | undefined {
  try {
    checkState(site)
    checkPlaces(
      site,
      Object.values(kinds).flatMap(({ folder }) => (folder === null ? [] : path.join(site.root, '.haal', folder, 'x'))),
    )
    return undefined
  } catch (e) {
    return troubleOf(e)
  }
}

/** All that a command writes into in a project: any of them may belong to somebody else, who once ran haal here. */
function stateFolders(root: string): string[] {
  return [root, path.join(root, '.haal'), path.join(root, '.haal', '.state')]
}

type Trouble = Pick<Check, 'ok' | 'says' | 'mend'>

function troubleOf(e: unknown, lead = ''): Trouble {
  if (!(e instanceof HaalError)) throw e
  return { ok: false, says: `${lead}${e.message}`, ...(e.hint !== undefined && { mend: e.hint }) }
}

/** The first folder in which nothing can be made. One that is not there yet is as its parent is. */
function unwritable({ disk }: Context, folders: readonly string[]): Trouble | undefined {
  for (const folder of folders.map((each) => existing(disk, each)))
    try {
      disk.probe(folder)
    } catch (e) {
      return troubleOf(e, 'nothing can be written to ')
    }
  return undefined
}

function existing(disk: Disk, folder: string): string {
  const above = path.dirname(folder)
  const real = disk.real(folder)
  const isFolder = real !== undefined && disk.stat(real)?.type === 'folder'
  return isFolder || above === folder ? folder : existing(disk, above)
}

/** Every entry is opened, which drops what is damaged: the next command fetches it again. */
function store({ store: entries }: Session): Check {
  const all = entries.list()
  const damaged = all.filter((integrity) => soundIn(entries, integrity) === undefined)
  const says = `${counted(all.length, 'artifact')}${damaged.length > 0 ? `, ${damaged.length} of them damaged` : ''}`
  return {
    name: 'store',
    ok: damaged.length === 0,
    says,
    ...(damaged.length > 0 && { mend: 'fetch what is missing again: haal install' }),
  }
}

/** A rule may be younger than what is here: then no command that installs goes through. */
async function policy(session: Session): Promise<Check> {
  const from = session.policy.sources.map((source) => source.from).join(', ')
  if (from === '') return { name: 'policy', ok: true, says: 'none is in force' }
  const refused = [...new Set((await refusalsHere(session)).map(({ about }) => about))]
  if (refused.length === 0) return { name: 'policy', ok: true, says: from }
  return {
    name: 'policy',
    ok: false,
    says: `${from}; not obeyed: ${some(refused)}`,
    mend: 'see why: haal policy check',
  }
}

/** Those that haal.json names, and those that are used here and get nothing. */
function toolsOf(session: Session): Check {
  const { targets } = session.manifest
  const [strange] = strangeTools(targets)
  if (strange !== undefined)
    return {
      name: 'tools',
      ok: false,
      says: `haal.json names "${strange.name}", which is no tool that haal knows`,
      mend: strange.meant === undefined ? 'see which there are: haal target list' : `write "${strange.meant}" there`,
    }
  const without = toolsHere(session).filter((name) => !targets.includes(name))
  const named = targets.length === 0 ? 'haal.json names none' : targets.join(', ')
  if (without.length === 0) return { name: 'tools', ok: true, says: named }
  return {
    name: 'tools',
    ok: true,
    says: `${named}; found here: ${without.join(', ')}`,
    mend: `give ${without.length === 1 ? 'it' : 'them'} what is installed: haal target add ${without.join(' ')}`,
  }
}

function asked(session: Session): Check {
  const { manifest, lock, hasLock } = session
  demandManifest('install', { manifest, lock })
  checkSources({ manifest, lock })
  const wants = wantsOf(manifest)
  if (manifest.file === undefined && wants.length === 0)
    return { name: 'haal.json', ok: true, says: 'none yet', mend: 'make one: haal init' }
  const names = lackingIn({ manifest, lock, hasLock })
  const wrong = { name: 'haal.json', ok: false, mend: 'haal install' }
  if (names.length > 0) return { ...wrong, says: `asks for ${some(names)}, not installed yet` }
  const [first, ...others] = hasLock ? manifestDifferences(session) : []
  if (first !== undefined)
    return {
      ...wrong,
      says: `${first.says.replace(/^haal\.json /, '')}${others.length === 0 ? '' : `; and ${others.length} more`}`,
    }
  return {
    name: 'haal.json',
    ok: true,
    says: wants.length === 0 ? 'asks for nothing yet' : `asks for ${entriesOf(wants)}`,
  }
}

function entriesOf(wants: readonly Want[]): string {
  const patterns = wants.filter(({ request }) => isPattern(request))
  const single = wants.length - patterns.length
  const fit = patterns.map(({ request: { range: _range, ...request } }) => printRequest(request)).join(', ')
  return [single > 0 ? counted(single, 'artifact') : '', fit && `all that fit ${fit}`].filter(Boolean).join(' and ')
}

async function installed(session: Session): Promise<Check> {
  const { lock, hasLock, site } = session
  if (!hasLock) return { name: 'installed', ok: true, says: 'nothing yet' }
  const problems = [...(await problemsIn(session)), ...strangersIn(site, lock)]
  const count = counted(Object.keys(lock.artifacts).length, 'artifact')
  if (problems.length === 0) return { name: 'installed', ok: true, says: `${count}, as locked` }
  const paths = (...wanted: Problem['problem'][]) => [
    ...new Set(problems.filter(({ problem }) => wanted.includes(problem)).map((each) => each.path)),
  ]
  const [missing, edited, strange] = [paths('missing'), paths('changed', 'added'), paths('not-locked')]
  const behind = await isBehind(session)
  const says = [
    missing.length > 0 ? `missing: ${some(missing)}` : '',
    edited.length > 0 ? `${behind ? 'not as locked' : 'edited'}: ${some(edited)}` : '',
    strange.length > 0 ? `not in haal.lock: ${some(strange)}` : '',
  ]
  const mend = mendHint({ problems, behind })
  return { name: 'installed', ok: false, says: `${count}; ${says.filter(Boolean).join('; ')}`, ...(mend && { mend }) }
}

async function registries(ctx: Context, flags: CommonFlags): Promise<Check[]> {
  if (flags.offline) return [{ name: 'registries', ok: true, says: 'not asked, because of --offline' }]
  try {
    const { registries: all } = await registryPing(ctx, { names: [], flags })
    if (all.length === 0)
      return [
        {
          name: 'registries',
          ok: true,
          says: 'none yet',
          mend: addOne,
        },
      ]
    return all.map(({ name, ok, says, mend }) => ({
      name: `registry ${name}`,
      ok,
      says,
      ...(!ok && { mend: mend ?? `try it again: haal registry ping ${inShell(name)}` }),
    }))
  } catch (e) {
    // What is wrong with the project has been said.
    if (e instanceof HaalError) return []
    throw e
  }
}
