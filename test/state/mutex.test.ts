import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { pidSpace, startOf } from '../../src/io/host.js'
import type { Event } from '../../src/model/events.js'
import { hold } from '../../src/state/mutex.js'

let built = ''
let root = ''
let log = ''
const children: ChildProcess[] = []

beforeAll(async () => {
  built = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-contender-')), 'contender.mjs')
  const entryPoints = [path.join(import.meta.dirname, 'contender.ts')]
  await build({ entryPoints, outfile: built, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' })
  return () => fs.rmSync(path.dirname(built), { recursive: true })
})
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-mutex-'))
  log = `${root}.log`
  fs.writeFileSync(log, '')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  fs.rmSync(root, { recursive: true })
  fs.rmSync(log)
})

const site = () => ({
  root,
  disk: nodeDisk(),
  process: { pid: process.pid, host: 'this-host', boot: 'b' },
  signal: new AbortController().signal,
  now: () => new Date('2026-01-02T03:04:05Z'),
  emit: () => undefined,
})
const quick = { beat: 20, silence: 200, watched: 60, settling: 100 }
const folder = () => path.join(root, '.haal', '.state', 'mutex')

function contend(rounds: number, then = 'go'): ChildProcess {
  const child = spawn(process.execPath, [built, root, log, String(rounds), then], { stdio: 'inherit' })
  children.push(child)
  return child
}

async function said(line: string): Promise<void> {
  while (!fs.readFileSync(log, 'utf8').includes(line)) await new Promise((resolve) => setImmediate(resolve))
}

const lines = () => fs.readFileSync(log, 'utf8').trim().split('\n')

/** The entry of a process as another one would have made it. */
function plant({ pid = process.pid, start = startOf(process.pid) ?? 'x', space = pidSpace(), text = '' }): string {
  fs.mkdirSync(folder(), { recursive: true })
  const entry = path.join(folder(), `${pid}.${start}.${space}.${'0'.repeat(12)}`)
  fs.writeFileSync(entry, text)
  return entry
}

