import path from 'node:path'
import type { Context } from '../../model/context.js'
import type { FileMode } from '../../model/digest.js'
import type { Ref } from '../../model/kinds.js'
import type { Locked } from '../../model/lock.js'
import type { Stored } from '../../model/store.js'
import { isShared, type SharedPlace, toolNames, type WholePlace } from '../../model/targets.js'
import type { Place } from '../../plan/diff.js'
import { liesWithin } from '../../state/no-links.js'
import { contentsOf, type PlacedAs, placedFiles } from '../../state/places.js'
import { lookInto, mergeFile } from '../../targets/merge.js'
import { placedFor, placeOnDisk, recordedPlaces } from '../places/tool-places.js'
import type { Session } from '../session/session.js'

/** A file's bytes, and whether it can run where that is known; or what else lies in its place. */
export type Entry = { bytes: Uint8Array; mode: FileMode | undefined } | { odd: string }

/** Path → what lies there; '' is the place itself, where that is one file. */
export type Files = ReadonlyMap<string, Entry>

/** One place of an artifact: what haal has put there, and what lies there now. */
interface Sides {
  at: string
  before: Files
  after: Files
}

/** Reads a file that haal shares with a person; undefined where there is none. */
export type ReadShared = (at: string) => Uint8Array | undefined

interface Installed {
  ref: Ref
  /** Its files as they were installed. */
  stored: Stored
  read: ReadShared
}

/** The places of an artifact in tools' folders at which something lies. Throws E_CONFLICT where a file that is shared with a person cannot be read. */
export async function sidesInTools(session: Session, { ref, stored, read }: Installed): Promise<Sides[]> {
  const { ctx, root, lock } = session
  const { whole, shared } = await recordedPlaces(session, {
    ...lock,
    artifacts: { [ref]: lock.artifacts[ref] as Locked },
  })
  const there = [...new Map(whole.map((place) => [place.at, place])).values()].filter(
    ({ at }) => ctx.disk.stat(path.resolve(root, at)) !== undefined,
  )
  const files = [...new Set(shared.map(({ at }) => at))].filter((at) => endsWithin(session, at))
  const merged = await Promise.all(files.map((at) => sharedSides(at, read(at), shared)))
  return [...there.flatMap((place) => wholeSides(session, place, stored)), ...merged.flat()]
}

interface Copied extends Pick<Installed, 'ref' | 'stored'> {
  copies: readonly string[]
  /** The artifact's files, where a copy lies in no tool's form. */
  before: Files
}

/** Copies at which something lies, each in the form that it was made in: a tool's, where it lies as that tool has it. */
export async function sidesOfCopies(session: Session, { ref, stored, copies, before }: Copied): Promise<Sides[]> {
  const forms = copies.length === 0 ? undefined : await toolForms(session, ref, copies)
  return copies.flatMap((at) => {
    const form = forms?.get(path.resolve(session.root, at))
    return form === undefined ? [sidesAt(session, at, before)] : wholeSides(session, { ...form, at }, stored)
  })
}

/** Absolute place → what a tool gets there, of the artifact under its own name and under those of its copies. */
async function toolForms(session: Session, ref: Ref, copies: readonly string[]): Promise<Map<string, WholePlace>> {
  const locked = session.lock.artifacts[ref] as Locked
  const names = new Set([undefined, ...copies.map((at) => path.basename(at).replace(/\..*/, ''))])
  const found = await Promise.all(
    [...names].map((name) => placedFor(session, { ref, locked, names: toolNames, link: false, name })),
  )
  const whole = found.flatMap(({ places }) => places.flatMap(({ place }) => (isShared(place) ? [] : [place])))
  return new Map(whole.map((place) => [placeOnDisk(session, place.at), place]))
}

/** A link shows what lies in `.haal/`, where its edits are shown. */
function wholeSides(session: Session, { at, content }: Place, stored: Stored): Sides[] {
  if (content.from === 'link') return []
  const before = content.from === 'bytes' ? made(content.bytes) : filesIn(stored, content)
  return [sidesAt(session, at, before)]
}

/** A place as it shall be, and as it is. Of one outside the project only haal.lock says that it is a copy, which may name any file of the
    person's: no text of it is shown, and nothing but what the artifact has is looked at. */
export function sidesAt({ ctx, site }: Session, at: string, before: Files): Sides {
  const place = path.resolve(site.root, at)
  return { at, before, after: liesWithin(site, place) ? filesAt(ctx, place) : filesOutside(ctx, place, before) }
}

function filesOutside({ disk }: Context, place: string, before: Files): Files {
  const files = [...before].flatMap(([name, entry]): [string, Entry][] => {
    const at = path.join(place, ...name.split('/'))
    const found = disk.stat(at)
    if (found === undefined) return []
    const isSame =
      'bytes' in entry &&
      found.type === 'file' &&
      found.size === entry.bytes.length &&
      Buffer.compare(disk.read(at), entry.bytes) === 0
    return [[name, isSame ? entry : { odd: 'another one, outside the project' }]]
  })
  return new Map(files)
}

/** Whether what a shared file says may be shown: behind a link it may be any file of the person's. */
function endsWithin({ ctx, site }: Session, at: string): boolean {
  const place = path.resolve(site.root, at)
  return liesWithin(site, ctx.disk.real(place) ?? place)
}

/** A shared file as it would be with haal's values as they were, beside the file as it is. */
async function sharedSides(
  at: string,
  bytes: Uint8Array | undefined,
  shared: readonly SharedPlace[],
): Promise<Sides[]> {
  const own = shared.filter((place) => place.at === at)
  const found = await Promise.all(own.map((place) => lookInto(place, bytes, own)))
  if (bytes === undefined || found.every((each) => each === 'same')) return []
  const { step } = await mergeFile({ at, bytes, was: own, shall: own, force: true })
  return step?.after.from === 'bytes' ? [{ at, before: made(step.after.bytes), after: made(bytes) }] : []
}

/** A file whose mode says nothing. */
function made(bytes: Uint8Array): Files {
  return new Map([['', { bytes, mode: undefined }]])
}

/** The files of an artifact as they lie at a place. */
export function filesIn({ files, read }: Stored, as: PlacedAs): Files {
  const all = [...placedFiles(files, as)]
  return new Map(all.map(([placed, { path: file, mode }]) => [placed, { bytes: read(file), mode }]))
}

/** What lies at an absolute place. */
function filesAt({ disk, platform }: Context, at: string): Files {
  const entryAt = (place: string): Entry => {
    const { type, mode = 0 } = disk.stat(place) ?? {}
    if (type !== 'file') return { odd: type === 'link' ? 'a link' : 'no plain file' }
    const runs = mode & 0o100 ? 0o755 : 0o644
    return { bytes: disk.read(place), mode: platform === 'win32' ? undefined : runs }
  }
  if (disk.stat(at)?.type !== 'folder') return new Map([['', entryAt(at)]])
  return new Map(contentsOf(disk, at).map(({ name: file }) => [file, entryAt(path.join(at, ...file.split('/')))]))
}
