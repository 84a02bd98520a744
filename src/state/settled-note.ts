import path from 'node:path'
import type { Disk } from '../model/disk.js'
import { version } from '../model/haal-version.js'
import { isRecord } from '../model/json.js'
import { attempt } from './attempt.js'
import { generationsFolder } from './paths.js'
import type { Kept } from './seen.js'

/** That a project's haal.json and haal.lock agree to the last letter, and what is left to ask about each time. It lies below HAAL_HOME and
    not in the project, so that nobody else can say it; it may be deleted at any time. */
export interface SettledNote {
  /** Names of the registries, the first to answer first. */
  order: readonly string[]
  /** The folder of the primary registry, where it is one. */
  folder?: string
  /** How everything that haal.lock has lies there, where that is known. */
  placed?: Placed
}

/** `seen` tells the file of what was seen (`state/seen.ts`) of all that haal put there, in tools' folders too; `counts`, for each folder in `.haal`, how
    many artifacts lie in it. */
export interface Placed {
  seen: Kept
  counts: Readonly<Record<string, number>>
}

interface Around {
  disk: Disk
  /** Where haal keeps what outlives a project. */
  home: string
  root: string
}

interface Texts {
  manifest: string
  lock: Uint8Array
}

/** haal.json and haal.lock; undefined where one of the two is not there. */
export function projectTexts({ disk, root }: Pick<Around, 'disk' | 'root'>): Texts | undefined {
  const manifest = disk.text(path.join(root, 'haal.json'))
  const lock = manifest === undefined ? undefined : bytesAt(disk, path.join(root, 'haal.lock'))
  return manifest === undefined || lock === undefined ? undefined : { manifest, lock }
}

/** The note on a project and the lockfile that it is about, to be judged by this haal; undefined where there is none, where it is about other texts
    than those that lie there, or not as haal wrote it. */
export function readSettledNote(around: Around): (SettledNote & Pick<Texts, 'lock'>) | undefined {
  const whole = bytesAt(around.disk, noteFile(around)) ?? new Uint8Array()
  const text = Buffer.from(whole.subarray(0, Math.max(0, whole.indexOf(lineEnd)))).toString()
  const texts = text === '' ? undefined : projectTexts(around)
  if (texts === undefined) return undefined
  const head = Buffer.from(headOf(around, texts.manifest, text))
  const isSame = isEqual(whole.subarray(0, head.length), head) && isEqual(whole.subarray(head.length), texts.lock)
  const note = isSame ? noteIn(text) : undefined
  return note && { ...note, lock: texts.lock }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

const lineEnd = 10

/** Whatever goes wrong is no reason to fail. What a note is about stands behind it, so that one that is not whole says nothing, and needs no other
    name until it is. */
export function writeSettledNote(around: Around, { manifest, lock }: Texts, note: SettledNote): void {
  const file = noteFile(around)
  attempt(() => {
    if (around.disk.stat(path.dirname(file))?.type === 'link') return
    makeRoom(around.disk, file)
    around.disk.write(file, Buffer.concat([Buffer.from(headOf(around, manifest, JSON.stringify(note))), lock]))
  })
}

/** Far more than anybody works in. */
const mostProjects = 500

/** None of the notes tells whether its project is still there. */
function makeRoom(disk: Disk, file: string): void {
  const folder = path.dirname(file)
  disk.mkdir(folder)
  const others = disk.inside(folder).filter((name) => name !== path.basename(file) && /^[0-9a-f]+$/.test(name))
  if (others.length >= mostProjects) for (const name of others) disk.remove(path.join(folder, name))
}

/** The note that is there would say of older texts, should they come back, that nothing else lies in the project. */
export function dropSettledNote(around: Around): void {
  attempt(() => void around.disk.remove(noteFile(around)))
}

/** By hand: decoding with a schema takes longer than all else that is done with a note. */
function noteIn(text: string): SettledNote | undefined {
  try {
    const { order, folder, placed } = JSON.parse(text) as Partial<Record<keyof SettledNote, unknown>>
    const isWhole = Array.isArray(order) && order.every((name) => typeof name === 'string')
    if (!isWhole || (folder !== undefined && typeof folder !== 'string')) return undefined
    return { order, ...(folder !== undefined && { folder }), ...(isPlaced(placed) && { placed }) }
  } catch {
    return undefined
  }
}

function isPlaced(value: unknown): value is Placed {
  if (!isRecord(value) || !isRecord(value.counts) || !isRecord(value.seen)) return false
  return typeof value.seen.sum === 'string' && Array.isArray(value.seen.mark)
}

/** To digest the lockfile, Node's cryptography would have to be loaded, which takes longer than all else: it stands behind this as it is. haal.json
    does not, because a person may have written a token into it. Where the project lies counts, too: paths in haal.json start there. And so do its
    generations: a command that was killed before it noted anything, or notes elsewhere, has left one more. */
function headOf(around: Around, manifest: string, note: string): string {
  const about = [version, around.root, generationsIn(around), checksum(note), checksum(manifest), '']
  return `${note}\n${about.join('\0')}`
}

function generationsIn({ disk, root }: Around): string {
  return disk.inside(generationsFolder({ root })).sort().join(' ')
}

/** FNV-1a, twice with different beginnings: good for telling that a file has changed, and for nothing else. */
function checksum(text: string): string {
  let [a, b] = [0x811c9dc5, text.length]
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000193)
  }
  return `${a >>> 0} ${b >>> 0}`
}

function bytesAt(disk: Disk, file: string): Uint8Array | undefined {
  return disk.stat(file) && disk.read(file)
}

/** Projects whose names end alike may share a file; then it is about one of them. */
function noteFile({ home, root }: Around): string {
  return path.join(home, 'settled', Buffer.from(root).toString('hex').slice(-200))
}