describe('X01: one at a time', () => {
  test.each([2, 8, 16])(
    '[L13] %i processes that come at once each get their turn, and never meet',
    async (many) => {
      await Promise.all(Array.from({ length: many }, () => once(contend(3), 'exit')))
      expect(lines()).toEqual(Array.from({ length: many * 3 }, () => 'in'))
      expect(fs.readdirSync(root)).toEqual([])
    },
    60_000,
  )

  test('[L13] what another process was just making is not taken for a person’s, and goes', async () => {
    fs.mkdirSync(path.join(root, '.haal'))
    const holding = hold(site(), { wait: 0, command: 'this', times: quick })
    fs.mkdirSync(path.join(root, '.haal/.state'))
    const { release } = await holding
    release()
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('[L13] two in one process exclude each other too', async () => {
    const { release } = await hold(site(), { wait: 0, command: 'first' })
    await expect(hold(site(), { wait: 0, command: 'second' })).rejects.toMatchObject({ code: 'E_BUSY' })
    release()
    const second = await hold(site(), { wait: 0, command: 'second' })
    second.release()
  })

  test('[L13] who must wait too long is told the holder', async () => {
    const { release } = await hold(site(), { wait: 0, command: 'haal install' })
    await expect(hold(site(), { wait: 0.05, command: 'haal update' })).rejects.toMatchObject({
      code: 'E_BUSY',
      exit: 8,
      message: `another haal works on this project: "haal install", process ${process.pid} on this-host, since 2026-01-02T03:04:05.000Z`,
      hint: expect.stringContaining('--wait'),
    })
    release()
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('[U2 L13] who waits is told for whom, once, and until the wait is over', async () => {
    const { release } = await hold(site(), { wait: 0, command: 'install' })
    const events: Event[] = []
    const waiting = { ...site(), emit: (event: Event) => void events.push(event) }
    await expect(hold(waiting, { wait: 0.3, command: 'update' })).rejects.toMatchObject({ code: 'E_BUSY' })
    release()
    const what = `waiting for another haal here ("install", process ${process.pid})`
    expect(events).toEqual([
      { type: 'start', what, key: 'mutex' },
      { type: 'end', key: 'mutex' },
    ])
  })

  test('[L13] waiting ends with the signal', async () => {
    const { release } = await hold(site(), { wait: 0, command: 'haal install' })
    const stop = new AbortController()
    const waiting = hold({ ...site(), signal: stop.signal }, { wait: 60, command: 'haal update' })
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect(fs.readdirSync(folder())).toHaveLength(1)
    release()
  })
})

describe('X03: the dead are taken over', () => {
  test('[L13] a killed holder is taken over by exactly one of eight', async () => {
    const victim = contend(1, 'hang')
    await said('in')
    const rest = Array.from({ length: 8 }, () => once(contend(2), 'exit'))
    victim.kill('SIGKILL')
    await Promise.all(rest)
    expect(lines().toSorted()).toEqual([...Array.from({ length: 17 }, () => 'in'), 'mended'])
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('[L13] holders that are killed one after another never let two in', async () => {
    const victims = Array.from({ length: 4 }, () => contend(1, 'hang'))
    const rest = Array.from({ length: 4 }, () => once(contend(2), 'exit'))
    for (let round = 1; round <= 4; round += 1) {
      const before = victims.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      const holder = await holderAmong(before)
      const gone = once(holder, 'exit')
      holder.kill('SIGKILL')
      await gone
    }
    await Promise.all(rest)
    expect(lines()).not.toContain('met another')
    expect(lines().filter((line) => line === 'in').length).toBeGreaterThanOrEqual(8)
    const { release } = await hold(site(), { wait: 0, command: 'clears up after the last one' })
    release()
    const haal = path.join(root, '.haal')
    expect(fs.existsSync(haal) ? fs.readdirSync(haal) : []).toEqual([])
  })

  test('[L13] a number that another program has got since', async () => {
    plant({ start: '1' })
    const { release } = await hold(site(), { wait: 0, command: 'haal install' })
    expect(fs.readdirSync(folder())).toHaveLength(1)
    release()
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('[L13] a process that died before it had said a word', async () => {
    const child = spawn(process.execPath, ['-e', '0'])
    await once(child, 'exit')
    plant({ pid: child.pid ?? 0, start: '7' })
    const { release } = await hold(site(), { wait: 0, command: 'haal install' })
    release()
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('[L13] on another host, one that is silent for long', async () => {
    plant({ space: 'f'.repeat(16), text: '{}' })
    const { release } = await hold(site(), { wait: 10, command: 'haal install', times: quick })
    release()
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('[L13] on another host, one whose last sign of life is old by the clock of the disk: sooner', async () => {
    const entry = plant({ space: 'f'.repeat(16), text: '{}' })
    fs.utimesSync(entry, new Date(0), new Date(0))
    const { release } = await hold(site(), { wait: 5, command: 'haal install', times: { ...quick, silence: 600_000 } })
    release()
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('[L13] never one that gives signs of life, whatever its clock says', async () => {
    const entry = plant({ space: 'f'.repeat(16) })
    let beat = 0
    const life = setInterval(() => {
      beat += 1
      fs.writeFileSync(entry, JSON.stringify({ command: 'haal update', host: 'far', beat, holds: true }))
      fs.utimesSync(entry, new Date(0), new Date(0))
    }, 5)
    const busy = hold(site(), { wait: 0.5, command: 'haal install', times: quick })
    await expect(busy).rejects.toMatchObject({ code: 'E_BUSY', message: expect.stringContaining('on far') })
    clearInterval(life)
    expect(fs.existsSync(entry)).toBe(true)
  })
})

describe('F01: what is not what it seems', () => {
  test.each(['.haal', '.haal/.state', '.haal/.state/mutex'])(
    '[S1] a link at %s is refused, and nothing is made behind it',
    async (at) => {
      const target = path.join(root, 'target')
      fs.mkdirSync(target)
      fs.mkdirSync(path.dirname(path.join(root, at)), { recursive: true })
      fs.symlinkSync(target, path.join(root, at))
      await expect(hold(site(), { wait: 0, command: 'haal install' })).rejects.toMatchObject({ code: 'E_STATE_UNSAFE' })
      expect(fs.readdirSync(target)).toEqual([])
    },
  )
})

describe('what is left', () => {
  test('an empty .haal that was there before stays', async () => {
    fs.mkdirSync(path.join(root, '.haal'))
    const { release } = await hold(site(), { wait: 0, command: 'haal install' })
    release()
    expect(fs.readdirSync(root)).toEqual(['.haal'])
    expect(fs.readdirSync(path.join(root, '.haal'))).toEqual([])
  })

  test('what others have put into .haal stays', async () => {
    fs.mkdirSync(path.join(root, '.haal/skills'), { recursive: true })
    const { release } = await hold(site(), { wait: 0, command: 'haal install' })
    release()
    expect(fs.readdirSync(path.join(root, '.haal'))).toEqual(['skills'])
  })

  test('the folders of one that was killed before it had an entry go', async () => {
    fs.mkdirSync(folder(), { recursive: true })
    const { release } = await hold(site(), { wait: 0, command: 'haal install' })
    release()
    expect(fs.readdirSync(root)).toEqual([])
  })
})

/** The one of these processes that holds the mutex now. */
async function holderAmong(processes: readonly ChildProcess[]): Promise<ChildProcess> {
  for (;;) {
    for (const name of namesIn(folder())) {
      const child = processes.find(({ pid }) => pid === Number.parseInt(name, 10))
      if (child && readText(path.join(folder(), name)).includes('"holds":true')) return child
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function namesIn(at: string): string[] {
  try {
    return fs.readdirSync(at)
  } catch {
    return []
  }
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
