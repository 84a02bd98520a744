import path from 'node:path'
import type { Context } from '../model/context.js'
import { fail } from '../model/errors.js'
import type { Manifest } from '../model/manifest.js'
import { registryFrom } from '../model/registries.js'
import type { Registry } from '../model/registry.js'
import { locate, nameFor } from '../model/source.js'
import type { Edit } from '../state/manifest-edit.js'

/** A source as a person types it: `owner/repo[/path][#ref]`, a git or https URL, a path, `npm:pkg@range`. */
export interface TypedSource {
  registry: Registry
  /** As haal.json shall have it. */
  entry: { name: string; location: string; ref?: string }
  /** Only what lies below this folder of the registry is meant. */
  under?: string
  /** haal.json lists it already. */
  known?: boolean
}

/** Reads a source. Two words with a slash are a GitHub repository unless a folder has that name. A path is written relative to `root` where
    it lies inside. Throws what `locate` throws. */
export function sourceOf(ctx: Context, typed: string, { root, name }: { root: string; name?: string }): TypedSource {
  const around = { folder: ctx.cwd, author: 'person' as const, source: typed }
  const { location, under } = expanded(ctx, typed)
  const { at, ref } = locate({ location }, around)
  const bare = ref === undefined ? location : location.replace(/#.*$/, '')
  const written =
    at.via === 'file'
      ? fromRoot(at.path, root)
      : at.via === 'git' && path.isAbsolute(at.url)
        ? fromRoot(at.url, root)
        : bare
  const entry = { name: name ?? nameFor(at), location: written, ...(ref !== undefined && at.via !== 'npm' && { ref }) }
  const registry = registryFrom(entry.name, entry, { folder: root, author: 'person', source: 'haal.json' })
  return { registry, entry, ...(under !== undefined && { under }) }
}

/** haal.json with one more registry, in the dialect it is written in. */
export function addition(
  { registriesAt, registries }: Manifest,
  { name, ...entry }: TypedSource['entry'] & Record<string, unknown>,
): Edit[] {
  const { path: at, form } = registriesAt
  if (form === 'program') ofProgram()
  if (form === 'map') {
    const { at: locator } = registryFrom(name, entry, { folder: '/', author: 'person', source: 'haal.json' })
    return [{ path: [...at, name], value: { type: locator.via, ...entry } }]
  }
  if (form === 'list')
    return [{ path: [...at, registries.filter((one) => one.name !== name).length], value: { name, ...entry } }]
  const others = registries.filter((registry) => registry.name !== name)
  return [{ path: at, value: [...others.map(asWritten), { name, ...entry }] }]
}

/** What a program gave is the program's to change. */
export function ofProgram(): never {
  return fail('E_USAGE', 'the registries are given by the program that runs haal, not by a file', {
    hint: 'change them there: createHaal({ registries })',
  })
}

function expanded(ctx: Context, typed: string): { location: string; under?: string } {
  const [, repository = '', under, ref = ''] = /^([\w.-]+\/[\w.-]+?)(?:\/([^#]+))?(#.+)?$/.exec(typed) ?? []
  const isPath =
    typed.startsWith('.') || path.isAbsolute(typed) || ctx.disk.stat(path.resolve(ctx.cwd, typed)) !== undefined
  if (repository === '' || isPath) return { location: typed }
  return {
    location: `https://github.com/${repository}${ref}`,
    ...(under !== undefined && { under: under.replace(/\/+$/, '') }),
  }
}

function fromRoot(absolute: string, root: string): string {
  const inside = path.relative(root, absolute)
  if (inside.startsWith('..') || path.isAbsolute(inside)) return absolute
  return `./${inside.split(path.sep).join('/')}`
}

/** An entry of a list that another file had until now. */
function asWritten({ name, at, ref, written, verified, checksum, priority }: Registry): Record<string, unknown> {
  return {
    name,
    location: at.via === 'file' ? at.path : written,
    ...(ref !== undefined && { ref }),
    ...(checksum !== undefined && { checksum }),
    ...(priority !== undefined && { priority }),
    ...(verified !== undefined && { verified }),
  }
}
