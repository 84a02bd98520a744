import path from 'node:path'
import { turn } from '../../io/host.js'
import type { Digest } from '../../model/digest.js'
import type { Disk } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import type { Site } from '../../model/site.js'
import { generationFile } from '../generations.js'
import { absoluteFrom } from '../paths.js'
import { placedFiles } from '../places.js'
import { besideOf, type Journal, type Swap } from './journal.js'
import { madeOutside } from './moves.js'
import type { NewContent, Task, Transaction } from './transaction.js'

/** Writes everything new beside its place, hidden; nothing that is there changes. Throws E_INTERRUPTED. */
export async function stage(transaction: Transaction, site: Site): Promise<void> {
  const { journal, tasks, made } = transaction
  for (const { mark } of madeOutside(journal)) site.disk.write(mark, '')
  for (const folder of made) site.disk.mkdir(folder)
  for (const [number, task] of tasks.entries()) {
    if (path.isAbsolute(task.move.place)) site.disk.write(task.mark, '')
    if (task.content) putDown(task, task.content, site)
    const pause = pauseAfter(site, { number, of: tasks.length })
    if (pause) await pause
  }
  const generation = generationFile(site, journal.generation)
  writeDurably(site.disk, besideOf(generation, journal, 'generation').fresh, transaction.generation)
  stageSwap(site, journal, { which: 'manifest', swap: journal.manifest, text: transaction.manifest })
  stageSwap(site, journal, { which: 'lock', swap: journal.lock, text: transaction.lock })
}

/** Lets signals and timers in after every 32 tasks, because disk calls are synchronous; undefined for the others. */
export function pauseAfter(
  { signal, emit }: Pick<Site, 'signal' | 'emit'>,
  { number, of }: { number: number; of: number },
): Promise<void> | undefined {
  if (signal.aborted) fail('E_INTERRUPTED', 'stopped; nothing was changed')
  if (number % 32 !== 31) return undefined
  emit({ type: 'progress', key: 'apply', done: number, total: of, unit: 'artifacts' })
  return turn()
}

/** The bytes of a merged file are made durable, because the store does not have them. */
function putDown({ place, fresh, mode }: Task, content: NewContent, site: Site): void {
  if (content.from === 'bytes') writeDurably(site.disk, fresh, content.bytes, mode)
  else if (content.from === 'link') site.disk.link(linkTarget(content.to, fresh, site), fresh)
  else if (content.file === undefined) {
    const names = unpack(content, fresh, site)
    site.unpacked?.(place, names)
  } else unpackOne(content.file, fresh, { site, integrity: content.integrity })
}

/** From the link's folder, wherever that really is, so that a project can be moved; junctions on Windows name their target in full. */
function linkTarget(to: string, at: string, { root, disk, platform }: Site): string {
  const folder = absoluteFrom(root, to)
  if (platform === 'win32') return folder
  const [from, home] = [disk.real(path.dirname(at)), disk.real(root)]
  return path.relative(from ?? path.dirname(at), absoluteFrom(home ?? root, to))
}

/** This is most of what an install does: each folder is made once, each file written once, and no path is taken apart without need. Answers the
    names of all that it has made. */
function unpack(
  { integrity, under, rename }: Extract<NewContent, { from: 'store' }>,
  at: string,
  { disk, store }: Site,
): string[] {
  const stored = store.open(integrity)
  const names = new Set([''])
  disk.mkdir(at)
  for (const [name, file] of placedFiles(stored.files, { under, rename })) {
    const folder = name.slice(0, Math.max(0, name.lastIndexOf('/')))
    if (!names.has(folder)) disk.mkdir(`${at}${path.sep}${folder}`)
    for (let end = name.indexOf('/'); end > 0; end = name.indexOf('/', end + 1)) names.add(name.slice(0, end))
    names.add(name)
    disk.write(`${at}${path.sep}${name}`, stored.read(file.path), file.mode === 0o755 ? file.mode : undefined)
  }
  return [...names]
}

function unpackOne(name: string, at: string, { site, integrity }: { site: Site; integrity: Digest }): void {
  const stored = site.store.open(integrity)
  const bytes = stored.read(name)
  site.disk.write(at, bytes, stored.files.find((file) => file.path === name)?.mode)
}

interface StagedSwap {
  which: 'manifest' | 'lock'
  swap: Swap | null
  text: string | undefined
}

/** The old text waits beside the new one, so that going back is a rename and needs no room on the disk. */
function stageSwap({ root, disk }: Site, journal: Journal, { which, swap, text }: StagedSwap): void {
  if (swap === null || text === undefined) return
  const file = absoluteFrom(root, swap.file)
  const stat = disk.stat(file)
  const mode = stat?.type === 'file' ? stat.mode : undefined
  const { fresh, aside } = besideOf(file, journal, which)
  if (swap.before !== null) writeDurably(disk, aside, disk.read(file), mode)
  writeDurably(disk, fresh, text, mode)
}

function writeDurably(disk: Disk, file: string, content: string | Uint8Array, mode?: number): void {
  disk.write(file, content, mode)
  disk.flush(file)
}
