import path from 'node:path'
import type { CommonFlags, Context } from '../model/context.js'
import { onError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import { type Locked, lockedRefs } from '../model/lock.js'
import { byCodeUnit } from '../model/names.js'
import type { DiffResult } from '../model/results.js'
import type { Stored } from '../model/store.js'
import { homeOf } from '../plan/diff.js'
import { choose } from '../resolve/choose.js'
import { find } from '../resolve/walk.js'
import { type Entry, type Files, filesIn, type ReadShared, sidesAt, sidesInTools, sidesOfCopies } from './diff/sides.js'
import { patchOf } from './diff/unified-diff.js'
import { refetch, take } from './fetch/into-store.js'
import { askedAnew, boundBy } from './gather/asked-for.js'
import { installedAs } from './gather/find-installed.js'
import { sharedReaderOf } from './places/compare.js'
import { storedOf } from './places/tool-places.js'
import { type Session, withSession } from './session/session.js'

interface DiffFlags extends CommonFlags {
  upstream?: boolean
}

/** What a person changed in installed artifacts, in copies of them and in what tools were given, or with `upstream` what an update would change, as
    unified diffs of the text. Writes nothing in the project. */
export async function diff(
  ctx: Context,
  { request, flags }: { request?: string; flags: DiffFlags },
): Promise<DiffResult> {
  return withSession(ctx, { command: 'diff', flags, reads: true, news: flags.upstream === true }, async (session) => {
    const all = lockedRefs(session.lock).sort(byCodeUnit)
    const refs = request === undefined ? all : installedAs(request, session)
    const artifacts: { artifact: Ref; text: string }[] = []
    const read = sharedReaderOf(session)
    for (const ref of refs) {
      const text = await (flags.upstream ? upstream(session, ref) : local(session, ref, read))
      if (text !== '') artifacts.push({ artifact: ref, text })
    }
    return { artifacts }
  })
}

async function local(session: Session, ref: Ref, read: ReadShared): Promise<string> {
  const { ctx, root, lock } = session
  const locked = lock.artifacts[ref] as Locked
  const home = homeOf(ref, locked)
  const homes = home === undefined ? [] : [home]
  const copies = (locked.copies ?? []).filter((copy) => ctx.disk.stat(path.resolve(root, copy)) !== undefined)
  const there = homes.filter((home) => ctx.disk.stat(path.join(root, home)) !== undefined)
  if (homes.length + copies.length === 0) return ''
  const stored = await stocked(session, ref, locked)
  const before = filesIn(stored, { file: locked.file })
  const sides = [
    ...there.map((at) => sidesAt(session, at, before)),
    ...(await sidesOfCopies(session, { ref, stored, copies, before })),
    ...(await sidesInTools(session, { ref, stored, read })),
  ]
  return (await Promise.all(sides.map((side) => compared(side.before, side.after, side.at)))).join('')
}

async function upstream(session: Session, ref: Ref): Promise<string> {
  const { lock, manifest, shelves, shop } = session
  const locked = lock.artifacts[ref] as Locked
  if (locked.pinned) return ''
  const found = await find(askedAnew(session, ref), manifest, shelves)
  const now = await onError(
    ['E_NO_VERSION'],
    async () => take(session, await choose(found, boundBy(session, ref).ranges, shop)),
    () => locked,
  )
  if (now.integrity === locked.integrity) return ''
  const before = filesIn(await stocked(session, ref, locked), {})
  return compared(before, filesIn(session.store.open(now.integrity), {}), ref)
}

/** The bytes as they were installed; where the store has lost them, as they lie in `.haal/`, else from where haal.lock says. */
async function stocked(session: Session, ref: Ref, locked: Locked): Promise<Stored> {
  const here = storedOf(session, ref, locked)
  if (here !== undefined) return here
  await refetch(session, ref, locked)
  return session.store.open(locked.integrity)
}

async function compared(before: Files, after: Files, label: string): Promise<string> {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit)
  const texts = names.map(async (name) => {
    const shown = name === '' ? label : `${label}/${name}`
    const [old, now] = [before.get(name), after.get(name)]
    return modesOf(shown, old, now) + (await contentOf(shown, { old, now }))
  })
  return (await Promise.all(texts)).join('')
}

/** A file that can run now, or no longer, in git's own words. */
function modesOf(shown: string, old: Entry | undefined, now: Entry | undefined): string {
  const [was, is] = [old, now].map((entry) => (entry && 'mode' in entry ? entry.mode : undefined))
  if (was === undefined || is === undefined || was === is) return ''
  const [from, to] = [was, is].map((mode) => `100${mode.toString(8)}`)
  return `diff --git a/${shown} b/${shown}\nold mode ${from}\nnew mode ${to}\n`
}

interface Pair {
  old: Entry | undefined
  now: Entry | undefined
}

/** Git's own words for what a text diff cannot show, and plain ones for what is no file. */
async function contentOf(shown: string, { old, now }: Pair): Promise<string> {
  if (now && 'odd' in now)
    return old ? `a/${shown} is a file, b/${shown} is ${now.odd}\n` : `b/${shown} is ${now.odd}\n`
  const [before, after] = [old, now].map((entry) => (entry && 'bytes' in entry ? entry.bytes : undefined))
  if (before && after && Buffer.compare(before, after) === 0) return ''
  const [from, to] = [before ? `a/${shown}` : '/dev/null', after ? `b/${shown}` : '/dev/null']
  const [oldText, newText] = [textOf(before), textOf(after)]
  if (oldText === undefined || newText === undefined) return `Binary files ${from} and ${to} differ\n`
  return patchOf([from, to], [oldText, newText])
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
