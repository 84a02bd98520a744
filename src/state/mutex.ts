import { randomBytes, randomInt } from 'node:crypto'
import path from 'node:path'
import { every, isRunning, pause, pidSpace, startOf } from '../io/host.js'
import { fail, HaalError } from '../model/errors.js'
import { byCodeUnit } from '../model/names.js'
import type { Site } from '../model/site.js'
import { attemptTwice } from './attempt.js'
import { checkState } from './no-links.js'
import { mutexFolder, stateFolder } from './paths.js'

type Around = Pick<Site, 'root' | 'disk' | 'process' | 'signal' | 'now' | 'emit'>

export interface Held {
  release(): void
}

/** `wait` in seconds; `command` as a person would name it; `what` as messages name what is held, where it is no project. */
interface Claim {
  wait: number
  command: string
  what?: string
  times?: Times
}

/** Milliseconds: between two signs of life; after which silence of a process that cannot be seen is death, by our watch alone or together
    with the file system's; for which contenders that have not settled between themselves are given time. */
interface Times {
  beat: number
  silence: number
  watched: number
  settling: number
}

const usual: Times = { beat: 2_000, silence: 30_000, watched: 5_000, settling: 250 }

/** Lets one command at a time change a project. Throws E_BUSY naming the holder after `wait` seconds, E_INTERRUPTED, E_STATE_UNSAFE.

    Every contender puts an entry of its own into `.haal/.state/mutex` and then looks who else is there; it holds the project when it is alone
    among the living. Two that come at once see each other: all but the one whose entry sorts first withdraw and try again. Nobody ever
    removes the entry of a living process, so there is no moment at which a takeover can be raced. The entry's name says which process it
    is, so that one killed between making and filling it is known for dead at once. */
export async function hold(
  site: Around,
  { wait, command, what = 'this project', times = usual }: Claim,
): Promise<Held> {
  checkState(site)
  const entry = entryOf(site, { command, beat: times.beat, isOthers: await isBare(site, times) })
  const watch: Watch = { waited: 0, isTold: false, last: new Map(), times }
  try {
    for (;;) {
      entry.enter()
      const { living, dead } = sorted(site, { mine: entry.name, watch })
      if (living.length === 0) return entry.hold(dead)
      giveUpAfter(wait, site, { living, watch, what })
      const first = living.every((name) => entry.name < name)
      if (!first) entry.leave()
      watch.waited += await paused(site, first ? 15 : randomInt(20, 120))
    }
  } catch (e) {
    entry.leave()
    throw e
  } finally {
    if (watch.isTold) site.emit({ type: 'end', key: 'mutex' })
  }
}

interface Waiting {
  living: readonly string[]
  watch: Watch
  what: string
}

/** Where nobody holds the project yet, contenders get a moment to settle it between themselves. */
function giveUpAfter(wait: number, site: Around, { living, watch, what }: Waiting): void {
  const all = living.map((name) => said(site, name))
  const holder = all.find(({ holds }) => holds)
  const patience = Math.max(wait * 1_000, holder ? 0 : watch.times.settling)
  const other = holder ?? all[0]
  if (other && watch.waited >= patience) busy(other, what)
  if (holder === undefined || watch.isTold) return
  watch.isTold = true
  const { command, pid } = holder
  site.emit({ type: 'start', what: `waiting for another haal here ("${command}", process ${pid})`, key: 'mutex' })
}

async function paused({ signal }: Around, ms: number): Promise<number> {
  await pause(ms, signal)
  return ms
}

interface Entry {
  name: string
  enter(): void
  hold(dead: readonly string[]): Held
  /** Leaves nothing behind that was not there before. */
  leave(): void
}

interface Entering {
  command: string
  beat: number
  /** Whether `.haal` is a person's. */
  isOthers: boolean
}

/** An entry that cannot be removed even at the second try, or a beat that cannot be written, is no reason to fail: others find this
    process dead by its number, and the next holder clears up. */
function entryOf(site: Around, { command, beat, isOthers }: Entering): Entry {
  const { disk } = site
  const folder = mutexFolder(site)
  const { pid, host } = site.process
  const name = [pid, startOf(pid) ?? 'x', pidSpace(), randomBytes(6).toString('hex')].join('.')
  const at = path.join(folder, name)
  const about = { command, host, pid, since: site.now().toISOString(), holds: false, beat: 0 }
  const made = new Set<string>()
  const say = () => disk.write(at, `${JSON.stringify(about)}\n`)
  let stop: (() => void) | undefined
  const enter = () => {
    if (stop) return
    create(site, at, made)
    stop = every(beat, () => {
      about.beat += 1
      attemptTwice(say)
    })
    say()
  }
  const leave = () => {
    stop?.()
    stop = undefined
    attemptTwice(() => disk.remove(at))
    attemptTwice(() => removeEmpty(site, { made, isOthers }))
  }
  const hold = (dead: readonly string[]) => {
    about.holds = true
    say()
    for (const other of dead) attemptTwice(() => disk.remove(path.join(folder, other)))
    return { release: leave }
  }
  return { name, enter, hold, leave }
}

