import path from 'node:path'
import * as v from 'valibot'
import { decode, dictionary, loose, type Spot, shortText, wholeNumber, wrongAt } from '../../model/decode.js'
import type { Disk } from '../../model/disk.js'
import { fail } from '../../model/errors.js'
import { kindOf } from '../../model/kinds.js'
import { type CacheSettings, defaults, type Manifest } from '../../model/manifest.js'
import { registriesFromList, registriesFromMap, registriesFromRepos } from '../../model/registries.js'
import { type Author, type Registry, registryHint } from '../../model/registry.js'
import type { Surroundings } from '../../model/source.js'
import { isUrl } from '../policy/places.js'
import { readConfig, readJson } from './file.js'
import { keyNotes } from './keys.js'

const strings = dictionary(v.string())
const route = loose({ kind: v.string(), registry: v.nullable(v.string()) })

/** Everything a configuration may say, in haal's own words. `registries` is read by its shape. */
export const configSchema = v.looseObject({
  $schema: v.optional(v.string()),
  registries: v.optional(v.unknown()),
  defaultRegistries: v.optional(dictionary(v.nullable(v.string()))),
  routes: v.optional(v.array(route)),
  cacheSettings: v.optional(
    loose({
      enabled: v.optional(v.boolean()),
      directory: v.optional(shortText),
      maxAge: v.optional(wholeNumber(0)),
    }),
  ),
  artifacts: v.optional(strings),
  pins: v.optional(strings),
  targets: v.optional(v.array(v.string())),
  link: v.optional(v.boolean()),
  policy: v.optional(shortText),
  resolver: v.optional(v.custom<Manifest['resolver']>((value) => typeof value === 'function', 'should be a function')),
  generations: v.optional(loose({ keep: v.optional(wholeNumber(1)) })),
})

const whole = loose(configSchema.entries)

interface ConfigPlace {
  root: string
  /** A file the person named. */
  named?: string
  author: Author
}

/** Reads the project's configuration, whatever its dialect. A project without one has an empty manifest; its `.haal/registries.json`
    is used where nothing else lists registries. Throws E_CONFIG_PARSE, E_CONFIG and what `locate` throws. */
export async function readManifest(disk: Disk, place: ConfigPlace): Promise<Manifest> {
  const found = await readConfig(disk, place)
  const otherwise = () => olafList(disk, place)
  if (found === undefined) return { ...emptyManifest(), registries: otherwise() }
  return manifestFrom(found.value, { ...place, file: found.file, otherwise })
}

function emptyManifest(): Manifest {
  return {
    artifacts: {},
    pins: {},
    registries: [],
    registriesAt: { path: ['registries'], form: 'none' },
    defaultRegistries: {},
    routes: [],
    cache: { enabled: true, maxAge: defaults.maxAge },
    targets: [],
    link: false,
    keep: defaults.keep,
    warnings: [],
  }
}

interface Origin {
  /** Where relative paths start. */
  file: string
  author: Author
  /** The registries where the data lists none. */
  otherwise?(): Registry[]
}

/** A manifest from decoded data: a file's, or what a program gave `createHaal`. */
export function manifestFrom(value: unknown, { file, author, otherwise }: Origin): Manifest {
  const shown = path.basename(file)
  const isList = Array.isArray(value)
  const outer = isList ? { registries: value as unknown[] } : decode(whole, value, shown, 'E_CONFIG')
  const inner = (outer as Record<string, unknown>).registryConfig
  const above = inner === undefined ? [] : ['registryConfig']
  if (inner !== undefined) refuseTwice(outer, inner, shown)
  const config =
    inner === undefined ? outer : { ...outer, ...decode(whole, inner, { file: shown, keys: above }, 'E_CONFIG') }
  const read = decode(configSchema, config, shown, 'E_CONFIG')
  const folder = path.dirname(file)
  const around = { folder, author, source: shown, above: isList ? undefined : above }
  const own = registriesOf(read, around)
  const registries = own.length > 0 ? own : (otherwise?.() ?? [])
  const manifest: Manifest = {
    file,
    artifacts: read.artifacts ?? {},
    pins: read.pins ?? {},
    registries,
    registriesAt: {
      path: inner === undefined ? ['registries'] : ['registryConfig', 'registries'],
      form: formOf(read.registries),
    },
    defaultRegistries: routesOf(Object.entries(read.defaultRegistries ?? {}), registries, { file: shown, keys: above }),
    routes: (read.routes ?? []).map(({ kind, registry }) => ({ kind: kindWord(kind), registry: registry ?? '' })),
    ...(read.resolver !== undefined && { resolver: read.resolver }),
    cache: cacheOf(read.cacheSettings, folder, { file: shown, keys: [...above, 'cacheSettings', 'directory'] }),
    targets: read.targets ?? [],
    link: read.link ?? false,
    ...(read.policy !== undefined && { policy: policyAt(read.policy, folder) }),
    keep: read.generations?.keep ?? defaults.keep,
    warnings: keyNotes(outer, { shown, known: Object.keys(configSchema.entries) }),
  }
  for (const key of Object.keys(manifest.artifacts)) checkWanted(key, { file: shown, keys: ['artifacts', key] })
  for (const key of Object.keys(manifest.pins)) checkPinned(key, { file: shown, keys: ['pins', key] })
  for (const [i, { registry }] of manifest.routes.entries())
    checkDefined(registry, registries, { file: shown, keys: [...above, 'routes', i, 'registry'] })
  return manifest
}

