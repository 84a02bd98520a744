import path from 'node:path'
import type { Disk } from '../model/disk.js'
import { type ErrorCode, fail } from '../model/errors.js'
import { isRecord, jsonPath, parseJson } from '../model/json.js'
import type { Ref } from '../model/kinds.js'
import type { Lock, Locked, LockedRegistry } from '../model/lock.js'
import { byCodeUnit, nameProblem } from '../model/names.js'
import {
  artifactFields,
  ref,
  registryFields,
  requiredFields,
  requiredRegistryFields,
  type Wrong,
} from './lock-fields.js'

/** The lockfile format this haal reads and writes. haal's major version rises with it: format 2 needs haal 2. */
export const lockfileVersion = 1

/** undefined where the project has no lockfile. Throws what `parseLock` throws. */
export function readLock(disk: Disk, file: string): Lock | undefined {
  const text = disk.text(file)
  if (text === undefined) return undefined
  if (latest?.text !== text) latest = { text, lock: parseLock(text, path.basename(file)) }
  read.set(latest.lock, text)
  return latest.lock
}

/** Most commands read the same lockfile more than once: a lock is a value, and what is read from the same text is the same. */
let latest: { text: string; lock: Lock } | undefined

/** Whether two locks are printed alike. The text that `lock` was read from is compared first: where it is equal, `lock` need not be printed. */
export function isPrintedAs(lock: Lock, other: Lock): boolean {
  return lock === other || read.get(lock) === printLock(other) || printLock(lock) === printLock(other)
}

const read = new WeakMap<Lock, string>()

/** Reads haal.lock (docs/file-formats.md), which is hostile until it is decoded. Keys that are not known are kept. Throws E_LOCK_PARSE,
    E_LOCK_VERSION, E_LOCK_INTEGRITY, E_LOCK_SOURCE where an artifact's registry is not listed, and E_LOCK_PATH where a recorded place
    could lead out of the project. */
export function parseLock(text: string, source = 'haal.lock'): Lock {
  refuseOddText(text, source)
  const value = parseJson(text, source, { syntax: 'E_LOCK_PARSE', key: 'E_LOCK_PARSE' })
  const file = objectAt(value, source, [])
  checkVersion(file.lockfileVersion, source)
  const registries = registriesOf(objectAt(file.registries, source, ['registries']), source)
  const artifacts = artifactsOf(objectAt(file.artifacts, source, ['artifacts']), registries, source)
  return { registries, artifacts, unknown: without(file, ['lockfileVersion', 'registries', 'artifacts']) }
}

/** Where git has left its conflict markers: the number of the first such line, from 1. */
export function conflictLine(text: string): number | undefined {
  if (!['<<<<<<<', '>>>>>>>', '|||||||'].some((marker) => text.includes(marker))) return undefined
  const at = text.search(/^(<{7}|>{7}|\|{7})( |\r?$)/m)
  return at < 0 ? undefined : text.slice(0, at).split('\n').length
}

function refuseOddText(text: string, source: string): void {
  const refuse = (why: string, hint: string): never => fail('E_LOCK_PARSE', `${source} ${why}`, { hint })
  const restore = `restore it from git, or delete it and run: haal install`
  if (text.trim() === '') refuse('is empty', restore)
  const line = conflictLine(text)
  if (line !== undefined)
    fail('E_LOCK_PARSE', `${source}:${line} has git conflict markers`, {
      hint: 'when haal.json has none, this resolves them: haal install',
      details: { file: source, conflict: true },
    })
  if (text.startsWith('\ufeff')) refuse('starts with a byte order mark', restore)
  if (text.includes('\r'))
    refuse('has Windows line ends', `add the line "${source} text eol=lf" to .gitattributes, then check it out again`)
}

function checkVersion(version: unknown, source: string): void {
  if (version === lockfileVersion) return
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    fail('E_LOCK_PARSE', `${source}: $.lockfileVersion should be ${lockfileVersion}`, { details: { file: source } })
  fail('E_LOCK_VERSION', `${source} has lockfileVersion ${version}, this haal reads ${lockfileVersion}`, {
    hint: `haal ${version}.0.0 or newer reads it: npm install --global haal@${version}`,
    details: { file: source, lockfileVersion: version },
  })
}

function registriesOf(written: Record<string, unknown>, source: string): Record<string, LockedRegistry> {
  for (const name of Object.keys(written)) {
    const at = ['registries', name]
    const why = nameProblem(name)
    if (why !== undefined) refuse({ code: 'E_LOCK_PARSE', why }, at, source)
    written[name] = checked(written[name], { at, source, fields: registryFields, needs: requiredRegistryFields })
  }
  return written as Record<string, LockedRegistry>
}

function artifactsOf(
  written: Record<string, unknown>,
  registries: Readonly<Record<string, LockedRegistry>>,
  source: string,
): Record<Ref, Locked> {
  for (const key of Object.keys(written)) {
    const at = ['artifacts', key]
    const wrong = ref(key)
    if (wrong) refuse(wrong, at, source)
    const locked = checked(written[key], { at, source, fields: artifactFields, needs: requiredFields })
    if (!Object.hasOwn(registries, locked.registry as string))
      refuse({ code: 'E_LOCK_SOURCE', why: 'is not among its registries' }, [...at, 'registry'], source)
    written[key] = locked
  }
  return written as Record<Ref, Locked>
}

