import { isDeepStrictEqual } from 'node:util'
import { sha256Hex } from '../model/digest.js'
import { fail, onError } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import type { Conflict, Step } from '../model/plan.js'
import type { Entry, SharedPlace } from '../model/targets.js'
import { addToJson, type Found, findInJson, removeFromJson, replaceInJson } from './json-file.js'
import { madeOf } from './json-made.js'
import { addToToml, findInToml, removeFromToml, replaceInToml, tablesOf } from './toml-file.js'

/** One file that haal shares with a person: what it holds, what haal has put into it, and what shall be in it. */
interface SharedFile {
  at: string
  /** undefined where there is no such file. */
  bytes: Uint8Array | undefined
  was: readonly SharedPlace[]
  shall: readonly SharedPlace[]
  /** Take the place of values that a person has edited or owns; the file as it was is put aside. */
  force: boolean
}

export interface Merged {
  step?: Omit<Step, 'place'>
  conflicts: readonly Conflict[]
  /** Values that a person has edited, which stay though their artifact goes. */
  kept: readonly { artifact: Ref; files: string[] }[]
  /** Artifacts whose values change, come or go. */
  touched: readonly Ref[]
}

/** From what lies in a shared file to what shall lie there, everything foreign kept to the byte. Throws E_CONFLICT where the file cannot be
    read: it is never replaced. Of a file that a person has deleted the folders above it are left to take away. */
export async function mergeFile(file: SharedFile): Promise<Merged> {
  const work = workOn(file)
  const was = ownedIn(file.was)
  const shall = ownedIn(file.shall)
  for (const [key, owned] of was) if (!shall.has(key) && !isAnothers(owned, shall)) await leave(owned, work)
  const made = was.size === 0 && work.text === undefined ? await madeAtOnce([...shall.values()]) : undefined
  if (made === undefined) for (const [key, owned] of shall) await come(owned, was.get(key), work)
  else work.text = made
  if (made !== undefined) for (const { ref } of shall.values()) work.touched.add(ref)
  for (const [key, owned] of was)
    if (hasChanged(owned, shall.get(key)) && !isWanted(owned, shall)) await leaveBehind(owned, work)
  if (await isOursAlone(file, work)) work.text = await asMade(file.shall, work)
  const { text, before, conflicts, kept, touched } = work
  const isGone = text === undefined && was.size > 0
  const step = (text === before && !isGone) || conflicts.length > 0 ? {} : { step: stepTo(file, work) }
  return { ...step, conflicts, kept, touched: [...touched] }
}

/** Whether a file that changes is to the byte as haal makes it: it is made anew, so that its order does not tell in which order things came. */
async function isOursAlone({ was, shall }: SharedFile, work: Work): Promise<boolean> {
  const { text, before } = work
  const entries = (places: readonly SharedPlace[]) => places.flatMap((place) => place.entries)
  if (before === undefined || (text === before && isDeepStrictEqual(entries(was), entries(shall)))) return false
  const made = onError(
    ['E_CONFLICT'],
    () => asMade(was, work),
    () => undefined,
  )
  return (await made) === before
}

/** The text of a file that holds these values alone. */
async function asMade(places: readonly SharedPlace[], { at }: Work): Promise<string | undefined> {
  const owned = [...ownedIn(places).values()]
  const made = await madeAtOnce(owned)
  if (made !== undefined) return made
  const work = workOn({ at, bytes: undefined, was: [], shall: places, force: false })
  for (const each of owned) await come(each, undefined, work)
  return work.text
}

/** Values that come one by one are each looked for in all that is there: very many take the short way, where there is one. */
async function madeAtOnce(owned: readonly Owned[]): Promise<string | undefined> {
  const [first] = owned
  if (first === undefined) return undefined
  const { format, scaffold } = first.place
  return formats[format].make(
    owned.map(({ entry }) => entry),
    scaffold,
  )
}

/** Whether an artifact's values are in a shared file as haal has put them there. */
export async function lookInto(place: SharedPlace, bytes: Uint8Array | undefined): Promise<Found> {
  if (bytes === undefined) return 'absent'
  const text = textOf(bytes, place.at)
  const found = await Promise.all(place.entries.map((entry) => formats[place.format].find(text, entry, place.at)))
  return found.find((each) => each === 'edited') ?? found.find((each) => each === 'absent') ?? 'same'
}

interface Owned {
  ref: Ref
  entry: Entry
  place: SharedPlace
}

/** Of an item that several artifacts bring there is one; it stays as long as one of them does. */
function isAnothers({ ref, entry }: Owned, shall: ReadonlyMap<string, Owned>): boolean {
  if (!entry.item) return false
  return [...shall.values()].some((other) => other.ref !== ref && isDeepStrictEqual(other.entry, entry))
}

function hasChanged({ entry }: Owned, now: Owned | undefined): boolean {
  return entry.item === true && now !== undefined && !isDeepStrictEqual(now.entry, entry)
}

/** An item that has changed to what was there already has not been changed where it was. */
function isWanted({ entry }: Owned, shall: ReadonlyMap<string, Owned>): boolean {
  return [...shall.values()].some((other) => isDeepStrictEqual(other.entry, entry))
}

