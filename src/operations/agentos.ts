import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AgentosPack, AgentosProblem, AgentosResult } from '../model/agentos.js'
import type { Reading } from '../model/artifact.js'
import type { CommonFlags, Context } from '../model/context.js'
import { variableIn } from '../model/environment.js'
import { type ErrorCode, errors, onError } from '../model/errors.js'
import { type Ref, splitRef } from '../model/kinds.js'
import { type Lock, type Locked, lockedEntries, lockedRefs } from '../model/lock.js'
import type { Manifest } from '../model/manifest.js'
import { byCodeUnit } from '../model/names.js'
import { inOrder } from '../model/registries.js'
import { homeOf } from '../plan/diff.js'
import { agentosKinds, installCommand } from '../resolve/readings.js'
import { placedIn, toolsOf } from './change/difference.js'
import { carryOut, planTo } from './change/mutate.js'
import { readingOf } from './judge/facts.js'
import { configurationOf } from './project/configuration.js'
import { upwards } from './project/folders.js'
import { type LockedGround, withGround } from './project/ground.js'
import { type Session, withSession } from './session/session.js'

type OptionsOf = Readonly<Record<string, AgentosPack['options']>>

interface Asked {
  flags: CommonFlags
  /** What packs are to be given, by `kind/name` or id. */
  options?: OptionsOf
}

/** What the AgentOS runtime loads of what is installed here, what it cannot load, and why. Asks no registry. Where AgentOS would not see a skill
    because of its file's name, it is given a folder of its own from now on, as any tool is given its places. */
export async function agentos(ctx: Context, asked: Asked): Promise<AgentosResult> {
  const found = await lookedAt(ctx, asked)
  const isUnseen = found.problems.some(({ problem }) => problem === 'skill-name')
  return isUnseen && !asked.flags.dryRun && (await skillsPlaced(ctx, asked)) ? lookedAt(ctx, asked) : found
}

/** What policy refuses, for whatever reason, signatures that it asks for among them, and what the disk does. */
const notLet = (Object.keys(errors) as ErrorCode[]).filter((code) =>
  /^E_(POLICY_.*|SIG.*|INDEX_EXPIRED|APPROVAL|DISK)$/.test(code),
)

/** False where policy or the disk do not let it. */
function skillsPlaced(ctx: Context, { flags }: Asked): Promise<boolean> {
  const place = async (session: Session): Promise<boolean> => {
    const { lock } = await placedIn(session, session.lock, [...new Set([...toolsOf(session), 'agentos'])])
    await carryOut(session, await planTo(session, { wishes: session.manifest, lock }), [])
    return true
  }
  return onError(
    notLet,
    () => withSession(ctx, { command: 'agentos', flags }, place),
    () => false,
  )
}

async function lookedAt(ctx: Context, { flags, options = {} }: Asked): Promise<AgentosResult> {
  return withGround(ctx, { command: 'agentos', flags }, async (ground) => {
    const order = lastToFirst(await configurationOf(ground), ground.lock)
    const all: Judged[] = []
    for (const [ref, locked] of extensionsIn(ground.lock, order)) all.push(await judged(ground, ref, locked))
    const { skillsDir, skills, lacking } = skillsIn(ground)
    return {
      extensionManifest: { packs: all.flatMap((each) => packOf(each, { all, order, options, ground })) },
      personaSource: path.join(ground.root, '.haal', 'personas'),
      skillsDir,
      loads: [
        ...all.flatMap(({ ref: artifact, loads: as }) => (as === 'not' ? [] : [{ artifact, as }])),
        ...skills.map((artifact) => ({ artifact, as: 'skill' as const })),
      ],
      problems: [...all.flatMap(({ problems }) => problems), ...lacking.map((ref) => unseen(ground, ref))],
    }
  })
}

/** Names of registries: the one that is asked last first, the primary last. */
function lastToFirst({ registries }: Manifest, lock: Lock): string[] {
  const known = inOrder(registries).map(({ name }) => name)
  const listed = Object.keys(lock.registries).filter((name) => !known.includes(name))
  return [...known, ...listed.sort(byCodeUnit)].reverse()
}

function extensionsIn(lock: Lock, order: readonly string[]): [Ref, Locked][] {
  const all = lockedEntries(lock).filter(([ref]) => agentosKinds.has(splitRef(ref).kind))
  return all.sort(
    ([a, { registry }], [b, other]) => order.indexOf(registry) - order.indexOf(other.registry) || byCodeUnit(a, b),
  )
}

/** An installed artifact, how AgentOS loads it, and what stands in the way. */
interface Judged {
  ref: Ref
  locked: Locked
  loads: 'pack' | 'persona' | 'not'
  problems: AgentosProblem[]
}

async function judged(ground: LockedGround, ref: Ref, locked: Locked): Promise<Judged> {
  const { entry = '' } = locked
  const judge = (loads: Judged['loads'], problems: AgentosProblem[]): Judged => ({ ref, locked, loads, problems })
  if (!isThere(ground, ref, locked)) return judge('not', [problemOf(ref, gone)])
  const reading = await readingOf(ground, ref, locked)
  const hindrance = hindranceOf(ref, locked, reading)
  const packages = packagesMissing(ground, ref, { locked, reading })
  const problems = [...hindrance, ...packages, ...secretsMissing(ground.ctx, ref, reading)]
  if (hindrance.length + packages.length > 0) return judge('not', problems)
  return judge(isJson(entry) ? 'persona' : 'pack', problems)
}

const gone: Said = { problem: 'not-installed', says: 'is not where it was installed', mend: 'haal install' }

