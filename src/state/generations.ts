import path from 'node:path'
import * as v from 'valibot'
import { decode } from '../model/decode.js'
import { type Digest, isDigest } from '../model/digest.js'
import { fail, HaalError } from '../model/errors.js'
import type { Lock } from '../model/lock.js'
import type { Wishes } from '../model/manifest.js'
import type { Change, State } from '../model/plan.js'
import type { Site } from '../model/site.js'
import { parseLock, printLock } from './lockfile.js'
import { generationsFolder, isBelow } from './paths.js'

type Around = Pick<Site, 'root' | 'disk'>

/** One past state of a project, and the command that made it. The bytes are in the store. */
interface Generation extends Recorded, State {
  /** What that command wrote from the store, for a mending after a power loss. */
  wrote: readonly Wrote[]
  /** What that command found, where it is not what the generation before left: haal.lock had come with a clone, a pull or another branch. */
  found?: State
}

/** What history tells of a generation. `at` is an ISO time. */
interface Recorded {
  number: number
  at: string
  command: string
  changes: readonly Change[]
}

const generationVersion = 1

const digest = v.custom<Digest>(isDigest, 'is not a digest')
const ref = v.custom<Change['artifact']>((value) => typeof value === 'string', 'should be text')
const label = v.nullable(v.object({ version: v.string(), revision: v.string(), integrity: digest }))
const change = v.object({
  action: v.picklist(['add', 'update', 'remove', 'keep', 'pin', 'unpin', 'copy']),
  artifact: ref,
  from: label,
  to: label,
  registry: v.nullable(v.string()),
  place: v.optional(v.string()),
  tools: v.optional(v.object({ added: v.array(v.string()), removed: v.array(v.string()) })),
})
const texts = v.record(v.string(), v.string())
/** Like all of `.haal/.state`, this may come with a cloned project. */
const below = v.pipe(v.string(), v.check(isBelow, 'leads out of its folder'))
const wrote = v.object({
  place: v.string(),
  integrity: digest,
  file: v.optional(v.string()),
  under: v.optional(v.string()),
  rename: v.optional(v.record(v.string(), below)),
})
const state = {
  wishes: v.object({ artifacts: texts, pins: texts, targets: v.exactOptional(v.array(v.string())) }),
  lock: v.string(),
}
const schema = v.object({
  number: v.number(),
  at: v.string(),
  command: v.string(),
  changes: v.array(change),
  wrote: v.array(wrote),
  ...state,
  found: v.exactOptional(v.object(state)),
})

export type Wrote = Readonly<v.InferOutput<typeof wrote>>

/** A state with its lockfile's own text, so that history need not read it. */
interface Printed {
  wishes: Wishes
  lock: string
}

/** The text of a generation's file. */
export function printGeneration(
  generation: Omit<Generation, 'lock' | 'found'> & Printed & { found: Printed | undefined },
): string {
  const { wishes, found } = generation
  const all = {
    generationVersion,
    ...generation,
    wishes: own(wishes),
    found: found && { ...found, wishes: own(found.wishes) },
  }
  return `${JSON.stringify(all)}\n`
}

function own({ artifacts, pins, targets }: Wishes): Wishes {
  return { artifacts, pins, ...(targets && { targets }) }
}

