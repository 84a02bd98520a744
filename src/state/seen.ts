import path from 'node:path'
import type { Disk, Stat } from '../model/disk.js'
import type { Site } from '../model/site.js'
import { stateFolder } from './paths.js'
import { checkState } from './safe.js'
import { tried } from './tried.js'

type Around = Pick<Site, 'root' | 'disk' | 'process'>

/** What places were like when every byte of them was last found to be what haal put there, so that `list` need not read them all again.

    `.haal/.state/seen` has a line for each place: where it is, what it holds, then the name and the mark of the place itself and of every
    folder and file below it, with tabs between. A mark is type, mode, size, inode, time of the last change of the bytes and of anything at
    all (mtime and ctime). A place whose marks are all as written has not been touched: an edit sets ctime, which nobody can
    set back; a file that is added, removed or exchanged sets its folder's.

    A clock has grains: an edit in the same grain as the change before it leaves the same time. So a place is written down only where its
    last change is older, by the file system's own clock, than the moment before its bytes were read by more than a grain. What is younger
    is compared byte by byte the next time, too.

    verify, install --frozen and whatever changes a place never ask this file. Where it is absent, or odd in any way, everything is compared
    byte by byte; it may be deleted at any time. */
interface Seen {
  /** Whether a place has not been touched since it was found to hold `content`. */
  isUntouched(at: string, content: string): boolean
  /** To be called before the bytes of a place are read, and what it answers, when they turned out to be `content`. */
  look(at: string, content: string): () => void
  /** Writes down what was found; whatever goes wrong with that is no reason to fail. */
  keep(): void
}

const head = 'haal-seen 1'

export function openSeen(site: Around): Seen {
  const lines = linesOf(site)
  const found: string[] = []
  let clock: { started: bigint } | undefined
  return {
    isUntouched: (at, content) => {
      const line = lines.get(`${at}\t${content}`)
      if (line === undefined || !isAsWritten(site, at, line)) return false
      found.push(line)
      return true
    },
    look: (at, content) => {
      clock ??= startClock(site)
      const line = clock && lineOf(site, { at, content, started: clock.started })
      return () => {
        if (line !== undefined) found.push(line)
      }
    },
    keep: () => {
      const isSame = found.length === lines.size && found.every((line) => lines.get(keyOf(line)) === line)
      if (clock && !isSame) tried(() => write(site, found))
      if (clock) tried(() => void site.disk.remove(temporary(site)))
    },
  }
}

/** By place and content; none where the file is not whole. */
function linesOf({ root, disk }: Around): Map<string, string> {
  let text: string | undefined
  tried(() => {
    text = disk.text(seenFile({ root }))
  })
  const lines = text?.split('\n') ?? []
  if (lines[0] !== head || lines.at(-2) !== endOf(lines.length - 3) || lines.at(-1) !== '') return new Map()
  return new Map(lines.slice(1, -2).map((line) => [keyOf(line), line]))
}

function endOf(count: number): string {
  return `end ${count}`
}

/** The first two fields of a line. */
function keyOf(line: string): string {
  return line.slice(0, line.indexOf('\t', line.indexOf('\t') + 1))
}

function isAsWritten({ root, disk }: Around, at: string, line: string): boolean {
  const place = below(root, at)
  const fields = line.split('\t')
  for (let i = 2; i < fields.length; i += 2) {
    const mark = disk.mark(below(place, fields[i] ?? ''))
    if (mark === undefined || mark !== fields[i + 1]) return false
  }
  return fields.length > 3
}

/** `path.join` without taking apart what is whole, which is most of what it does. */
function below(place: string, name: string): string {
  if (name === '') return place
  return `${place}${path.sep}${path.sep === '/' ? name : name.replaceAll('/', path.sep)}`
}

/** The file system's own time now, which may differ from ours on a network. undefined where nothing can be written. */
function startClock(site: Around): { started: bigint } | undefined {
  let started: bigint | undefined
  tried(() => {
    checkState(site)
    site.disk.write(temporary(site), '')
    started = site.disk.stat(temporary(site))?.mtime
  })
  return started === undefined ? undefined : { started }
}

interface Looked {
  at: string
  content: string
  started: bigint
}

/** undefined where something has changed too lately, or has a name that cannot be written. */
function lineOf({ root, disk }: Around, { at, content, started }: Looked): string | undefined {
  const fields = [at, content]
  const place = below(root, at)
  const isSettled = (name: string): boolean => {
    const mark = disk.mark(below(place, name))
    const stat = disk.stat(below(place, name))
    if (mark === undefined || stat === undefined || !isOlder(stat, started)) return false
    fields.push(name, mark)
    const names = stat.type === 'folder' ? disk.names(below(place, name)) : []
    return names.every((each) => isSettled(name === '' ? each.name : `${name}/${each.name}`))
  }
  if (!isSettled('') || fields.some((field) => /[\t\n]/.test(field))) return undefined
  return fields.join('\t')
}

/** Clocks tick in milliseconds or less, those of old file systems in up to 2 seconds: theirs show whole milliseconds only. */
function isOlder({ mtime, ctime }: Stat, started: bigint): boolean {
  const last = ctime > mtime ? ctime : mtime
  const grain = last % 1_000_000n === 0n ? 2_000_000_000n : 50_000_000n
  return last + grain < started
}

function write(site: Around, lines: readonly string[]): void {
  const { disk } = site
  disk.write(temporary(site), `${[head, ...lines, endOf(lines.length)].join('\n')}\n`)
  disk.rename(temporary(site), seenFile(site))
  sweep(disk, stateFolder(site))
}

/** What a killed command has left. */
function sweep(disk: Disk, folder: string): void {
  for (const { name } of disk.names(folder)) if (/^seen-\d+$/.test(name)) disk.remove(path.join(folder, name))
}

function seenFile(site: Pick<Site, 'root'>): string {
  return path.join(stateFolder(site), 'seen')
}

function temporary(site: Around): string {
  return path.join(stateFolder(site), `seen-${site.process.pid}`)
}
