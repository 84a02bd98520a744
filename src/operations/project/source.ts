import path from 'node:path'
import type { Context } from '../../model/context.js'
import { fail } from '../../model/errors.js'
import type { Lock } from '../../model/lock.js'
import type { Manifest } from '../../model/manifest.js'
import { unpinned } from '../../model/public-keys.js'
import { registryFrom } from '../../model/registries.js'
import { isLocal, type Locator, locationOf, type Registry } from '../../model/registry.js'
import { isArchive, locate, nameFor } from '../../model/source.js'
import { inShell } from '../../model/text.js'
import type { Edit } from '../../state/config/edit.js'

/** A source as a person types it: `owner/repo[/path][#ref]`, a git or https URL, a path, `npm:pkg@range`. */
export interface TypedSource {
  registry: Registry
  /** As haal.json shall have it, with a type where the location alone would mean another. */
  entry: { name: string; location: string; ref?: string; type?: string }
  /** Only what lies below this folder of the registry is meant. */
  under?: string
  /** haal.json lists it already. */
  known?: boolean
}

/** Reads a source. Two words with a slash are a GitHub repository unless a folder has that name. A path is written relative to `base`, the folder
    of the configuration, where it lies inside or was typed so. Throws E_USAGE where it is empty, and what `locate` throws. */
