import type { Context } from './context.js'
import type { Disk } from './disk.js'
import type { Event } from './events.js'
import type { Wishes } from './manifest.js'
import type { Store } from './store.js'

/** What a change is made to: a project, or with --global the user's home. All paths are absolute and native. */
export interface Site {
  root: string
  disk: Disk
  store: Store
  lockFile: string
  /** The file that has the wishes: `haal.json`, or the one used in its place. */
  manifestFile: string
  /** The text of that file with these wishes in it; undefined where it stays as it is. */
  manifestText(to: Wishes): string | undefined
  /** Generations to keep. */
  keep: number
  platform: NodeJS.Platform
  process: Context['process']
  signal: AbortSignal
  now(): Date
  /** Called when an artifact's folder has been staged for a place, with the names of everything below it (with `/`; '' is the place itself). */
  unpacked?(place: string, names: readonly string[]): void
  emit(event: Event): void
}
