import { isDeepStrictEqual } from 'node:util'
import { sha256Hex } from '../model/digest.js'
import { fail, onError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import { limits, sizeText } from '../model/limits.js'
import { getOrMake } from '../model/maps.js'
import type { Conflict, Step } from '../model/plan.js'
import type { Entry, SharedPlace } from '../model/targets.js'
import { openJson } from './json-file.js'
import { canonical } from './json-values.js'
import { type Found, refuse, type SharedText } from './shared-text.js'
import { openToml } from './toml-file.js'

/** One file that haal shares with a person: what it holds, the values that haal has put into it, and those that shall be in it. */
interface SharedFile {
  at: string
  /** undefined where there is no such file. */
  bytes: Uint8Array | undefined
  was: readonly SharedPlace[]
  shall: readonly SharedPlace[]
  /** Replace values that a person has edited or owns; the file as it was is put aside. */
  force: boolean
}

export interface Merged {
  step?: Omit<Step, 'place'>
  conflicts: readonly Conflict[]
  /** Values that a person has edited, which stay though their artifact goes. */
  kept: readonly { artifact: Ref; files: string[] }[]
  /** Values that a person has edited, of what stays as it is. */
  edited: readonly { artifact: Ref; files: string[] }[]
  /** Artifacts whose values change, come or go. */
  touched: readonly Ref[]
}

/** From what lies in a shared file to what shall lie there, everything foreign kept to the byte. Throws E_CONFLICT where the file cannot be
    read: it is never replaced. Of a file that a person has deleted the folders above it are left to take away. */
export async function mergeFile(file: SharedFile): Promise<Merged> {
  const work = await workOn(file)
  const was = ownedIn(file.was)
  const shall = ownedIn(file.shall, was)
  const wanted = refsOf(shall)
  for (const [key, owned] of was) if (!shall.has(key) && !isAnothers(owned, wanted)) await takeOut(owned, work)
  for (const [key, owned] of shall) await putIn(owned, replacedBy(owned, was.get(key), wanted), work)
  for (const [key, owned] of was)
    if (hasChanged(owned, shall.get(key)) && !wanted.has(textOfEntry(owned))) await takeOutUnedited(owned, work)
  const merged = await work.shared.text()
  const text = (await isOursAlone(file, work, merged)) ? await asMade(file.shall, file.at) : merged
  const { before, conflicts, kept, edited, touched } = work
  const isGone = text === undefined && was.size > 0
  const step = (text === before && !isGone) || conflicts.length > 0 ? {} : { step: stepTo(file, text, work) }
  return { ...step, conflicts, kept, edited, touched: [...touched] }
}

/** Whether a file that changes was, byte for byte, what haal makes of its own values alone. Such a file is made anew, so that its order does not
    depend on the order in which artifacts came. */
async function isOursAlone(
  { at, was, shall }: SharedFile,
  { before }: Work,
  text: string | undefined,
): Promise<boolean> {
  const entries = (places: readonly SharedPlace[]) => places.flatMap((place) => place.entries)
  if (before === undefined || (text === before && isDeepStrictEqual(entries(was), entries(shall)))) return false
  const made = onError(
    ['E_CONFLICT'],
    () => asMade(was, at),
    () => undefined,
  )
  return (await made) === before
}

/** The text of a file that holds these values alone. */
async function asMade(places: readonly SharedPlace[], at: string): Promise<string | undefined> {
  const work = await workOn({ at, bytes: undefined, was: [], shall: places, force: false })
  for (const owned of ownedIn(places).values()) await putIn(owned, undefined, work)
  return work.shared.text()
}

/** Whether an artifact's values are in a shared file as haal has put them there. `among` are all known places of haal's: an item that belongs to one
    of them is not taken for an edited item of this one. */
export async function lookInto(
  place: SharedPlace,
  bytes: Uint8Array | undefined,
  among: readonly SharedPlace[] = nobody,
): Promise<Found> {
  if (bytes === undefined) return 'absent'
  const files = getOrMake(opened, bytes, () => new WeakMap<object, Promise<SharedText>>())
  const shared = await getOrMake(files, among, () => openBytes(bytes, place, itemsIn(among, place.at)))
  const found = await Promise.all(place.entries.map((entry) => shared.find(entry)))
  return found.find((each) => each === 'edited') ?? found.find((each) => each === 'absent') ?? 'same'
}

/** Each artifact is looked for by itself, and many are in the same file: it is parsed once. */
const opened = new WeakMap<Uint8Array, WeakMap<object, Promise<SharedText>>>()

const nobody: readonly SharedPlace[] = []

function itemsIn(places: readonly SharedPlace[], at: string): unknown[] {
  const entries = places.flatMap((place) => (place.at === at ? place.entries : []))
  return entries.flatMap(({ item, value }) => (item ? [value] : []))
}

type Open = (text: string | undefined, at: string, own: readonly unknown[]) => Promise<SharedText>

const openers: Readonly<Record<SharedPlace['format'], Open>> = {
  json: async (text, at, own) => openJson(text, at, own),
  toml: openToml,
}

async function openBytes(
  bytes: Uint8Array | undefined,
  { at, format }: Pick<SharedPlace, 'at' | 'format'>,
  own: readonly unknown[] = [],
): Promise<SharedText> {
  return openers[format](bytes && textOf(bytes, at), at, own)
}

interface Owned {
  ref: Ref
  entry: Entry
  place: SharedPlace
}

/** Value → the artifacts that want it. Of an item that several bring, the file has one. */
function refsOf(all: ReadonlyMap<string, Owned>): ReadonlyMap<string, ReadonlySet<Ref>> {
  const refs = new Map<string, Set<Ref>>()
  for (const owned of all.values()) getOrMake(refs, textOfEntry(owned), () => new Set<Ref>()).add(owned.ref)
  return refs
}

function textOfEntry({ entry }: Owned): string {
  return canonical(entry)
}

/** Whether another artifact, too, wants this item, which therefore stays. */
function isAnothers(owned: Owned, wanted: ReadonlyMap<string, ReadonlySet<Ref>>): boolean {
  const refs = owned.entry.item ? wanted.get(textOfEntry(owned)) : undefined
  return refs !== undefined && refs.size > (refs.has(owned.ref) ? 1 : 0)
}

/** The value that `owned` takes the place of; undefined where there is none, or another artifact wants that one by now. */
function replacedBy(owned: Owned, was: Owned | undefined, wanted: ReadonlyMap<string, unknown>): Owned | undefined {
  return was !== undefined && hasChanged(was, owned) && wanted.has(textOfEntry(was)) ? undefined : was
}

function hasChanged({ entry }: Owned, now: Owned | undefined): boolean {
  return entry.item === true && now !== undefined && !isDeepStrictEqual(now.entry, entry)
}

interface Work {
  at: string
  before: string | undefined
  shared: SharedText
  force: boolean
  /** Something of a person's is replaced or taken away. */
  loses: boolean
  conflicts: Conflict[]
  kept: { artifact: Ref; files: string[] }[]
  edited: { artifact: Ref; files: string[] }[]
  touched: Set<Ref>
}

async function workOn({ at, bytes, was, shall, force }: SharedFile): Promise<Work> {
  const [{ format } = { format: 'json' as const }] = [...was, ...shall]
  const shared = await openBytes(bytes, { at, format }, itemsIn([...was, ...shall], at))
  return {
    at,
    before: bytes && textOf(bytes, at),
    shared,
    force,
    loses: false,
    conflicts: [],
    kept: [],
    edited: [],
    touched: new Set(),
  }
}

function textOf(bytes: Uint8Array, at: string): string {
  if (bytes.length > limits.file)
    refuse(`${at} is larger than ${sizeText(limits.file)}; haal does not write into it`, 'make it smaller', at)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    return fail('E_CONFLICT', `${at} is not UTF-8; haal does not write into it`, {
      hint: 'save it as UTF-8, then run the command again',
      cause,
    })
  }
}

