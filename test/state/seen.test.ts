import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Disk } from '../../src/model/disk.js'
import { isAllUntouched, type Kept, openSeen } from '../../src/state/seen.js'
import { depot, siteAt, temporaryFolder, write } from './project.js'

const stock = depot()
const place = '.haal/skills/a'
let root = ''
beforeEach(() => {
  root = temporaryFolder()
  write(root, {
    [`${place}/SKILL.md`]: 'a skill',
    [`${place}/sub/run.sh`]: ['run it'],
    '.haal/.state/.gitignore': '*\n',
  })
})
afterEach(() => fs.rmSync(root, { recursive: true }))
afterAll(() => stock.remove())

const at = (name: string) => path.join(root, ...name.split('/'))
const file = () => at('.haal/.state/seen')

/** A disk on which `seconds` have passed since the files of the place were written. */
function later(seconds = 10): Disk {
  const disk = nodeDisk()
  const stat: Disk['stat'] = (name) => {
    const found = disk.stat(name)
    const isClock = /seen-\d+\.tmp$/.test(name)
    return found && isClock ? { ...found, mtime: found.mtime + BigInt(Math.round(seconds * 1e9)) } : found
  }
  return { ...disk, stat }
}

/** A disk on whose clock just so many milliseconds have passed since the last change of the place, however long that takes here. */
function lookedAt(ms: number): Disk {
  const disk = nodeDisk()
  const times = ['', '/SKILL.md', '/sub', '/sub/run.sh'].map((name) => disk.stat(at(place + name))?.ctime ?? 0n)
  const last = times.reduce((one, other) => (one > other ? one : other))
  const stat: Disk['stat'] = (name) => {
    const found = disk.stat(name)
    return found && /seen-\d+\.tmp$/.test(name) ? { ...found, mtime: last + BigInt(ms) * 1_000_000n } : found
  }
  return { ...disk, stat }
}

const open = (disk = later()) => openSeen(siteAt(root, stock, { disk }))

function remember(disk = later(), content = 'x'): void {
  const seen = open(disk)
  seen.look(place, content)()
  seen.keep()
}

const isUntouched = (content = 'x') => open().isUntouched(place, content)

/** Until the file system's clock shows another time than when the place was written. */
function tick(): void {
  const written = fs.statSync(at(`${place}/sub/run.sh`), { bigint: true }).ctimeNs
  do fs.writeFileSync(at('probe'), '')
  while (fs.statSync(at('probe'), { bigint: true }).ctimeNs <= written)
}

/** Puts the dates of the file back, as a careful editor or an archive does. */
function keepingDates(name: string, act: () => void): void {
  const { atime, mtime } = fs.statSync(at(name))
  act()
  fs.utimesSync(at(name), atime, mtime)
}

