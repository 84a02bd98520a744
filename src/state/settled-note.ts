import path from 'node:path'
import { sha256Hex } from '../model/digest.js'
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

/** The note on a project with these two texts, to be judged by this haal; undefined where there is none. */
export function readSettledNote(around: Around, texts: readonly string[]): SettledNote | undefined {
  const [of, note] = around.disk.text(noteFile(around))?.split('\n') ?? []
  if (note === undefined || of !== digestOf(around, [...texts, note])) return undefined
  return JSON.parse(note) as SettledNote
}

/** Whatever goes wrong is no reason to fail. A note that is not whole says nothing, so it needs no other name until it is. */
export function writeSettledNote(around: Around, texts: readonly string[], note: SettledNote): void {
  const file = noteFile(around)
  const text = JSON.stringify(note)
  tried(() => {
    around.disk.mkdir(path.dirname(file))
    around.disk.write(file, `${digestOf(around, [...texts, text])}\n${text}\n`)
  })
}

/** Where the project lies counts, too: paths in haal.json start there. */
function digestOf({ root }: Around, texts: readonly string[]): string {
  return sha256Hex(JSON.stringify([version, root, ...texts]))
}

function noteFile({ home, root }: Around): string {
  return path.join(home, 'settled', sha256Hex(root).slice(0, 32))
}
