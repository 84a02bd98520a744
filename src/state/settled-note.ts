import path from 'node:path'
import type { Disk } from '../model/disk.js'
import { version } from '../model/version.js'
import { tried } from './tried.js'

/** That a project's haal.json and haal.lock agree to the last letter, and what is left to ask about each time. It lies below HAAL_HOME and
    not in the project, so that nobody else can say it; it may be deleted at any time. */
export interface SettledNote {
  /** Names of the registries, the first to answer first. */
  order: readonly string[]
  /** The folder of the primary registry, where it is one. */
  folder?: string
  /** The folders in which the artifacts lie, and what they were like then: where they are the same, so are the names in them. */
  inside: readonly (readonly [at: string, mark: readonly number[]])[]
}

interface Around {
  disk: Disk
  /** Where haal keeps what outlives a project. */
  home: string
  root: string
}

interface Texts {
  manifest: string
  lock: string
}

/** The note on a project with these two texts, to be judged by this haal; undefined where there is none. */
export function readSettledNote(around: Around, texts: Texts): SettledNote | undefined {
  const whole = around.disk.text(noteFile(around)) ?? ''
  const end = whole.indexOf('\n')
  if (end < 0 || whole.slice(end + 1) !== aboutOf(around, texts)) return undefined
  return JSON.parse(whole.slice(0, end)) as SettledNote
}

/** Whatever goes wrong is no reason to fail. What a note is about stands behind it, so that one that is not whole says nothing, and needs no other
    name until it is. */
export function writeSettledNote(around: Around, texts: Texts, note: SettledNote): void {
  const file = noteFile(around)
  tried(() => {
    around.disk.mkdir(path.dirname(file))
    around.disk.write(file, `${JSON.stringify(note)}\n${aboutOf(around, texts)}`)
  })
}

/** To digest the texts, Node's cryptography would have to be loaded, which takes longer than all else: the lockfile stands here as it is. haal.json
    does not, because a person may have written a token into it. Where the project lies counts, too: paths in haal.json start there. */
function aboutOf({ root }: Around, { manifest, lock }: Texts): string {
  return [version, root, checksum(manifest), lock].join('\0')
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

/** Projects whose names end alike may share a file; then it is about one of them. */
function noteFile({ home, root }: Around): string {
  return path.join(home, 'settled', Buffer.from(root).toString('hex').slice(-200))
}