interface Fields {
  at: readonly string[]
  source: string
  fields: Readonly<Record<string, (value: unknown) => Wrong | undefined>>
  needs: readonly string[]
}

/** The object itself once all its known keys are checked, or a copy whose other keys are below `unknown`. */
function checked(value: unknown, { at, source, fields, needs }: Fields): Record<string, unknown> {
  const written = objectAt(value, source, at)
  let strange = 0
  for (const key of Object.keys(written)) {
    const check = Object.hasOwn(fields, key) ? fields[key] : undefined
    const wrong = check?.(written[key])
    if (wrong) refuse(wrong, wrong.index === undefined ? [...at, key] : [...at, key, wrong.index], source)
    if (check === undefined) strange += 1
  }
  for (const key of needs) if (!Object.hasOwn(written, key)) refuse(missing(key), [...at, key], source)
  return strange === 0 ? written : split(written, fields)
}

function split(written: Record<string, unknown>, fields: Fields['fields']): Record<string, unknown> {
  const isKnown = ([key]: [string, unknown]) => Object.hasOwn(fields, key)
  const all = Object.entries(written)
  const unknown = Object.fromEntries(all.filter((each) => !isKnown(each)))
  return { ...Object.fromEntries(all.filter(isKnown)), unknown }
}

function missing(key: string): Wrong {
  return { code: key === 'integrity' ? 'E_LOCK_INTEGRITY' : 'E_LOCK_PARSE', why: 'is missing' }
}

function objectAt(value: unknown, source: string, at: readonly string[]): Record<string, unknown> {
  if (isRecord(value)) return value
  return refuse({ code: 'E_LOCK_PARSE', why: value === undefined ? 'is missing' : 'should be an object' }, at, source)
}

function refuse(
  { code, why }: { code: ErrorCode; why: string },
  at: readonly (string | number)[],
  source: string,
): never {
  const shown = jsonPath(at)
  return fail(code, `${source}: ${shown} ${why}`, {
    hint: 'restore the lockfile from git, or delete it and run: haal install',
    details: { file: source, path: shown },
  })
}

function without(file: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(file).filter(([key]) => !keys.includes(key)))
}

/** The text of a lockfile: the same for the same lock on every platform and in every locale. Keys are sorted by code unit, the keys of one
    artifact share lines, and no artifact takes more than ten. */
export function printLock(lock: Lock): string {
  const known = printed.get(lock)
  const text = known ?? print(lock)
  if (known === undefined) printed.set(lock, text)
  return text
}

/** A lock is a value: what was printed once is not printed again. */
const printed = new WeakMap<Lock, string>()

function print({ artifacts, registries, unknown }: Lock): string {
  const parts: [string, string][] = [
    ...Object.entries(unknown).map(([key, value]): [string, string] => [key, inline(value)]),
    ['artifacts', block(artifacts)],
    ['lockfileVersion', String(lockfileVersion)],
    ['registries', block(registries)],
  ]
  const lines = parts.toSorted(byKey).map(([key, value]) => `  ${quoted(key)}: ${value}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

type Entry = Locked | LockedRegistry

function block(entries: Readonly<Record<string, Entry>>): string {
  const keys = Object.keys(entries).sort(byCodeUnit)
  const lines = keys.map((key) => `    ${quoted(key)}: ${printEntry(entries[key])}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`
}

function printEntry(entry: Entry | undefined): string {
  const { unknown, ...known } = entry ?? {}
  const all: Record<string, unknown> = unknown === undefined ? known : { ...unknown, ...known }
  const pairs: string[] = []
  for (const key of Object.keys(all).sort()) {
    const value = all[key]
    if (value !== undefined) pairs.push(`${quoted(key)}: ${inline(Object.hasOwn(known, key) ? sorted(value) : value)}`)
  }
  return `{\n${filled(pairs).join(',\n')}\n    }`
}

/** The lists of an artifact are sets. */
function sorted(value: unknown): unknown {
  return Array.isArray(value) && value.length > 1 ? value.toSorted() : value
}

const width = 100
const mostLines = 8

/** As many pairs on a line as fit; wider where that takes too many lines. */
function filled(pairs: readonly string[]): string[] {
  for (let limit = width; ; limit *= 2) {
    const lines = fill(pairs, limit)
    if (lines.length <= mostLines) return lines
  }
}

function fill(pairs: readonly string[], limit: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const pair of pairs) {
    if (line !== '' && line.length + pair.length + 3 > limit) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? `      ${pair}` : `${line}, ${pair}`
  }
  return line === '' ? lines : [...lines, line]
}

function inline(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  const pairs = Object.entries(value).toSorted(byKey)
  return pairs.length === 0 ? '{}' : `{ ${pairs.map(([key, item]) => `${quoted(key)}: ${inline(item)}`).join(', ')} }`
}

function quoted(text: string): string {
  return /^[\w ./:@+=-]*$/.test(text) ? `"${text}"` : JSON.stringify(text)
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return byCodeUnit(a, b)
}