interface Work {
  at: string
  before: string | undefined
  text: string | undefined
  force: boolean
  /** Something of a person's is replaced or taken away. */
  loses: boolean
  conflicts: Conflict[]
  kept: { artifact: Ref; files: string[] }[]
  touched: Set<Ref>
}

function workOn({ at, bytes, force }: SharedFile): Work {
  const text = bytes && textOf(bytes, at)
  return { at, before: text, text, force, loses: false, conflicts: [], kept: [], touched: new Set() }
}

function textOf(bytes: Uint8Array, at: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    return fail('E_CONFLICT', `${at} is not UTF-8; haal does not write into it`, {
      hint: 'save it as UTF-8, then run the command again',
      cause,
    })
  }
}

/** By name, or an artifact's items by their number in a list: so an item that changes is changed where it is. Two artifacts may bring the
    same value; the first is asked about it. */
function ownedIn(places: readonly SharedPlace[]): Map<string, Owned> {
  const all = new Map<string, Owned>()
  for (const place of places)
    for (const entry of place.entries) {
      const name = JSON.stringify(entry.path)
      const key = (number: number): string => (entry.item ? `${name} ${place.ref} ${number}` : name)
      let number = 1
      while (entry.item && all.has(key(number))) number += 1
      if (!all.has(key(number))) all.set(key(number), { ref: place.ref, entry, place })
    }
  return all
}

/** What makes two values one: their name, or for items all of them. */
export function keyOf({ path, value, item }: Entry): string {
  return JSON.stringify(item ? [path, value] : path)
}

const formats = {
  json: {
    make: async (entries: readonly Entry[], scaffold: SharedPlace['scaffold']) => madeOf(entries, scaffold),
    find: async (text: string, entry: Entry, at: string) => findInJson(text, entry, at),
    add: async (text: string | undefined, entry: Entry, { at, scaffold }: SharedPlace) =>
      addToJson(text, entry, { source: at, ...(scaffold && { scaffold }) }),
    replace: async (text: string, change: { was: Entry; entry: Entry }, at: string) => replaceInJson(text, change, at),
    remove: async (text: string, entry: Entry, { at, scaffold }: SharedPlace) =>
      removeFromJson(text, entry, { source: at, ...(scaffold && { scaffold }) }),
  },
  toml: {
    make: async (entries: readonly Entry[]) => tablesOf(entries),
    find: findInToml,
    add: (text: string | undefined, entry: Entry, { at }: SharedPlace) => addToToml(text, entry, at),
    replace: replaceInToml,
    remove: (text: string, entry: Entry, { at }: SharedPlace) => removeFromToml(text, entry, at),
  },
} as const

async function find(entry: Entry, place: SharedPlace, { text }: Work): Promise<Found> {
  return text === undefined ? 'absent' : formats[place.format].find(text, entry, place.at)
}

/** A value goes, unless a person has edited it. */
async function leave({ ref, entry, place }: Owned, work: Work): Promise<void> {
  const found = await find(entry, place, work)
  if (found === 'absent' || work.text === undefined) return
  if (found === 'edited' && !work.force) {
    work.kept.push({ artifact: ref, files: [`${work.at} (${nameOf(entry)})`] })
    return
  }
  work.loses ||= found === 'edited'
  work.touched.add(ref)
  work.text = await formats[place.format].remove(work.text, entry, place)
}

/** As it was, or not at all: an item that has changed may still be known by its command. */
async function leaveBehind(owned: Owned, work: Work): Promise<void> {
  if ((await find(owned.entry, owned.place, work)) === 'same') await leave(owned, work)
}

/** A value comes in, or changes where it is. What a person has at its name is a conflict; their edit of it stays where nothing new is wanted. */
async function come({ ref, entry, place }: Owned, was: Owned | undefined, work: Work): Promise<void> {
  const { add, replace } = formats[place.format]
  const found = await find(entry, place, work)
  const before = was === undefined || isDeepStrictEqual(was.entry, entry) ? found : await find(was.entry, place, work)
  if (found === 'same') return
  const isOurs = was !== undefined && before === 'same'
  if (work.text === undefined || (found === 'absent' && before === 'absent')) {
    work.touched.add(ref)
    work.text = await add(work.text, entry, place)
    return
  }
  if (!isOurs && !work.force) {
    if (was !== undefined && isDeepStrictEqual(was.entry, entry)) return
    const files = [nameOf(entry)]
    work.conflicts.push({ artifact: ref, place: work.at, why: was === undefined ? 'foreign' : 'edited', files })
    return
  }
  work.loses ||= !isOurs
  work.touched.add(ref)
  const old = was !== undefined && before !== 'absent' ? was.entry : entry
  work.text = await replace(work.text, { was: old, entry }, place.at)
}

/** How people are told of a value. */
export function nameOf({ path }: Entry): string {
  return path.join('.')
}

function stepTo({ at, bytes }: SharedFile, { text, loses }: Work): Omit<Step, 'place'> {
  return {
    shown: at,
    after: text === undefined ? { from: 'nothing' } : { from: 'bytes', bytes: Buffer.from(text) },
    ...(bytes === undefined ? { onlyIfAbsent: true } : { onlyIfSame: sha256Hex(bytes) }),
    ...(loses && { saveOld: true }),
  }
}
