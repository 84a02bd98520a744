import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Event } from '../../src/model/events.js'
import { type Locator, locationOf, type Registry } from '../../src/model/registry.js'
import type { Reach } from '../../src/model/transport.js'
import { openCache } from '../../src/transport/cache.js'

/** A folder that is gone after the test. */
export function folder(): string {
  const made = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-test-')))
  onTestFinished(() => fs.rmSync(made, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }))
  return made
}

export function registry(at: Locator, more: Partial<Registry> = {}): Registry {
  return { name: 'corp', at, written: locationOf(at), author: 'project', source: 'haal.json registries[0]', ...more }
}

export interface Bench {
  reach: Reach
  /** Codes of the warnings so far. */
  warnings(): string[]
  /** Another command on the same machine, so much later. */
  later(ms: number, more?: Partial<Reach>): Reach
}

const start = Date.UTC(2026, 0, 2)

/** What a transport is given, with a cache of its own and a clock that stands still. */
export function bench(
  at: Locator,
  { registry: entry = {}, ...more }: Partial<Omit<Reach, 'registry'>> & { registry?: Partial<Registry> } = {},
): Bench {
  const root = folder()
  const events: Event[] = []
  const later = (ms: number, over: Partial<Reach> = {}): Reach => {
    const now = () => new Date(start + ms)
    return {
      registry: registry(at, entry),
      disk: nodeDisk(),
      env: {},
      home: path.join(root, 'home'),
      platform: process.platform,
      cache: openCache(nodeDisk(), { folder: path.join(root, 'cache'), enabled: true, maxAge: 86_400_000, now }),
      offline: false,
      refresh: false,
      signal: new AbortController().signal,
      now,
      emit: (event) => void events.push(event),
      admit: () => undefined,
      allows: () => false,
      project: path.join(root, 'project'),
      ...more,
      ...over,
    }
  }
  return {
    reach: later(0),
    later,
    warnings: () => events.flatMap((event) => (event.type === 'warning' ? [event.note.code] : [])),
  }
}

export function filesBelow(root: string): string[] {
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [path.join(entry.parentPath, entry.name)] : []))
}
