import path from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'
import type { Disk } from '../model/disk.js'
import { fail } from '../model/errors.js'
import type { Site } from '../model/site.js'
import { generationFile } from './generations.js'
import { asideOf, type Journal, markOf, newcomerOf, type Swap } from './journal.js'
import { absoluteFrom } from './paths.js'
import type { NewContent, Task, Transaction } from './transaction.js'

/** Writes everything new beside its place, hidden; nothing that is there changes. Throws E_INTERRUPTED. */
export async function stage(transaction: Transaction, site: Site): Promise<void> {
  const { journal, tasks, made } = transaction
  for (const folder of made) site.disk.mkdir(folder)
  for (const [number, task] of tasks.entries()) {
    if (path.isAbsolute(task.move.place)) site.disk.write(markOf(task.place, journal, number), '')
    if (task.content) putDown(task, task.content, { at: newcomerOf(task.place, journal, number), site })
    await breathe(site, { number, of: tasks.length })
  }
  const generation = generationFile(site, journal.generation)
  writeDurably(site.disk, newcomerOf(generation, journal, 'generation'), transaction.generation)
  stageSwap(site, journal, { which: 'manifest', swap: journal.manifest, text: transaction.manifest })
  stageSwap(site, journal, { which: 'lock', swap: journal.lock, text: transaction.lock })
}

/** Lets signals and timers in now and then, because the disk is worked synchronously. Throws E_INTERRUPTED. */
export async function breathe(
  { signal, emit }: Pick<Site, 'signal' | 'emit'>,
  { number, of }: { number: number; of: number },
): Promise<void> {
  if (number % 32 === 31) {
    emit({ type: 'progress', key: 'apply', done: number, total: of, unit: 'artifacts' })
    await breath()
  }
  if (signal.aborted) fail('E_INTERRUPTED', 'stopped; nothing was changed')
}

interface Target {
  at: string
  site: Site
}

/** The bytes of a merged file are made durable, because the store does not have them. */
function putDown({ mode }: Task, content: NewContent, { at, site }: Target): void {
  if (content.from === 'bytes') writeDurably(site.disk, at, content.bytes, mode)
  else if (content.file === undefined) unpack(content, { at, site })
  else unpackOne(content.file, content, { at, site })
}

type FromStore = Extract<NewContent, { from: 'store' }>

function unpackOne(name: string, { integrity }: FromStore, { at, site }: Target): void {
  const stored = site.store.open(integrity)
  const bytes = stored.read(name)
  site.disk.write(at, bytes, stored.files.find((file) => file.path === name)?.mode)
}

/** One folder is made once, one file written once: this is most of what an install does. */
function unpack({ integrity, rename }: FromStore, { at, site }: Target): void {
  const { disk, store } = site
  const stored = store.open(integrity)
  const made = new Set([at])
  disk.mkdir(at)
  for (const file of stored.files) {
    const target = path.join(at, rename?.[file.path] ?? file.path)
    const folder = path.dirname(target)
    if (!made.has(folder)) {
      disk.mkdir(folder)
      made.add(folder)
    }
    disk.write(target, stored.read(file.path), file.mode === 0o755 ? file.mode : undefined)
  }
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
  if (swap.before !== null) writeDurably(disk, asideOf(file, journal, which), disk.read(file), mode)
  writeDurably(disk, newcomerOf(file, journal, which), text, mode)
}

function writeDurably(disk: Disk, file: string, content: string | Uint8Array, mode?: number): void {
  disk.write(file, content, mode)
  disk.flush(file)
}