/** Values by their path, items by path, artifact and a number. An item that was there before (`was`) keeps its number; a new one gets the number of
    one that is gone, so that an item which changes is changed where it stands. Where two artifacts bring the same value, the first counts. */
function ownedIn(places: readonly SharedPlace[], was: ReadonlyMap<string, Owned> = new Map()): Map<string, Owned> {
  const brought = places.flatMap((place) => place.entries.map((entry): Owned => ({ ref: place.ref, entry, place })))
  const before = new Map([...was].flatMap(([key, owned]) => (owned.entry.item ? [[itemOf(owned), key]] : [])))
  const oldKeyOf = (owned: Owned) => (owned.entry.item ? before.get(itemOf(owned)) : undefined)
  const staying = new Set(brought.map(oldKeyOf))
  const all = new Map<string, Owned>()
  for (const owned of brought) {
    const old = oldKeyOf(owned)
    const key = keyFor(owned, (key) => !all.has(key) && (key === old || !staying.has(key)), old)
    if (!all.has(key)) all.set(key, owned)
  }
  return all
}

function keyFor({ ref, entry }: Owned, isFree: (key: string) => boolean, old: string | undefined): string {
  const name = JSON.stringify(entry.path)
  if (!entry.item) return name
  if (old !== undefined && isFree(old)) return old
  let number = 1
  while (!isFree(`${name} ${ref} ${number}`)) number += 1
  return `${name} ${ref} ${number}`
}