describe('a place that was found to be as haal put it', () => {
  test('[F1] is untouched until something happens to it, and asked for under no other content', () => {
    expect(isUntouched()).toBe(false)
    remember()
    expect(isUntouched()).toBe(true)
    expect(isUntouched('y')).toBe(false)
    expect(open().isUntouched('.haal/skills/b', 'x')).toBe(false)
  })

  test.each<[string, () => void]>([
    ['an edit', () => fs.writeFileSync(at(`${place}/SKILL.md`), 'another text')],
    [
      'an edit that keeps size and date',
      () => keepingDates(`${place}/SKILL.md`, () => fs.writeFileSync(at(`${place}/SKILL.md`), 'A skill')),
    ],
    ['a new date', () => fs.utimesSync(at(`${place}/SKILL.md`), new Date(), new Date())],
    ['a new mode', () => fs.chmodSync(at(`${place}/SKILL.md`), 0o755)],
    ['a file that is added', () => fs.writeFileSync(at(`${place}/more.md`), '')],
    [
      'a file that is added further down, with the date of its folder put back',
      () => keepingDates(`${place}/sub`, () => fs.writeFileSync(at(`${place}/sub/more.md`), '')),
    ],
    ['a file that is removed', () => fs.rmSync(at(`${place}/sub/run.sh`))],
    [
      'a file that is exchanged for one of the same size and date',
      () => {
        const { atime, mtime } = fs.statSync(at(`${place}/SKILL.md`))
        fs.writeFileSync(at('other'), 'A skill')
        fs.utimesSync(at('other'), atime, mtime)
        fs.renameSync(at('other'), at(`${place}/SKILL.md`))
      },
    ],
    [
      'the whole exchanged for a copy',
      () => {
        fs.cpSync(at(place), at('copy'), { recursive: true, preserveTimestamps: true })
        fs.rmSync(at(place), { recursive: true })
        fs.renameSync(at('copy'), at(place))
      },
    ],
    ['its end', () => fs.rmSync(at(place), { recursive: true })],
  ])('[F1] %s is noticed', (_what, act) => {
    remember()
    tick()
    act()
    expect(isUntouched()).toBe(false)
  })

  test('[F1] is not remembered where it changed within a grain of the clock before it was read', () => {
    remember(lookedAt(40))
    expect(isUntouched()).toBe(false)
    remember(lookedAt(200))
    expect(isUntouched()).toBe(true)
  })

  test('[F1] is not remembered for two seconds where dates have whole milliseconds only', () => {
    const coarse = (seconds: number): Disk => {
      const disk = later(seconds)
      const whole = (time: bigint) => (time / 1_000_000_000n) * 1_000_000_000n
      return {
        ...disk,
        stat: (name) => {
          const found = disk.stat(name)
          return found && { ...found, mtime: whole(found.mtime), ctime: whole(found.ctime) }
        },
      }
    }
    remember(coarse(1))
    expect(open(coarse(1)).isUntouched(place, 'x')).toBe(false)
    remember(coarse(5))
    expect(open(coarse(5)).isUntouched(place, 'x')).toBe(true)
  })

  test('[S1] is not untouched because something else is, that a file from elsewhere names', () => {
    remember()
    write(root, { stays: '', [`${place}/SKILL.md`]: 'another text' })
    const mark = nodeDisk().mark(at('stays')) ?? []
    const lines = `${place}\tx\t1\t../../../stays`
    const bytes = Buffer.concat([Buffer.from(lines), new Uint8Array(new Float64Array(mark).buffer)])
    fs.writeFileSync(file(), `haal-seen 2 ${lines.length} 5 ${'0'.repeat(64)}\n`)
    fs.appendFileSync(file(), bytes)
    expect(isUntouched()).toBe(false)
  })

  test('[F1] is compared again where the file that says so is cut off, strange, or gone', () => {
    remember()
    const whole = fs.readFileSync(file())
    const newer = Buffer.from(whole.toString('latin1').replace('seen 2', 'seen 3'), 'latin1')
    const damaged = [whole.subarray(0, -8), whole.subarray(0, 30), newer, Buffer.concat([whole, whole]), '', '{}']
    for (const bytes of damaged) {
      fs.writeFileSync(file(), bytes)
      expect(isUntouched(), bytes.toString('latin1')).toBe(false)
    }
    fs.writeFileSync(file(), whole)
    expect(isUntouched()).toBe(true)
    fs.rmSync(file())
    expect(isUntouched()).toBe(false)
  })
})

describe('the file of what was seen', () => {
  test('[F1] keeps what nobody asks about and drops what is not as it was; nothing else is left in the state folder', () => {
    write(root, { '.haal/skills/b/SKILL.md': 'b', '.haal/.state/seen-123.tmp': 'of a killed command' })
    const seen = open()
    seen.look(place, 'x')()
    seen.look('.haal/skills/b', 'y')()
    seen.keep()
    expect(fs.readdirSync(at('.haal/.state')).sort()).toEqual(['.gitignore', 'seen'])
    const next = open()
    expect(next.isUntouched('.haal/skills/b', 'y')).toBe(true)
    next.look('.haal/skills/b', 'z')
    next.keep()
    expect(isUntouched()).toBe(true)
    expect(open().isUntouched('.haal/skills/b', 'y')).toBe(true)
    fs.writeFileSync(at(`${place}/SKILL.md`), 'another text')
    const last = open()
    last.isUntouched(place, 'x')
    last.keep()
    expect(fs.readFileSync(file(), 'latin1')).not.toContain(place)
    expect(open().isUntouched('.haal/skills/b', 'y')).toBe(true)
  })

  test('[F1] forgets what nobody asked about where that is all there is', () => {
    write(root, { '.haal/skills/b/SKILL.md': 'b' })
    remember()
    const seen = open()
    seen.look('.haal/skills/b', 'y')()
    seen.keepAlone()
    expect(isUntouched()).toBe(false)
    expect(open().isUntouched('.haal/skills/b', 'y')).toBe(true)
  })

  test('[F1] may be asked whether a place holds what it shall, whatever that is', () => {
    remember()
    expect(open().isUntouched(place)).toBe(true)
    expect(open().isUntouched('.haal/skills/b')).toBe(false)
    fs.writeFileSync(at(`${place}/SKILL.md`), 'another text')
    expect(open().isUntouched(place)).toBe(false)
  })

  test('[F1] is not written where nothing new was found, nor through a link, nor where the folder is not there', () => {
    const elsewhere = at('elsewhere')
    fs.mkdirSync(elsewhere)
    fs.rmSync(at('.haal/.state'), { recursive: true })
    remember()
    expect(fs.existsSync(at('.haal/.state'))).toBe(false)
    fs.symlinkSync(elsewhere, at('.haal/.state'), 'junction')
    remember()
    expect(fs.readdirSync(elsewhere)).toEqual([])
    expect(isUntouched()).toBe(false)
  })
})