/** Another process may remove the empty folder between the two calls. */
function create({ disk }: Around, at: string, made: Set<string>): void {
  for (let attempt = 0; ; attempt += 1) {
    try {
      for (const folder of disk.mkdir(path.dirname(at))) made.add(folder)
      if (disk.create(at, '')) return
    } catch (e) {
      if (!isGone(e) || attempt === 50) throw e
    }
  }
}

function isGone(e: unknown): boolean {
  return e instanceof HaalError && e.details.errno === 'ENOENT'
}

/** An empty `.haal`: a person's, unless that is so for a moment only, because another process is just making or removing it. */
async function isBare(site: Around, { settling }: Times): Promise<boolean> {
  const own = path.dirname(stateFolder(site))
  const look = () => site.disk.stat(own) !== undefined && site.disk.names(own).length === 0
  if (!look()) return false
  await paused(site, settling)
  return look()
}

/** What is empty goes, whoever made it, so that the last of several that came at once leaves nothing; above `.haal` what this process made. A
    `.haal` that was there before haal came stays: it may say where a project starts. */
function removeEmpty(site: Around, { made, isOthers }: { made: ReadonlySet<string>; isOthers: boolean }): void {
  const state = stateFolder(site)
  const own = [mutexFolder(site), state]
  const above = isOthers ? [] : [path.dirname(state), ...[...made].reverse()]
  for (const folder of new Set([...own, ...above])) site.disk.remove(folder)
}

interface Watch {
  times: Times
  /** Milliseconds since the wait began, by our own clock: neither another host's nor a changed one counts. */
  waited: number
  /** Whether the person knows for whom this one waits. */
  isTold: boolean
  /** What each foreign entry said last, and when we first saw it say so. */
  last: Map<string, { text: string | undefined; at: number }>
}

interface Mine {
  mine: string
  watch: Watch
}

function sorted(site: Around, { mine, watch }: Mine): { living: string[]; dead: string[] } {
  const others = site.disk.names(mutexFolder(site)).filter(({ name }) => name !== mine)
  const living: string[] = []
  const dead: string[] = []
  for (const { name } of others) (isDead(site, name, { mine, watch }) ? dead : living).push(name)
  return { living: living.sort(byCodeUnit), dead }
}

const entryName = /^(\d{1,10})\.([A-Za-z0-9-]{1,40})\.([0-9a-f]{16})\.[0-9a-f]{12}$/

/** A process that we can see is dead when it is gone or its number belongs to another by now. One that we cannot see (another host, another
    pid namespace), or cannot tell from a later one, is dead when it has been silent for long. What is no entry counts as dead. */
function isDead(site: Around, name: string, { mine, watch }: Mine): boolean {
  const [, pid, start, space] = entryName.exec(name) ?? []
  if (pid === undefined) return true
  const visible = space === entryName.exec(mine)?.[3]
  const since = start === 'x' ? undefined : start
  if (visible && !isRunning(Number(pid), since)) return true
  return visible && since !== undefined ? false : isSilent(site, name, { mine, watch })
}

/** Long by our own watch, or shorter where the file system's clock, which dated both entries, says so too. Entries are read, not only looked
    at: network file systems may show an old date, never old bytes of a file that was opened anew. */
function isSilent({ root, disk }: Around, name: string, { mine, watch }: Mine): boolean {
  const folder = mutexFolder({ root })
  const text = disk.text(path.join(folder, name))
  const before = watch.last.get(name)
  if (before === undefined || before.text !== text) {
    watch.last.set(name, { text, at: watch.waited })
    return false
  }
  const silence = watch.waited - before.at
  const [theirs, ours] = [name, mine].map((each) => disk.stat(path.join(folder, each))?.mtime)
  const old = theirs !== undefined && ours !== undefined && ours - theirs > BigInt(watch.times.silence) * 1_000_000n
  return silence >= watch.times.silence || (old && silence >= watch.times.watched)
}

interface Said {
  command: string
  host: string
  pid: number
  since: string
  holds: boolean
}

/** What an entry says of its process; its name says the number even before it is filled. */
function said({ root, disk }: Around, name: string): Said {
  const known = { command: 'haal', host: 'an unknown host', pid: Number.parseInt(name, 10), since: 'now', holds: false }
  try {
    const read = JSON.parse(disk.text(path.join(mutexFolder({ root }), name)) ?? '{}') as Partial<Said>
    return { ...known, ...read }
  } catch {
    return known
  }
}

function busy({ command, host, pid, since }: Said, what: string): never {
  return fail('E_BUSY', `another haal works on ${what}: "${command}", process ${pid} on ${host}, since ${since}`, {
    hint: 'run it again when that one is done, or wait longer: --wait 60',
    details: { command, pid, host, since },
  })
}
