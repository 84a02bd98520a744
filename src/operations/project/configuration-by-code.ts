import path from 'node:path'
import * as v from 'valibot'
import { decode } from '../../model/decode.js'
import type { Disk } from '../../model/disk.js'
import type { Given, Manifest, Wishes } from '../../model/manifest.js'
import { readCode } from '../../state/config/file.js'
import { manifestFrom } from '../../state/config/manifest.js'

/** Reads what a program says in place of a file, in the words of haal.json. Relative paths start at `folder`. It is the person's own word, as a
    command line is. Throws what the same text in a file would, naming it `source`. */
export function givenFrom(config: Readonly<Record<string, unknown>>, folder: string, source = 'createHaal'): Given {
  const whole = manifestFrom(config, { file: path.join(folder, source), author: 'person' })
  const { registries, registriesAt, defaultRegistries, routes, resolver, artifacts, pins, warnings } = whole
  const routing = { registries, defaultRegistries, routes, ...(resolver && { resolver }) }
  return {
    ...(registriesAt.form !== 'none' && { routing }),
    ...(registriesAt.form === 'none' && resolver && { resolver }),
    ...(isSaid(config, 'cacheSettings') && { cache: whole.cache }),
    ...(isSaid(config, 'targets') && { targets: whole.targets }),
    ...(whole.policy !== undefined && { policy: whole.policy }),
    artifacts,
    pins,
    warnings,
  }
}

/** What code says that a person names with --config: a program's word, too. */
export async function givenByCode(disk: Disk, file: string): Promise<Given> {
  const value = await readCode(disk, file)
  const config = Array.isArray(value) ? { registries: value as unknown[] } : value
  const name = path.basename(file)
  const words = decode(v.record(v.string(), v.unknown()), config, name, 'E_CONFIG')
  return givenFrom(words, path.dirname(file), name)
}

/** A project's configuration with what the running program says on top. Policy is not among it: both are read, and both hold. */
export function withGiven(manifest: Manifest, given: Given | undefined): Manifest {
  if (given === undefined) return manifest
  const { resolver: _resolver, ...file } = manifest
  const { routing, resolver, cache, targets } = given
  return {
    ...(routing ? { ...file, ...routing, registriesAt: { path: [], form: 'program' } } : manifest),
    ...(resolver && { resolver }),
    ...(cache && { cache }),
    ...(targets && { targets }),
    artifacts: { ...manifest.artifacts, ...given.artifacts },
    pins: { ...manifest.pins, ...given.pins },
    warnings: [...manifest.warnings, ...given.warnings],
  }
}

/** Wishes as haal.json keeps them: without what the program says anew each time. */
export function lasting({ artifacts, pins }: Wishes, given: Given | undefined): Wishes {
  if (given === undefined) return { artifacts, pins }
  return { artifacts: without(artifacts, given.artifacts), pins: without(pins, given.pins) }
}

function without(all: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !Object.hasOwn(given, key)))
}

function isSaid(config: Readonly<Record<string, unknown>>, key: string): boolean {
  const { registryConfig } = config
  return [config, registryConfig].some(
    (each) => typeof each === 'object' && each !== null && Object.entries(each).some(([own]) => own === key),
  )
}