const known = ['', 'SKILL.md', 'sub', 'sub/run.sh']

describe.each([
  ['whose names are known', known],
  ['of which nothing is known', undefined],
])('a place that a commit has put there, %s,', (_which, names) => {
  const stagedAt = () => fs.statSync(at('staged')).mtimeMs

  function put(what = names): void {
    const seen = open(nodeDisk())
    seen.put(place, 'x', { staged: stagedAt(), names: what })
    seen.keep()
  }

  test('[F1] is known at once', () => {
    write(root, { staged: '' })
    put()
    expect(isUntouched()).toBe(true)
  })

  test('[F1] is not known where a file of it has changed since it was staged', () => {
    write(root, { staged: '' })
    do fs.writeFileSync(at(`${place}/SKILL.md`), 'A SKILL')
    while (fs.statSync(at(`${place}/SKILL.md`)).ctimeMs <= stagedAt())
    put()
    expect(isUntouched()).toBe(false)
  })

  test('[F1] is not known at once where dates have whole milliseconds only, and an edit may have the same', () => {
    write(root, { staged: '' })
    fs.utimesSync(at('staged'), new Date(), new Date(Math.ceil(Date.now() / 1000) * 1000 + 5000))
    expect(Number.isInteger(stagedAt())).toBe(true)
    put()
    expect(isUntouched()).toBe(false)
  })

  test('[F1] leaves what is known of the others', () => {
    write(root, { '.haal/skills/b/SKILL.md': 'b', staged: '' })
    put()
    const seen = open(nodeDisk())
    seen.stay(place, 'x')
    seen.put('.haal/skills/b', 'y', { staged: stagedAt() })
    seen.keep()
    expect(isUntouched()).toBe(true)
    expect(open().isUntouched('.haal/skills/b', 'y')).toBe(true)
  })

  test('[F1] is not known where something of it has gone', () => {
    write(root, { staged: '' })
    put([...known, 'gone'])
    expect(isUntouched()).toBe(false)
  })
})

describe('all that was seen', () => {
  const other = '.haal/skills/b'

  function seeBoth(content = 'y'): Kept | undefined {
    const seen = open()
    seen.look(place, 'x')()
    seen.look(other, content)()
    seen.keep()
    return seen.keptWith([place, other])
  }

  const isAll = (kept: Kept | undefined) => isAllUntouched(siteAt(root, stock), kept ?? { sum: '', mark: [] })

  beforeEach(() => write(root, { [`${other}/SKILL.md`]: 'b' }))

  test('[F1] has a sum, by which it is known to be untouched without a word on what it is', () => {
    const kept = seeBoth()
    expect(kept?.sum).toMatch(/^[0-9a-f]{64}$/)
    expect(isAll(kept)).toBe(true)
    expect(seeBoth()?.sum).toBe(kept?.sum)
    expect(isAll(kept)).toBe(true)
    expect(seeBoth('z')?.sum).not.toBe(kept?.sum)
    expect(isAll(kept)).toBe(false)
  })

  test('[S1] is not what a file says that came with the project and only claims to have the sum', () => {
    const kept = seeBoth()
    fs.writeFileSync(at(`${other}/SKILL.md`), 'another text')
    for (const lines of ['', 'elsewhere\tx\t0\t']) {
      fs.writeFileSync(file(), `haal-seen 2 ${lines.length} 0 ${kept?.sum}\n${lines}`)
      expect(isAll(kept), lines).toBe(false)
    }
  })

  test('[F1] is, where the file has been written anew since, with other marks', () => {
    const kept = seeBoth()
    tick()
    fs.utimesSync(at(`${place}/SKILL.md`), new Date(0), new Date(0))
    expect(isAll(kept)).toBe(false)
    seeBoth()
    expect(isAll(kept)).toBe(true)
  })

  test.each<[string, () => void]>([
    ['an edit', () => fs.writeFileSync(at(`${other}/SKILL.md`), 'another text')],
    ['a file more', () => fs.writeFileSync(at(`${place}/sub/more.md`), '')],
    ['a place less', () => fs.rmSync(at(other), { recursive: true })],
    ['the loss of what says so', () => fs.rmSync(file())],
    ['half of what says so', () => fs.truncateSync(file(), 200)],
  ])('[F1] is not after %s', (_what, act) => {
    const kept = seeBoth()
    tick()
    act()
    expect(isAll(kept)).toBe(false)
  })

  test('[F1] has no sum with a place that is not known', () => {
    const seen = open()
    seen.look(place, 'x')()
    seen.look(other, 'y')
    seen.keep()
    expect(seen.keptWith([place])).not.toBe(undefined)
    expect(seen.keptWith([place, other])).toBe(undefined)
  })
})
