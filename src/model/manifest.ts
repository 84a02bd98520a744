import type { Note } from './artifact.js'
import type { Disk } from './disk.js'
import { fail } from './errors.js'
import type { Registry } from './registry.js'

/** The names of a project's configuration, in the order in which they count; a package.json may hold it, too. Code is not among them. */
export const configurations = [
  'haal.json',
  'haal.yaml',
  '.haalrc',
  '.haalrc.json',
  '.haalrc.yaml',
  '.config/haal.json',
  '.config/haal.yaml',
] as const

/** What a project asks for: the part of haal.json that commands change and generations remember. */
export interface Wishes {
  /** `kind/name`, an id or a pattern → range. */
  artifacts: Readonly<Record<string, string>>
  /** `kind/name` → the version it must keep. */
  pins: Readonly<Record<string, string>>
  /** The tools; absent where a generation does not remember them. */
  targets?: readonly string[]
}

/** All of haal.json (or of its dialects), decoded, paths made absolute, variables still references. */
export interface Manifest extends Wishes {
  /** The file that was read; absent where the project has none yet. */
  file?: string
  registries: readonly Registry[]
  /** Where the file lists them, and how: a list, AgentOS's map, not at all, or nowhere because a program gave them. */
  registriesAt: { path: readonly string[]; form: 'list' | 'map' | 'none' | 'program' }
  defaultRegistries: Readonly<Record<string, string>>
  routes: readonly { kind: string; registry: string }[]
  /** From code only: which registry answers for a kind; null falls through. */
  resolver?: (kind: string) => string | null
  cache: CacheSettings
  targets: readonly string[]
  link: boolean
  /** Path or https URL of the project's policy. */
  policy?: string
  /** Generations to keep. */
  keep: number
  warnings: readonly Note[]
}

/** Configuration that a program gives: it holds while the program runs, and is never written anywhere. What it says of registries it says of
    all of them and of how kinds are routed; its artifacts and pins join the project's own. */
export interface Given extends Wishes {
  routing?: Pick<Manifest, 'registries' | 'defaultRegistries' | 'routes' | 'resolver'>
  /** Without registries of its own: it routes the project's. */
  resolver?: Manifest['resolver']
  cache?: CacheSettings
  targets?: readonly string[]
  policy?: string
  warnings: Manifest['warnings']
}

export interface CacheSettings {
  enabled: boolean
  /** Absolute; absent: `HAAL_HOME/cache`. */
  directory?: string
  /** Milliseconds. */
  maxAge: number
}

export const defaults = { cacheDuration: 3_600_000, maxAge: 86_400_000, keep: 20, wait: 10 } as const

/** Whether the name of a configuration says that it is code. */
export function isCode(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file)
}

/** A file that a person names in place of haal.json has to be there, `shown` as they wrote it. Throws E_CONFIG. */
export function demandConfig(disk: Disk, file: string, shown = file): void {
  const type = disk.stat(disk.real(file) ?? file)?.type
  const hint = 'name a file that is there; without one the project’s own is read'
  if (type === undefined) fail('E_CONFIG', `${shown} does not exist`, { hint })
  if (type === 'folder') fail('E_CONFIG', `${shown} is a folder`, { hint })
}
