import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Lock } from '../../model/lock.js'
import type { Manifest } from '../../model/manifest.js'
import { inOrder } from '../../model/registries.js'
import { usesTools } from '../../model/targets.js'
import { satisfies } from '../../model/versions.js'
import { isSettled } from '../../plan/settled.js'
import { asVouched, sourceChanges } from '../../plan/sources.js'
import { readManifest } from '../../state/config/manifest.js'
import { formerLockText } from '../../state/generations.js'
import { readLock } from '../../state/lockfile.js'
import type { Kept } from '../../state/seen.js'
import { dropSettledNote, projectTexts, type SettledNote, writeSettledNote } from '../../state/settled-note.js'
import { countsOf } from '../places/modified.js'
import type { Ground, SettledProject } from '../project/ground.js'
import { checkSources } from '../project/lock-sources.js'

/** undefined where they do not agree, or where more than these two has to be asked: tools, policy, signatures. Throws what reading them throws. */
export async function settledOf(ground: Ground): Promise<SettledProject | undefined> {
  return hadTools(ground) ? undefined : (await judged(ground))?.settled
}

/** Whether the last command gave tools something, and haal.lock has come by itself since. */
function hadTools({ site }: Ground): boolean {
  return formerLockText(site)?.includes('"targets"') === true
}

interface Looked {
  /** The tools whose places were looked at. */
  looked?: Tools | undefined
  /** What tells what was seen of all that a haal.lock has: another haal may have written a new one meanwhile. */
  seen(lock: Lock): Kept | undefined
}

/** Leaves for the next command that there is nothing to do: with tools, where these are the ones whose places this one has looked at. Where that
    cannot be told from the two texts, or these change meanwhile, nothing. */
export async function noteSettled(ground: Ground, { looked, seen: seenOf }: Looked): Promise<void> {
  const { ctx, root, home } = ground
  const around = { disk: ctx.disk, home: home.data, root }
  const texts = projectTexts(around)
  const found = texts && (await judged(ground, looked))
  const isSame = isDeepStrictEqual(texts, projectTexts(around))
  if (texts === undefined || found === undefined || !found.isWhole || !isSame) return dropSettledNote(around)
  const { order, folder, lock } = found.settled
  const seen = seenOf(lock)
  const placed = seen === undefined ? undefined : { seen, counts: countsOf(lock) }
  const note = { order, ...(folder !== undefined && { folder }), ...(placed && { placed }) }
  writeSettledNote(around, texts, note)
}

async function judged(
  ground: Ground,
  looked?: Tools,
): Promise<{ settled: SettledProject; isWhole: boolean } | undefined> {
  const lock = readLock(ground.ctx.disk, path.join(ground.root, 'haal.lock'))
  if (lock === undefined || Object.keys(lock.artifacts).length === 0) return undefined
  const manifest = await readManifest(ground.ctx.disk, { root: ground.root, author: 'project' })
  const hasTools = manifest.targets.length > 0 || usesTools(lock)
  if (hasMore(manifest) || (hasTools && !areThese(manifest, looked))) return undefined
  checkSources({ lock, manifest })
  if (!isRecorded(lock, manifest) || !isSettled(lock, manifest, satisfies)) return undefined
  const { warnings, registries, file } = manifest
  const isAlone = registries.every(({ source }) => source.startsWith('haal.json '))
  const isWhole = file === path.join(ground.root, 'haal.json') && isAlone && warnings.length === 0
  return { settled: { lock, warnings, ...questionsOf(manifest) }, isWhole }
}

/** Whether haal.lock has each registry as the configuration does. */
function isRecorded(lock: Lock, { registries }: Manifest): boolean {
  return sourceChanges(lock, registries).length === 0 && isDeepStrictEqual(asVouched(lock, registries), lock.registries)
}

type Tools = Pick<Manifest, 'targets' | 'link'>

/** They may have been given otherwise than by haal.json. */
function areThese({ targets, link }: Manifest, tools: Tools | undefined): boolean {
  return tools?.link === link && isDeepStrictEqual(tools.targets, targets)
}

function hasMore({ policy, registries }: Manifest): boolean {
  return policy !== undefined || registries.some(({ signature }) => signature !== undefined)
}

/** What is left to ask each time. */
export function questionsOf({ registries }: Pick<Manifest, 'registries'>): SettledNote {
  const ordered = inOrder(registries)
  const at = ordered[0]?.at
  return { order: ordered.map(({ name }) => name).reverse(), ...(at?.via === 'file' && { folder: at.path }) }
}