function itemOf(owned: Owned): string {
  return `${owned.ref} ${textOfEntry(owned)}`
}

/** Two values with the same key are one: values by their path, items by path and value. */
export function keyOf({ path, value, item }: Entry): string {
  return JSON.stringify(item ? [path, value] : path)
}

/** A value goes, unless a person has edited it. */
async function takeOut({ ref, entry, place }: Owned, work: Work): Promise<void> {
  const found = await work.shared.find(entry)
  if (found === 'absent') return
  if (found === 'edited' && !work.force) {
    work.kept.push(namedAt(ref, entry, work))
    return
  }
  work.loses ||= found === 'edited'
  work.touched.add(ref)
  await work.shared.remove(entry, place.scaffold)
}

/** Only where it is as haal put it: what `find` calls edited may be the item that replaced it, which starts the same command. */
async function takeOutUnedited(owned: Owned, work: Work): Promise<void> {
  if ((await work.shared.find(owned.entry)) === 'same') await takeOut(owned, work)
}

/** A value comes in, or changes where it stands. What a person has at its path is a conflict; their edit of it stays where nothing new is wanted. */
async function putIn({ ref, entry, place }: Owned, was: Owned | undefined, work: Work): Promise<void> {
  const { shared } = work
  const found = await shared.find(entry)
  const isUnchanged = was !== undefined && isDeepStrictEqual(was.entry, entry)
  const before = was === undefined || isUnchanged ? found : await shared.find(was.entry)
  if (found === 'same') return
  const isOurs = was !== undefined && before === 'same'
  if (found === 'absent' && before === 'absent') {
    work.touched.add(ref)
    await shared.add(entry, place.scaffold)
    return
  }
  if (!isOurs && !work.force) {
    if (isUnchanged) {
      work.edited.push(namedAt(ref, entry, work))
      return
    }
    const files = [nameOf(entry)]
    work.conflicts.push({ artifact: ref, place: work.at, why: was === undefined ? 'foreign' : 'edited', files })
    return
  }
  work.loses ||= !isOurs
  work.touched.add(ref)
  await shared.replace(was !== undefined && before !== 'absent' ? was.entry : entry, entry)
}

function namedAt(ref: Ref, entry: Entry, { at }: Work): { artifact: Ref; files: string[] } {
  return { artifact: ref, files: [`${at} (${nameOf(entry)})`] }
}

/** How people are told of a value. */
export function nameOf({ path }: Entry): string {
  return path.join('.')
}

function stepTo({ at, bytes }: SharedFile, text: string | undefined, { loses }: Work): Omit<Step, 'place'> {
  return {
    shown: at,
    after: text === undefined ? { from: 'nothing' } : { from: 'bytes', bytes: Buffer.from(text) },
    ...(bytes === undefined ? { onlyIfAbsent: true } : { onlyIfSame: sha256Hex(bytes) }),
    ...(loses && { saveOld: true }),
  }
}