/** Numbers of the generations there are, oldest first. The newest is the current one: a rollback is itself a generation. */
export function generationNumbers(site: Around): number[] {
  const names = site.disk.names(generationsFolder(site)).map(({ name }) => /^([1-9]\d{0,8})\.json$/.exec(name)?.[1])
  return names
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

/** 0 where there is none yet. */
export function currentGeneration(site: Around): number {
  return generationNumbers(site).at(-1) ?? 0
}

export function generationFile(site: Pick<Site, 'root'>, number: number): string {
  return path.join(generationsFolder(site), `${number}.json`)
}

/** Oldest first. One that cannot be read is left out: history is no reason to stop. */
export function listGenerations(site: Around): Recorded[] {
  return generationNumbers(site).flatMap((number) => {
    const read = recordedAt(site, number)
    return read === undefined ? [] : [{ number, at: read.at, command: read.command, changes: read.changes }]
  })
}

/** Throws E_NO_GENERATION where there is none of this number or it cannot be read, E_STATE_NEWER. */
export function readGeneration(site: Around, number: number): Generation {
  const read =
    recordedAt(site, number) ??
    fail('E_NO_GENERATION', `generation ${number} does not exist, or its file is damaged`, {
      hint: 'see which there are: haal history',
      details: { numbers: generationNumbers(site) },
    })
  const { lock, wishes, found, ...recorded } = read
  return { ...recorded, ...stateIn(number, { lock, wishes }), ...(found && { found: stateIn(number, found) }) }
}

/** What a rollback may go back to, newest first: each generation but the one that is there now, and what a command found that none had left. Throws
    E_NO_GENERATION at one that cannot be read, but for the newest. */
export function* pastStates(site: Around, present: Lock): Generator<State> {
  const [newest, ...older] = generationNumbers(site).reverse()
  const last = newest === undefined ? undefined : recordedAt(site, newest)
  if (newest !== undefined && last !== undefined) {
    if (last.lock !== printLock(present)) yield stateIn(newest, last)
    if (last.found) yield stateIn(newest, last.found)
  }
  for (const number of older) {
    const { found, ...past } = readGeneration(site, number)
    yield past
    if (found) yield found
  }
}

/** Every lock that a generation left or found, oldest first. One that cannot be read is left out. */
export function pastLocks(site: Around): Lock[] {
  const texts = generationNumbers(site).flatMap((number) => {
    const { found, lock } = recordedAt(site, number) ?? {}
    return [...(found ? [found.lock] : []), ...(lock === undefined ? [] : [lock])]
  })
  return [...new Set(texts)].flatMap((text) => {
    try {
      return [parseLock(text, 'a generation')]
    } catch (e) {
      if (e instanceof HaalError) return []
      throw e
    }
  })
}

function stateIn(number: number, { wishes, lock }: Printed): State {
  return { wishes, lock: parseLock(lock, `generation ${number}`) }
}

/** The lockfile's text in the newest generation, where haal.lock is another: it has come by itself since, with a pull, a merge, another branch.
    undefined, too, where there is no generation or it cannot be read. */
export function formerLockText(site: Around & Pick<Site, 'lockFile'>): string | undefined {
  const text = newestLockText(site)
  return text === site.disk.text(site.lockFile) ? undefined : text
}

/** The lockfile's text in the newest generation, of which nothing else is read; undefined where there is none that can be read. */
export function newestLockText(site: Around): string | undefined {
  try {
    const read = JSON.parse(textOf(site, currentGeneration(site)) ?? '{}') as { lock?: unknown } | null
    return typeof read?.lock === 'string' ? read.lock : undefined
  } catch (e) {
    if (e instanceof SyntaxError) return undefined
    throw e
  }
}

/** Removes all but the newest. */
export function pruneGenerations(site: Around, keep: number): void {
  for (const number of generationNumbers(site).slice(0, -Math.max(1, keep)))
    site.disk.remove(generationFile(site, number))
}

/** undefined where there is no such file, or what lies there is none. One that the disk does not give now is not taken for absent. */
function textOf(site: Around, number: number): string | undefined {
  const file = generationFile(site, number)
  return site.disk.stat(file)?.type === 'file' ? site.disk.text(file) : undefined
}

/** haal's own file: it may be larger than what comes from outside, and what is not as it should be makes it unreadable. */
function recordedAt(site: Around, number: number): v.InferOutput<typeof schema> | undefined {
  const shown = `.haal/.state/generations/${number}.json`
  const text = textOf(site, number)
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as unknown
    refuseNewer(value, shown)
    return decode(schema, value, shown, 'E_NO_GENERATION')
  } catch (e) {
    if (e instanceof SyntaxError || (e instanceof HaalError && e.code === 'E_NO_GENERATION')) return undefined
    throw e
  }
}

/** State that a later haal wrote is left alone. Throws E_STATE_NEWER. */
function refuseNewer(value: unknown, shown: string): void {
  const version = (value as { generationVersion?: unknown } | null)?.generationVersion
  if (typeof version !== 'number' || version <= generationVersion) return
  fail(
    'E_STATE_NEWER',
    `${shown} was written by a newer haal (version ${version}, this one knows ${generationVersion})`,
    {
      hint: 'npm install --global haal@latest',
    },
  )
}