/** What stands both in `registryConfig` and beside it would be read from one of them alone. */
function refuseTwice(outer: object, inner: unknown, file: string): void {
  const beside = new Map(Object.entries(outer).filter(([, value]) => value !== undefined))
  const [twice] = Object.keys(inner ?? {}).filter((key) => Object.hasOwn(configSchema.entries, key) && beside.has(key))
  if (twice === undefined) return
  const hint = 'keep one of them'
  wrongAt({ file, keys: ['registryConfig', twice] }, `is given beside $.${twice}`, { code: 'E_CONFIG', hint })
}

/** The range stands behind the key: one in it would say nothing. */
function checkWanted(key: string, at: Spot): void {
  const [, wanted] = /^(@?[^@]+)@./.exec(key) ?? []
  if (wanted !== undefined)
    wrongAt(at, 'has a version in it', {
      code: 'E_CONFIG',
      hint: `write the version behind it: "${wanted}": "<version>"`,
    })
}

/** A pin is for one artifact: a key that means none by its whole name would keep nothing. */
function checkPinned(key: string, at: Spot): void {
  const [, word = '', name = ''] = /^([^/]*)\/(.+)$/.exec(key) ?? []
  const kind = kindOf(word)
  if (kind === word && !name.includes('*')) return
  const hint = kind === undefined ? 'write <kind>/<name>, for example skill/review-code' : `write "${kind}/${name}"`
  wrongAt(at, 'is not the name of one artifact with its kind', { code: 'E_CONFIG', hint })
}

function registriesOf(
  config: Record<string, unknown>,
  { above, ...around }: Surroundings & { above: readonly string[] | undefined },
): Registry[] {
  const below = (key: string) => ({ ...around, keys: above === undefined ? [] : [...above, key] })
  if (Array.isArray(config.registries)) return registriesFromList(config.registries, below('registries'))
  if (config.registries !== undefined) return registriesFromMap(config.registries, below('registries'))
  return config.repos === undefined ? [] : registriesFromRepos(config.repos, below('repos'))
}

function formOf(registries: unknown): Manifest['registriesAt']['form'] {
  if (Array.isArray(registries)) return 'list'
  return registries === undefined ? 'none' : 'map'
}

const olafSchema = v.pipe(
  dictionary(v.unknown(), 'should be a list or an object'),
  v.looseObject({ registries: v.optional(v.unknown()) }),
)

/** OLAF's list, where it lies in the project; a map there is read as one elsewhere. */
function olafList(disk: Disk, { root }: ConfigPlace): Registry[] {
  const file = path.join(root, '.haal', 'registries.json')
  const text = disk.text(file)
  if (text === undefined) return []
  const source = '.haal/registries.json'
  const value = readJson(text, source)
  const around = { folder: path.dirname(file), author: 'project', source } as const
  if (Array.isArray(value)) return registriesFromList(value, { ...around, keys: [] })
  const { registries, ...others } = decode(olafSchema, value, source, 'E_CONFIG')
  if (registries === undefined && Object.keys(others).length > 0)
    fail('E_CONFIG', `${source} has no "registries"`, { hint: 'write a list, or { "registries": [...] }' })
  return registriesOf({ registries }, { ...around, above: [] })
}

function routesOf(
  entries: readonly (readonly [string, string | null])[],
  registries: readonly Registry[],
  { file, keys = [] }: Spot,
): Record<string, string> {
  const named: Record<string, string> = {}
  for (const [kind, registry] of entries) {
    const at = { file, keys: [...keys, 'defaultRegistries', kind] }
    checkDefined(registry ?? '', registries, at)
    if (Object.hasOwn(named, kindWord(kind)))
      wrongAt(at, `is the kind ${kindWord(kind)}, which is there already`, {
        code: 'E_CONFIG',
        hint: 'keep one of them',
      })
    named[kindWord(kind)] = registry ?? ''
  }
  return named
}

function checkDefined(registry: string, registries: readonly Registry[], at: Spot): void {
  const names = registries.map(({ name }) => name)
  if (registry === '' || names.includes(registry)) return
  const hint = registryHint(registry, names)
  wrongAt(at, `names the registry "${registry}", which is not defined`, { code: 'E_CONFIG', hint })
}

/** `tools` and `tool` are one kind; a kind only AgentOS knows keeps its word. */
function kindWord(word: string): string {
  return kindOf(word) ?? word
}

type WrittenCache = v.InferOutput<typeof configSchema>['cacheSettings']

/** Nobody means a folder named `~` below the project. */
function cacheOf(settings: WrittenCache, folder: string, at: Spot): CacheSettings {
  const { enabled = true, directory, maxAge = defaults.maxAge } = settings ?? {}
  if (directory !== undefined && /^~([/\\]|$)/.test(directory))
    wrongAt(at, 'starts with ~, which only a shell knows', { code: 'E_CONFIG', hint: 'write the whole path' })
  return { enabled, maxAge, ...(directory !== undefined && { directory: path.resolve(folder, directory) }) }
}

function policyAt(policy: string, folder: string): string {
  return isUrl(policy) ? policy : path.resolve(folder, policy)
}
