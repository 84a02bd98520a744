import type { Context } from './context.js'
import type { Disk } from './disk.js'
import type { Event } from './events.js'
import type { Wishes } from './manifest.js'
import type { Store } from './store.js'

/** One place that haal keeps: a project, or with --global the user's home. All paths are absolute and native. */
export interface Site {
  root: string
  disk: Disk
  store: Store
  lockFile: string
  /** Where the wishes stand: `haal.json`, or the file in its stead. */
  manifestFile: string
  /** The text of that file with these wishes in it; undefined where it stays as it is. */
  manifestText(to: Wishes): string | undefined
  /** Generations to keep. */
  keep: number
  platform: NodeJS.Platform
  process: Context['process']
  signal: AbortSignal
  now(): Date
  /** Told what an artifact is at a place: all that is below it, with `/` between, '' being the place itself. */
  unpacked?(place: string, names: readonly string[]): void
  emit(event: Event): void
}