export function sourceOf(ctx: Context, typed: string, { base, name }: { base: string; name?: string }): TypedSource {
  const around = { folder: ctx.cwd, author: 'person' as const, source: 'the source' }
  if (typed.trim() === '')
    fail('E_USAGE', 'the source is empty', { hint: 'write owner/repo, a git or https URL, a path, or npm:<package>' })
  const { location, under } = expanded(ctx, typed)
  const { at, ref } = locate({ location }, around)
  const bare = ref === undefined ? location : location.replace(/#.*$/, '')
  const written = isLocal(at) ? placeOf(at, base, isAbsolute(location)) : bare
  const bareEntry = {
    name: name ?? nameFor(at),
    location: written,
    ...(ref !== undefined && at.via !== 'npm' && { ref }),
  }
  const read = (each: TypedSource['entry']) =>
    registryFrom(each.name, each, { folder: base, author: 'person', source: 'haal.json' })
  const entry = read(bareEntry).at.via === at.via ? bareEntry : { ...bareEntry, type: at.via }
  const registry = read(entry)
  return { registry, entry, ...(under !== undefined && { under }) }
}

/** Reads the source of a registry that is to be listed. Throws E_USAGE where only a folder in it is meant, which haal.json cannot say, and
    E_REGISTRY_UNAVAILABLE where it is a path that leads to nothing that can be one. */
export function wholeSource(ctx: Context, typed: string, around: { base: string; name?: string }): TypedSource {
  const source = sourceOf(ctx, typed, around)
  if (source.under !== undefined)
    fail('E_USAGE', `a registry is a whole repository, not the folder "${source.under}" in it`, {
      hint: `to take only what lies there: haal install --all --from ${inShell(typed)}`,
    })
  demandPath(ctx, source.registry.at)
  return source
}

/** A path that leads to nothing, or to a file that is no archive, is a slip, seen here and not by whoever installs next. Nothing else is contacted. */
function demandPath({ disk }: Context, at: Locator): void {
  const place = at.via === 'file' ? at.path : at.via === 'git' && path.isAbsolute(at.url) ? at.url : undefined
  if (place === undefined) return
  const real = disk.real(place)
  if (real === undefined)
    fail('E_REGISTRY_UNAVAILABLE', `there is no folder or archive at ${place}`, {
      hint: 'check the path, or make the folder first; a GitHub repository is written owner/repo',
    })
  if (at.via === 'file' && disk.stat(real)?.type !== 'folder' && !isArchive(place))
    fail('E_REGISTRY_UNAVAILABLE', `${place} is no folder, .tgz or .tar`, {
      hint: 'name a folder; unpack it first, if it is packed',
    })
}

/** What a registry more changes. */
export interface Addition {
  edits: Edit[]
  /** How the addresses of registries that move into haal.json are written there, by name. */
  locations: ReadonlyMap<string, string>
}

/** haal.json with one more registry, in the dialect it is written in. Those of another file, or another dialect, move there. */
export function addition(
  { registriesAt, registries }: Manifest,
  { entry: added, base }: { entry: TypedSource['entry'] & Record<string, unknown>; base: string },
): Addition {
  const { name, ...entry } = added
  const { path: at, form } = registriesAt
  if (form === 'program') ofProgram()
  if (form === 'map') {
    const { at: locator } = registryFrom(name, entry, { folder: '/', author: 'person', source: 'haal.json' })
    return unmoved({ path: [...at, name], value: { type: locator.via, ...entry } })
  }
  const others = registries.filter((registry) => registry.name !== name)
  if (form === 'list') return unmoved({ path: [...at, others.length], value: { name, ...entry } })
  const moved = others.map((other) => asWritten(other, base))
  const locations = new Map(moved.map((each) => [each.name, each.location]))
  return { edits: [{ path: at, value: [...moved, { name, ...entry }] }], locations }
}

/** A lock whose registries have the addresses that haal.json has from now on. */
export function relisted(lock: Lock, locations: Addition['locations']): Lock {
  const registries = Object.entries(lock.registries).map(([name, registry]) => [
    name,
    { ...registry, location: locations.get(name) ?? registry.location },
  ])
  return { ...lock, registries: Object.fromEntries(registries) }
}

function unmoved(edit: Edit): Addition {
  return { edits: [edit], locations: new Map() }
}

/** What a program gave is the program's to change. */
export function ofProgram(): never {
  return fail('E_USAGE', 'the registries are given by the program that runs haal, not by a file', {
    hint: 'change them there: createHaal({ registries })',
  })
}

/** `owner/repo/path#ref`, with or without what says GitHub in front, and what a browser shows of a folder there. */
function expanded(ctx: Context, typed: string): { location: string; under?: string } {
  const [, shown = '', ref = '', inside] =
    /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\/tree\/([^/#]+)(?:\/([^#]+))?$/.exec(typed) ?? []
  if (shown !== '') return repository(shown, `#${ref}`, inside)
  const [, front = '', named = '', under, hash = ''] =
    /^(github:|github\.com\/)?([\w.-]+\/[\w.-]+?)(?:\.git)?\/?(?:(?<=\/)([^#]+))?(#.+)?#?$/i.exec(typed) ?? []
  const isThere = front === '' && ctx.disk.stat(path.resolve(ctx.cwd, typed)) !== undefined
  const isPath = typed.startsWith('.') || path.isAbsolute(typed) || isThere
  return named === '' || isPath ? { location: typed } : repository(named, hash, under)
}

function repository(name: string, hash: string, inside: string | undefined): { location: string; under?: string } {
  const under = inside?.replace(/\/+$/, '') ?? ''
  return { location: `https://github.com/${name}${hash}`, ...(under !== '' && { under }) }
}

/** As it was typed: an absolute path outside the project stays one, a relative one starts at the configuration. */
function fromBase(absolute: string, base: string, staysAbsolute: boolean): string {
  const inside = path.relative(base, absolute)
  const isOutside = inside.startsWith('..') || path.isAbsolute(inside)
  if (path.isAbsolute(inside) || (isOutside && staysAbsolute)) return absolute
  const written = inside.split(path.sep).join('/')
  return isOutside ? written : `./${written}`
}

function isAbsolute(location: string): boolean {
  return path.isAbsolute(location) || /^(git\+)?file:/i.test(location)
}

/** An entry of a list that another file, or another dialect, had until now: all that was said of the registry, in haal's words. */
function asWritten(
  { name, at, ref, written, token, signature, ...rest }: Registry,
  base: string,
): { name: string; location: string } & Readonly<Record<string, unknown>> {
  const { checksum, priority, verified, cacheDuration } = rest
  return {
    name,
    type: at.via,
    location: placeOf(at, base, isAbsolute(written)),
    ...(ref !== undefined && { ref }),
    ...(token !== undefined && { token: 'variable' in token ? `\${${token.variable}}` : token.literal }),
    ...(checksum !== undefined && { checksum }),
    ...(signature !== undefined && { signature: unpinned(signature) }),
    ...(priority !== undefined && { priority }),
    ...(verified !== undefined && { verified }),
    ...(cacheDuration !== undefined && { cacheDuration }),
  }
}

/** A place on this machine relative to the configuration, any other as it is. */
function placeOf(at: Locator, base: string, staysAbsolute: boolean): string {
  return isLocal(at) ? fromBase(locationOf(at), base, staysAbsolute) : locationOf(at)
}