/** What cannot be mended here: there is nothing to load, or not enough of it. */
function hindranceOf(ref: Ref, { entry, loadable }: Locked, reading: Reading | undefined): AgentosProblem[] {
  if (entry === undefined)
    return [problemOf(ref, { problem: 'source-only', says: saidOf(ref, reading, 'W_SOURCE_ONLY') })]
  if (!isJson(entry) || loadable !== false) return []
  return [problemOf(ref, { problem: 'persona', says: saidOf(ref, reading, 'W_PERSONA') })]
}

type Said = Pick<AgentosProblem, 'problem' | 'says'> & Partial<Pick<AgentosProblem, 'names' | 'mend'>>

function problemOf(artifact: Ref, { problem, says, names = [], mend = null }: Said): AgentosProblem {
  return { artifact, problem, says, names, mend }
}

/** What was told when it was installed, without its name. */
function saidOf(ref: Ref, reading: Reading | undefined, code: string): string {
  const message = reading?.notes.find((note) => note.code === code)?.message ?? 'cannot be loaded, says haal.lock'
  return message.startsWith(`${ref} `) ? message.slice(ref.length + 1) : message
}

function isJson(entry: string): boolean {
  return /\.json$/i.test(entry)
}

/** Where an artifact lies; of one that is a single file, that file. */
function homeIn({ root }: LockedGround, ref: Ref, locked: Locked): string {
  return path.join(root, ...(homeOf(ref, locked) ?? '').split('/'))
}

function entryIn(ground: LockedGround, ref: Ref, locked: Locked): string {
  const home = homeIn(ground, ref, locked)
  return locked.file === undefined ? path.join(home, ...(locked.entry ?? '').split('/')) : home
}

function isThere(ground: LockedGround, ref: Ref, locked: Locked): boolean {
  return ground.ctx.disk.stat(entryIn(ground, ref, locked)) !== undefined
}

/** Packages are found as Node.js finds them: in a `node_modules` beside the artifact or anywhere above it. */
function packagesMissing(
  ground: LockedGround,
  ref: Ref,
  { locked, reading }: { locked: Locked; reading: Reading | undefined },
): AgentosProblem[] {
  const home = homeIn(ground, ref, locked)
  const has = (name: string) =>
    [...upwards(home)].some((folder) => ground.ctx.disk.stat(path.join(folder, 'node_modules', name, 'package.json')))
  const missing = Object.entries(reading?.packages ?? {}).filter(([name]) => !has(name))
  if (missing.length === 0) return []
  const names = missing.map(([name]) => name)
  const says = `needs the npm ${names.length === 1 ? 'package' : 'packages'} ${names.join(', ')}`
  return [problemOf(ref, { problem: 'packages', says, names, mend: installCommand(missing) ?? null })]
}

/** AgentOS looks for a secret in its own options and in a variable: `telegram.botToken` in TELEGRAM_BOT_TOKEN. */
function secretsMissing({ env }: Context, ref: Ref, reading: Reading | undefined): AgentosProblem[] {
  const names = (reading?.secrets ?? []).filter(
    (name) => !variableIn(env, name)?.trim() && !variableIn(env, variableOf(name))?.trim(),
  )
  if (names.length === 0) return []
  const says = `needs the ${names.length === 1 ? 'secret' : 'secrets'} ${names.join(', ')}`
  const mend = `set ${names.map(variableOf).join(', ')}, or give secrets to AgentOS`
  return [problemOf(ref, { problem: 'secrets', says, names, mend })]
}

function variableOf(secret: string): string {
  return secret
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
}

interface Among {
  all: readonly Judged[]
  order: readonly string[]
  options: OptionsOf
  ground: LockedGround
}

/** Ten apart, so that a program has room between two registries. */
function packOf({ ref, locked, loads }: Judged, { all, order, options, ground }: Among): AgentosPack[] {
  if (loads !== 'pack') return []
  const { id } = locked
  const isOnly = all.filter((each) => each.locked.id === id).length === 1
  const identifier = id !== undefined && isOnly ? id : ref
  const module = entryIn(ground, ref, locked)
  return [
    {
      module: ground.ctx.platform === 'win32' ? pathToFileURL(module).href : module,
      identifier,
      priority: 10 * (order.indexOf(locked.registry) + 1),
      options: options[ref] ?? options[identifier] ?? {},
    },
  ]
}

/** Folders that hold skills under the name that AgentOS looks for. In `.haal/` each has the name it was published under. */
const homeFolder = '.haal/skills'
const skillFolders = [homeFolder, '.agentos/skills', '.agents/skills']

function skillsIn({ ctx, root, lock }: LockedGround): { skillsDir: string; skills: Ref[]; lacking: Ref[] } {
  const all = lockedRefs(lock)
    .filter((ref) => splitRef(ref).kind === 'skill')
    .sort(byCodeUnit)
  const seenIn = (folder: string) =>
    all.filter((ref) => ctx.disk.stat(path.join(root, folder, splitRef(ref).name, 'SKILL.md'))?.type === 'file')
  const skillsDir = skillFolders.find((folder) => seenIn(folder).length === all.length) ?? homeFolder
  const skills = seenIn(skillsDir)
  return { skillsDir: path.join(root, skillsDir), skills, lacking: all.filter((ref) => !skills.includes(ref)) }
}

function unseen(ground: LockedGround, ref: Ref): AgentosProblem {
  const locked = ground.lock.artifacts[ref]
  if (locked === undefined || ground.ctx.disk.stat(homeIn(ground, ref, locked)) === undefined)
    return problemOf(ref, gone)
  const says = 'was published as skill.md, and AgentOS looks for SKILL.md'
  return problemOf(ref, { problem: 'skill-name', says, mend: 'haal target add agentos' })
}
