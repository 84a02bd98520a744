import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { nodeDisk } from '../../src/io/disk.js'
import type { Digest } from '../../src/model/digest.js'
import type { Disk } from '../../src/model/disk.js'
import type { Event } from '../../src/model/events.js'
import type { Ref } from '../../src/model/kinds.js'
import { emptyLock, type Lock, type Locked } from '../../src/model/lock.js'
import type { ApprovedPlan, Plan, Step } from '../../src/model/plan.js'
import type { Site } from '../../src/model/site.js'
import { openStore, type Store } from '../../src/state/store.js'

/** Files by path; a value that is a list is the content of an executable file. */
export type Files = Readonly<Record<string, string | readonly [string]>>

/** A store that several projects of a test share. */
export interface Depot {
  folder: string
  store: Store
  take(files: Files): Promise<Digest>
  remove(): void
}

/** Memory is enough for what only has to outlive a test, and does not wait for a medium at every flush. */
export function temporaryFolder(): string {
  const above = fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir()
  return fs.mkdtempSync(path.join(fs.realpathSync(above), 'haal-state-'))
}

export function depot(): Depot {
  const folder = temporaryFolder()
  const store = openStore(nodeDisk(), path.join(folder, 'store'), process.pid)
  const take = (files: Files) =>
    store.take((pack) => {
      for (const [name, content] of Object.entries(files)) {
        const [bytes, mode] = typeof content === 'string' ? [content, 0o644] : [content[0], 0o755]
        pack.add(name, mode, Buffer.from(bytes))
      }
    })
  return { folder, store, take, remove: () => fs.rmSync(folder, { recursive: true, force: true }) }
}

/** A site below `root`, with haal.json's text as `manifestText` makes it from the wishes. */
export function siteAt(root: string, { store }: Depot, more: Partial<Site> = {}): Site & { events: Event[] } {
  const events: Event[] = []
  return {
    root,
    disk: nodeDisk(),
    store,
    lockFile: path.join(root, 'haal.lock'),
    manifestFile: path.join(root, 'haal.json'),
    manifestText: (to) => `${JSON.stringify({ artifacts: to.artifacts })}\n`,
    keep: 20,
    platform: process.platform,
    process: { pid: process.pid, host: 'host', boot: 'boot-1' },
    signal: new AbortController().signal,
    now: () => new Date('2026-01-02T03:04:05Z'),
    emit: (event) => events.push(event),
    events,
    ...more,
  }
}

export function locked(integrity: Digest, more: Partial<Locked> = {}): Locked {
  return { version: '1.0.0', registry: 'local', path: 'skills/x', integrity, requestedBy: ['haal.json'], ...more }
}

export function lockOf(artifacts: Record<Ref, Locked>): Lock {
  return { registries: { local: { type: 'file', location: './registry' } }, artifacts, unknown: {} }
}

/** A plan of steps in `root`; its wishes are what the lock has. */
export function planOf(
  root: string,
  to: Lock,
  steps: readonly (Omit<Step, 'place'> & { shown: string })[],
): ApprovedPlan {
  const artifacts = Object.fromEntries(Object.keys(to.artifacts).map((ref) => [ref, '*']))
  const plan: Plan = {
    command: 'haal install',
    from: { wishes: { artifacts: {}, pins: {} }, lock: emptyLock },
    to: { wishes: { artifacts, pins: {} }, lock: to },
    order: [],
    changes: [],
    steps: steps.map((step) => ({ ...step, place: path.resolve(root, step.shown) })),
    conflicts: [],
    shadowed: [],
    warnings: [],
  }
  return plan as ApprovedPlan
}

/** Everything below a folder as one value: folders, links, modes and bytes. */
export function snapshot(folder: string): Record<string, string> {
  const seen: Record<string, string> = {}
  const look = (at: string): void => {
    for (const entry of fs.readdirSync(path.join(folder, at), { withFileTypes: true })) {
      const name = path.posix.join(at, entry.name)
      const whole = path.join(folder, name)
      if (entry.isDirectory()) {
        seen[`${name}/`] = 'folder'
        look(name)
      } else if (entry.isSymbolicLink()) seen[name] = `link to ${fs.readlinkSync(whole)}`
      else seen[name] = `${fs.statSync(whole).mode & 0o100 ? 'x' : '-'} ${fs.readFileSync(whole, 'utf8')}`
    }
  }
  look('')
  return seen
}

export function write(root: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const at = path.join(root, name)
    fs.mkdirSync(path.dirname(at), { recursive: true })
    fs.writeFileSync(at, typeof content === 'string' ? content : content[0])
    if (typeof content !== 'string') fs.chmodSync(at, 0o755)
  }
}

const changing = ['mkdir', 'write', 'create', 'append', 'rename', 'remove', 'link', 'flush', 'touch'] as const
type Changing = (typeof changing)[number]

export interface Fault {
  /** Called before the `nth` changing call, counted from 1; throws what shall happen there. */
  before?(call: { nth: number; name: Changing; path: string; args: readonly unknown[] }): void
  /** Called after the `nth` changing call has been done. */
  after?(call: { nth: number; path: string }): void
  /** Called before a call that only reads. */
  beforeRead?(path: string): void
}

/** A disk on which things go wrong. */
export function faulty(disk: Disk, fault: Fault): Disk {
  let nth = 0
  const wrapped = Object.entries(disk).map(([name, call]) => {
    const act = call as (...args: unknown[]) => unknown
    const isChanging = changing.includes(name as Changing)
    return [
      name,
      (...args: unknown[]) => {
        const at = String(name === 'rename' || name === 'link' ? args[1] : args[0])
        if (isChanging) {
          nth += 1
          fault.before?.({ nth, name: name as Changing, path: at, args })
        } else fault.beforeRead?.(at)
        const done = act(...args)
        if (isChanging) fault.after?.({ nth, path: at })
        return done
      },
    ]
  })
  return Object.fromEntries(wrapped) as Disk
}

/** What a killed process sees: nothing works any more. Not a HaalError, so nothing can take it for a failure that it may handle. */
export class Killed extends Error {}

/** A disk that is killed before its `at`th changing call; `torn` lets a write get half-way. */
export function dying(disk: Disk, at: number, { torn = false }: { torn?: boolean } = {}): Disk & { calls(): number } {
  let dead = false
  let calls = 0
  const die = (): never => {
    dead = true
    throw new Killed()
  }
  const wrapped = faulty(disk, {
    beforeRead: () => {
      if (dead) die()
    },
    before: ({ nth, name, args }) => {
      calls = nth
      if (!dead && nth < at) return
      if (!dead && torn && (name === 'write' || name === 'create')) {
        const bytes = Buffer.from(args[1] as string | Uint8Array)
        fs.writeFileSync(String(args[0]), bytes.subarray(0, bytes.length / 2))
      }
      die()
    },
  })
  return { ...wrapped, calls: () => calls }
}
