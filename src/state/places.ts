import path from 'node:path'
import { type FileMode, type ListedFile, listingDigest, sha256Hex } from '../model/digest.js'
import type { Disk } from '../model/disk.js'
import { limits } from '../model/limits.js'
import { byCodeUnit } from '../model/names.js'
import type { OnDisk } from '../model/plan.js'
import { isScript } from '../model/shebang.js'

/** The form in which an artifact lies at a place: as one file of it, as what is below one folder of it, or with some files under other names. */
export interface PlacedAs {
  file?: string | undefined
  under?: string | undefined
  rename?: Readonly<Record<string, string>> | undefined
  /** Windows has no executable bit. */
  platform?: NodeJS.Platform
}

/** Compares every byte of a place with a listing; without one, whatever lies there is foreign. Of a file's mode only the executable bit
    counts. */
export function inspect(
  disk: Disk,
  place: string,
  files: readonly ListedFile[] | undefined,
  as: PlacedAs = {},
): OnDisk {
  const found = disk.stat(place)?.type
  if (found === undefined) return { state: 'absent', missing: [], changed: [], added: [] }
  if (files === undefined || found !== (as.file === undefined ? 'folder' : 'file'))
    return { state: 'foreign', missing: [], changed: [], added: [''] }
  const expected = placedFiles(files, as)
  const missing = new Set(expected.keys())
  const changed: string[] = []
  const added: string[] = []
  for (const { name, type } of found === 'file' ? [{ name: '', type: found }] : contentsOf(disk, place)) {
    const file = expected.get(name)
    missing.delete(name)
    if (file === undefined) added.push(name)
    else if (type !== 'file' || differs(disk, path.join(place, name), { file, as })) changed.push(name)
  }
  const same = missing.size + changed.length + added.length === 0
  return {
    state: same ? 'same' : 'edited',
    missing: [...missing].sort(byCodeUnit),
    changed: changed.sort(byCodeUnit),
    added: added.sort(byCodeUnit),
    unchanged: expected.size - missing.size - changed.length,
  }
}

/** Whether a link leads to a folder of the project, or will once that folder is there. */
export function isLinkTo(disk: Disk, place: string, folder: string): boolean {
  if (disk.stat(place)?.type !== 'link') return false
  const end = disk.real(place)
  return end === undefined || end === disk.real(folder)
}

/** Whether what lies at a place has an integrity, for when the store has no listing to compare with. On Windows, where no file has an
    executable bit, any of those do that the files can have had. */
export function hasIntegrity(disk: Disk, place: string, as: PlacedAs & { integrity: string }): boolean {
  return listingWith(disk, place, as) !== undefined
}

/** The listing of what lies at a place, if that has an integrity. */
export function listingWith(
  disk: Disk,
  place: string,
  { integrity, ...as }: PlacedAs & { integrity: string },
): readonly ListedFile[] | undefined {
  const files = wholeAt(disk, place, as)
  if (files === undefined) return undefined
  const ways = as.platform === 'win32' ? waysToRun(files) : [files]
  for (const way of ways) if (listingDigest(way) === integrity) return way
  return undefined
}

/** undefined where it is no artifact: nothing, only a part of one, or with a link in it or a file larger than any that haal puts down. */
function wholeAt(disk: Disk, place: string, { file, under, rename = {} }: PlacedAs): Found[] | undefined {
  if (under !== undefined) return undefined
  if (file !== undefined) {
    const alone = disk.stat(place)?.type === 'file' ? listed(disk, place, file) : undefined
    return alone && [alone]
  }
  const original = new Map(Object.entries(rename).map(([from, to]) => [to, from]))
  const found: Found[] = []
  const isWhole = disk.readBelow(place, limits.file, ({ name, mode, bytes }) =>
    found.push(foundAs(original.get(name) ?? name, mode, bytes)),
  )
  return isWhole ? found : undefined
}

/** The same files with other executable bits: of all, of all scripts, and of any of eight, scripts first. */
function* waysToRun(files: readonly Found[]): Generator<Found[]> {
  const any = files.toSorted((a, b) => Number(b.isScript) - Number(a.isScript)).slice(0, 8)
  const running = (runs: (file: Found) => boolean): Found[] =>
    files.map((file) => ({ ...file, mode: runs(file) ? 0o755 : 0o644 }))
  yield running(() => true)
  yield running(({ isScript }) => isScript)
  for (let set = 0; set < 2 ** any.length; set += 1) yield running((file) => (set & (1 << any.indexOf(file))) !== 0)
}

/** Everything below a folder that is no folder itself, with `/`. Links are not followed. */
export function contentsOf(
  disk: Disk,
  folder: string,
  above = '',
): { name: string; type: 'file' | 'link' | 'other' }[] {
  return disk.names(path.join(folder, above)).flatMap(({ name, type }) => {
    const whole = above === '' ? name : `${above}/${name}`
    return type === 'folder' ? contentsOf(disk, folder, whole) : [{ name: whole, type }]
  })
}

/** The files of an artifact by the paths they have at a place; '' is the place itself. */
export function placedFiles<F extends { path: string }>(
  files: readonly F[],
  { file, under, rename = {} }: PlacedAs,
): Map<string, F> {
  if (file !== undefined) return new Map(files.filter((each) => each.path === file).map((each) => ['', each]))
  const prefix = under === undefined ? '' : `${under}/`
  const below = files.filter(({ path: name }) => name.startsWith(prefix))
  return new Map(
    below.map((each) => {
      const name = each.path.slice(prefix.length)
      return [rename[name] ?? name, each]
    }),
  )
}

function differs(disk: Disk, at: string, { file, as }: { file: ListedFile; as: PlacedAs }): boolean {
  const stat = disk.stat(at)
  if (stat === undefined || stat.size !== file.size) return true
  if (as.platform !== 'win32' && modeOf(stat.mode) !== file.mode) return true
  return sha256Hex(disk.read(at)) !== file.sha256
}

interface Found extends ListedFile {
  isScript: boolean
}

function listed(disk: Disk, at: string, name: string): Found | undefined {
  const [mode = 0, size = 0] = disk.mark(at) ?? []
  return size > limits.file ? undefined : foundAs(name, mode, disk.readAt(at, 0, size))
}

function foundAs(path: string, mode: number, bytes: Uint8Array): Found {
  return { path, mode: modeOf(mode), size: bytes.length, sha256: sha256Hex(bytes), isScript: isScript(bytes) }
}

function modeOf(mode: number): FileMode {
  return mode & 0o100 ? 0o755 : 0o644
}
