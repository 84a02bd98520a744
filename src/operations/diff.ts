import path from 'node:path'
import type { CommonFlags, Context } from '../model/context.js'
import type { Disk } from '../model/disk.js'
import { type Ref, splitRef } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { byCodeUnit } from '../model/names.js'
import type { DiffResult } from '../model/results.js'
import type { Stored } from '../model/store.js'
import { placesOf } from '../plan/diff.js'
import { choose } from '../resolve/choose.js'
import { find } from '../resolve/walk.js'
import { contentsOf } from '../state/places.js'
import { type Session, withSession } from './session.js'
import { refetch, take } from './take.js'
import { installedAs } from './uninstall.js'
import { rangeOf } from './update.js'

export interface DiffFlags extends CommonFlags {
  upstream?: boolean
}

/** What a person changed in installed artifacts and in copies of them, or with `upstream` what an update would change, as unified diffs of the
    text. Writes nothing in the project. */
export async function diff(
  ctx: Context,
  { request, flags }: { request?: string; flags: DiffFlags },
): Promise<DiffResult> {
  return withSession(ctx, { command: 'diff', flags, reads: true, news: flags.upstream === true }, async (session) => {
    const all = Object.keys(session.lock.artifacts).sort(byCodeUnit) as Ref[]
    const refs = request === undefined ? all : installedAs(request, session)
    const artifacts: { artifact: Ref; text: string }[] = []
    for (const ref of refs) {
      const text = await (flags.upstream ? upstream(session, ref) : local(session, ref))
      if (text !== '') artifacts.push({ artifact: ref, text })
    }
    return { artifacts }
  })
}

/** Path → bytes; one file of an artifact that is a single file has its own name. */
type Files = ReadonlyMap<string, Uint8Array>

async function local(session: Session, ref: Ref): Promise<string> {
  const { ctx, root, lock } = session
  const locked = lock.artifacts[ref] as Locked
  const homes = placesOf(lock)
    .filter((place) => place.ref === ref)
    .map(({ at }) => at)
  const copies = (locked.copies ?? []).filter((copy) => ctx.disk.stat(path.resolve(root, copy)) !== undefined)
  const there = homes.filter((home) => ctx.disk.stat(path.join(root, home)) !== undefined)
  if (homes.length + copies.length === 0) return ''
  const before = filesIn(await stocked(session, ref, locked))
  const texts = [...there, ...copies].map((at) =>
    compared(before, onDisk(ctx.disk, path.resolve(root, at), locked.file), at),
  )
  return (await Promise.all(texts)).join('')
}

async function upstream(session: Session, ref: Ref): Promise<string> {
  const { lock, manifest, shelves, shop } = session
  const locked = lock.artifacts[ref] as Locked
  if (locked.pinned) return ''
  const request = { ...splitRef(ref), ...(locked.id !== undefined && { name: locked.id }) }
  const found = await find(request, manifest, shelves)
  const now = await take(session, await choose(found, rangeOf(session, ref), shop))
  if (now.integrity === locked.integrity) return ''
  const before = filesIn(await stocked(session, ref, locked))
  return compared(before, filesIn(session.store.open(now.integrity)), ref)
}

/** The bytes as they were installed; where the store has lost them, from where haal.lock says. */
async function stocked(session: Session, ref: Ref, locked: Locked): Promise<Stored> {
  if (!session.store.has(locked.integrity)) await refetch(session, ref, locked)
  return session.store.open(locked.integrity)
}

function filesIn({ files, read }: Stored): Files {
  return new Map(files.map(({ path: file }) => [file, read(file)]))
}

function onDisk(disk: Disk, at: string, file: string | undefined): Files {
  if (disk.stat(at)?.type === 'file') return new Map([[file ?? path.basename(at), disk.read(at)]])
  const plain = contentsOf(disk, at).filter(({ type }) => type === 'file')
  return new Map(plain.map(({ name }) => [name, disk.read(path.join(at, ...name.split('/')))]))
}

/** Git's own words for what a text diff cannot show. */
async function compared(before: Files, after: Files, label: string): Promise<string> {
  const { createTwoFilesPatch } = await import('diff')
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit)
  return names
    .map((name) => {
      const [old, now] = [before.get(name), after.get(name)]
      if (old !== undefined && now !== undefined && Buffer.compare(old, now) === 0) return ''
      const shown = label.endsWith(`/${name}`) ? label : `${label}/${name}`
      const [from, to] = [old ? `a/${shown}` : '/dev/null', now ? `b/${shown}` : '/dev/null']
      const [oldText, newText] = [textOf(old), textOf(now)]
      if (oldText === undefined || newText === undefined) return `Binary files ${from} and ${to} differ\n`
      return createTwoFilesPatch(from, to, oldText, newText).replace(/^=+\n/, '')
    })
    .join('')
}

/** undefined where the bytes are no text. */
function textOf(bytes: Uint8Array = new Uint8Array()): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (e) {
    if (e instanceof TypeError) return undefined
    throw e
  }
}
