import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { sha256Hex } from '../../../src/model/digest.js'
import { HaalError } from '../../../src/model/errors.js'
import { readLock } from '../../../src/state/lockfile.js'
import { hold } from '../../../src/state/mutex.js'
import { apply } from '../../../src/state/transaction/apply.js'
import { needsMending } from '../../../src/state/transaction/leftovers.js'
import { mend, recover } from '../../../src/state/transaction/recover.js'
import { depot, faulty, Killed, locked, lockOf, planOf, siteAt, snapshot, temporaryFolder, write } from '../project.js'

const stock = depot()
const one = await stock.take({ 'SKILL.md': 'one' })
const two = await stock.take({ 'SKILL.md': 'two' })
const skill = '.haal/skills/review'
const state = '.haal/.state'
let root = ''
let elsewhere = ''
beforeEach(() => {
  root = temporaryFolder()
  elsewhere = temporaryFolder()
})
afterEach(() => {
  fs.rmSync(root, { recursive: true })
  fs.rmSync(elsewhere, { recursive: true })
})
afterAll(() => stock.remove())

const site = (more = {}) => siteAt(root, stock, more)
const lock1 = lockOf({ 'skill/review': locked(one) })
const lock2 = lockOf({ 'skill/review': locked(two) })
const install = () => planOf(root, lock1, [{ shown: skill, after: { from: 'store', integrity: one } }])
const update = () => planOf(root, lock2, [{ shown: skill, after: { from: 'store', integrity: two } }])
const at = (name: string) => path.join(root, name)

/** Applies and is killed before the first change of a path that ends so. */
async function killedAt(plan: ReturnType<typeof install>, end: string, more = {}): Promise<void> {
  let dead = false
  const die = (): never => {
    dead = true
    throw new Killed()
  }
  const disk = faulty(nodeDisk(), {
    before: ({ path: to }) => {
      if (dead || to.endsWith(end)) die()
    },
    beforeRead: () => {
      if (dead) die()
    },
  })
  await expect(apply(plan, site({ disk, ...more }))).rejects.toBeInstanceOf(Killed)
}

const journals = () => fs.readdirSync(at(state)).filter((name) => name.startsWith('journal.'))

/** Changes the journal that a killed command left. */
function forge(change: (journal: Record<string, unknown>) => void): void {
  const file = at(path.join(state, journals()[0] ?? ''))
  const journal = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>
  change(journal)
  fs.writeFileSync(file, JSON.stringify(journal))
}

describe('which way', () => {
  test('[L11] killed before haal.lock came in: undone', async () => {
    await apply(install(), site())
    const before = snapshot(root)
    await killedAt(update(), '/haal.lock')
    recover(site())
    expect(snapshot(root)).toEqual(before)
  })

  test('[L11] killed after haal.lock came in: finished', async () => {
    await apply(install(), site())
    await killedAt(update(), 'committed.json')
    recover(site())
    expect(readLock(nodeDisk(), at('haal.lock'))).toEqual(lock2)
    expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('two')
  })

  test('[L11] killed before anything changed, with a haal.lock that somebody put there since: undone', async () => {
    await apply(install(), site())
    await killedAt(update(), 'swapping.json')
    const staged = fs.readdirSync(root).find((name) => /^\.haal-new-.*-lock$/.test(name)) ?? ''
    fs.copyFileSync(at(staged), at('haal.lock'))
    recover(site())
    expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('one')
  })

  test('[L11] killed where haal.json lies elsewhere: that is undone, too', async () => {
    const manifestFile = path.join(elsewhere, 'haal.json')
    await killedAt(install(), '/haal.lock', { manifestFile })
    expect(Object.keys(snapshot(elsewhere))).toContain('haal.json')
    recover(site({ manifestFile }))
    expect([snapshot(root), snapshot(elsewhere)]).toEqual([{}, {}])
  })

  test('[L11] what was half cleared away is finished even where haal.lock has been taken back since', async () => {
    await apply(install(), site())
    const old = fs.readFileSync(at('haal.lock'))
    await killedAt(update(), 'boot.json')
    fs.writeFileSync(at('haal.lock'), old)
    recover(site())
    expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('two')
  })

  test('[L11] with nothing to recover nothing is written', async () => {
    await apply(install(), site())
    const before = snapshot(root)
    const disk = faulty(nodeDisk(), {
      before: ({ name, path: to }) => expect([name, to]).toEqual(['remove', at(`${state}/generations`)]),
    })
    recover(site({ disk }))
    expect(snapshot(root)).toEqual(before)
  })
})

describe('what lies about (hostile F14)', () => {
  test.each(['', '{', 'null', '[]', '{"journalVersion":1}'])('a journal that says %j: recovered', async (text) => {
    await apply(install(), site())
    const before = snapshot(root)
    write(root, { [`${state}/journal.json`]: text, [`${state}/journal.000000000000.swapping.json`]: text })
    expect(needsMending(site())).toBe(true)
    recover(site())
    expect(snapshot(root)).toEqual(before)
    expect(needsMending(site())).toBe(false)
  })

  test('a journal cut short in the middle of everything: the old artifact is back', async () => {
    await apply(install(), site())
    await killedAt(update(), skill)
    const file = at(path.join(state, journals()[0] ?? ''))
    expect(fs.existsSync(at(skill))).toBe(false)
    fs.truncateSync(file, 40)
    recover(site())
    expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('one')
    expect(fs.readdirSync(at('.haal/skills'))).toEqual(['review'])
  })

  test('staged files, copies of texts and *.tmp without a journal go', async () => {
    await apply(install(), site())
    const before = snapshot(root)
    write(root, {
      '.haal/skills/.haal-new-abcdefabcdef-0/SKILL.md': 'half',
      '.haal/.haal-new-abcdefabcdef-3': 'half',
      '.haal-new-abcdefabcdef-lock': 'half',
      '.haal-old-abcdefabcdef-manifest-haal.json': 'old',
      [`${state}/generations/.haal-new-abcdefabcdef-generation`]: 'half',
      [`${state}/journal.tmp`]: '{',
      [`${state}/names.tmp`]: '',
    })
    recover(site())
    expect(snapshot(root)).toEqual(before)
  })

  test('something old without a journal is kept aside although its place is free', async () => {
    await apply(install(), site())
    write(root, { '.haal/skills/.haal-old-abcdefabcdef-0-other/SKILL.md': 'perhaps mine' })
    recover(site())
    expect(fs.readdirSync(at('.haal/skills'))).toEqual(['review'])
    expect(snapshot(root)).toHaveProperty([`${state}/saved/0/.haal/skills/other/SKILL.md`], '- perhaps mine')
  })

  test.each([
    ['no journal', {}],
    ['a journal that cannot be read', { [`${state}/journal.000000000000.swapping.json`]: '{' }],
  ])('something old whose place is taken is kept aside, and told, where there is %s', async (_which, journal) => {
    await apply(install(), site())
    write(root, { '.haal/skills/.haal-old-abcdefabcdef-0-review/SKILL.md': 'perhaps mine', ...journal })
    const told = site()
    recover(told)
    expect(snapshot(root)).toMatchObject({
      [`${skill}/SKILL.md`]: '- one',
      [`${state}/saved/0/.haal/skills/review/SKILL.md`]: '- perhaps mine',
    })
    expect(told.events).toMatchObject([{ type: 'warning', note: { code: 'W_SAVED' } }])
  })

  test('a journal of a newer haal is refused, and nothing is touched', async () => {
    await apply(install(), site())
    await killedAt(update(), skill)
    forge((journal) => {
      journal.journalVersion = 2
      delete journal.moves
    })
    const before = snapshot(root)
    expect(() => recover(site())).toThrow(expect.objectContaining({ code: 'E_STATE_NEWER', exit: 2 }))
    expect(snapshot(root)).toEqual(before)
  })
})

describe('a person in between', () => {
  test('[L11] what they made at a place that was emptied is a conflict; nothing is moved until it is away', async () => {
    await apply(install(), site())
    const before = snapshot(root)
    await killedAt(update(), '/haal.lock')
    fs.rmSync(at(skill), { recursive: true })
    write(root, { [`${skill}/SKILL.md`]: 'mine' })
    const during = snapshot(root)
    expect(() => recover(site())).toThrow(
      expect.objectContaining({ code: 'E_RECOVERY', exit: 4, hint: expect.stringContaining(`mv ${skill} `) }),
    )
    expect(snapshot(root)).toEqual(during)
    fs.renameSync(at(skill), at('mine'))
    recover(site())
    expect(snapshot(root)).toEqual({ ...before, 'mine/': 'folder', 'mine/SKILL.md': '- mine' })
  })

  test('[L11] what they made where haal had not come yet stays', async () => {
    const steps = [
      { shown: skill, after: { from: 'store', integrity: one } as const },
      { shown: '.haal/skills/two', after: { from: 'store', integrity: two } as const },
    ]
    await killedAt(planOf(root, lock1, steps), '.haal/skills/two')
    write(root, { '.haal/skills/two/SKILL.md': 'mine' })
    recover(site())
    expect(snapshot(root)).toEqual({
      '.haal/': 'folder',
      '.haal/skills/': 'folder',
      '.haal/skills/two/': 'folder',
      '.haal/skills/two/SKILL.md': '- mine',
    })
  })

  test('[L11] their edit of what had just come in is a conflict', async () => {
    await killedAt(install(), '/haal.lock')
    write(root, { [`${skill}/mine.md`]: 'mine' })
    expect(() => recover(site())).toThrow(expect.objectContaining({ code: 'E_RECOVERY' }))
    expect(fs.readFileSync(at(`${skill}/mine.md`), 'utf8')).toBe('mine')
  })

  test('[L11] a folder or a link that they put in the place of a file that had just come in is a conflict', async () => {
    const plan = () => planOf(root, lock1, [{ shown: 'x.json', after: { from: 'bytes', bytes: Buffer.from('new') } }])
    for (const make of [() => fs.mkdirSync(at('x.json')), () => fs.symlinkSync('same.json', at('x.json'))]) {
      write(root, { 'same.json': 'new' })
      await killedAt(plan(), '/haal.lock')
      fs.rmSync(at('x.json'))
      make()
      expect(() => recover(site())).toThrow(expect.objectContaining({ code: 'E_RECOVERY' }))
      expect(fs.lstatSync(at('x.json')).isFile()).toBe(false)
      fs.rmSync(at('x.json'), { recursive: true })
      recover(site())
    }
  })

  test('[L11] after a power loss nobody knows who changed it: it is kept aside, the old state is back', async () => {
    await apply(install(), site())
    await killedAt(update(), '/haal.lock')
    fs.truncateSync(at(`${skill}/SKILL.md`), 0)
    const told = site({ process: { pid: 1, host: 'host', boot: 'boot-2' } })
    recover(told)
    expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('one')
    expect(told.events).toMatchObject([{ type: 'warning', note: { code: 'W_SAVED' } }])
  })

  test('[L11] their edit of haal.json since stays', async () => {
    write(root, { 'haal.json': '{}' })
    await killedAt(install(), '/haal.lock')
    fs.writeFileSync(at('haal.json'), '{"mine":1}')
    recover(site())
    expect(snapshot(root)).toEqual({ 'haal.json': '- {"mine":1}' })
  })
})

describe('a journal that came with a clone', () => {
  const forged = (moves: unknown[], more = {}) => {
    const journal = {
      journalVersion: 1,
      transaction: 'abcdefabcdef',
      generation: 1,
      command: 'haal install',
      boot: 'boot-1',
      at: '2026-01-02T03:04:05Z',
      keep: 20,
      made: [],
      found: [],
      moves,
      manifest: null,
      lock: null,
      ...more,
    }
    write(root, { [`${state}/journal.abcdefabcdef.swapping.json`]: JSON.stringify(journal) })
  }
  test('[S5] cannot have a file outside deleted, even if it knows the bytes', () => {
    write(elsewhere, { '.bashrc': 'mine' })
    const outside = path.join(elsewhere, '.bashrc')
    const known = sha256Hex('mine')
    forged([{ place: outside, had: false, put: { sha256: known } }], {
      manifest: { file: outside, before: null, after: known },
      made: [elsewhere],
    })
    recover(site())
    expect(snapshot(elsewhere)).toEqual({ '.bashrc': '- mine' })
  })

  test('[S5] cannot have an empty folder outside removed', () => {
    fs.mkdirSync(path.join(elsewhere, 'empty/inside'), { recursive: true })
    forged([], { made: [path.join(elsewhere, 'empty'), path.join(elsewhere, 'empty/inside')] })
    recover(site())
    expect(snapshot(elsewhere)).toEqual({ 'empty/': 'folder', 'empty/inside/': 'folder' })
  })

  test('[S5] cannot be read through a link (hostile F01)', () => {
    write(elsewhere, { 'victim.txt': 'mine' })
    fs.symlinkSync(elsewhere, at('.haal'))
    expect(() => recover(site())).toThrow(expect.objectContaining({ code: 'E_STATE_UNSAFE' }))
    expect(snapshot(elsewhere)).toEqual({ 'victim.txt': '- mine' })
  })

  test.each(['../x', '.', 'a/../../x', ''])('[S5] cannot name the place %j', (place) => {
    forged([{ place, had: true }])
    recover(site())
    expect(fs.existsSync(at(state))).toBe(false)
  })

  test.each([
    ['below the project', () => '.git'],
    ['by its whole path', () => at('.git')],
    ['by another name of it', () => at('.GIT')],
  ])('[S5 S8] cannot move git’s own folder, named %s', (_what, place) => {
    write(root, { '.git/config': 'mine', '.haal-own-abcdefabcdef-0': '' })
    forged([{ place: place(), had: false, put: { sha256: known } }], { boot: 'boot-0' })
    recover(site())
    expect(snapshot(root)).toMatchObject({ '.git/config': '- mine' })
  })

  test.each(['.git', '.GIT', 'git~1'])('[S5 S8] cannot have what lies beside it become %s', (name) => {
    const planted = `.haal-old-abcdefabcdef-1-${name}/config`
    for (const journal of [{ [`${state}/journal.none.json`]: '{' }, { [`${state}/journal.tmp`]: '' }]) {
      write(root, { [planted]: 'theirs', [`.haal/skills/${planted}`]: 'theirs', ...journal })
      recover(site())
      const files = Object.entries(snapshot(root)).filter(([, held]) => held === '- theirs')
      expect(files.map(([file]) => file).sort()).toEqual([planted, `.haal/skills/${planted}`])
    }
  })

  test('[S5 S8] cannot lead through a link to git’s own folder', () => {
    write(root, { '.git/config': 'mine' })
    fs.symlinkSync('.git', at('link'))
    forged([{ place: 'link/config', had: false, put: { sha256: known } }])
    expect(() => recover(site())).toThrow(expect.objectContaining({ code: 'E_STATE_UNSAFE' }))
    expect(snapshot(root)).toMatchObject({ '.git/config': '- mine' })
  })

  const known = sha256Hex('mine')
  test.each<[what: string, moves: unknown[], more: object]>([
    ['a place', [{ place: 'link/victim.txt', had: false, put: { sha256: known } }], {}],
    ['haal.json', [], { manifest: { file: 'link/victim.txt', before: null, after: known } }],
    ['haal.lock', [], { lock: { file: 'link/victim.txt', before: null, after: known } }],
    ['a folder it made', [], { made: ['link/empty'] }],
  ])('[S5] cannot lead through a link to %s', (_what, moves, more) => {
    write(elsewhere, { 'victim.txt': 'mine' })
    fs.mkdirSync(path.join(elsewhere, 'empty'))
    fs.symlinkSync(elsewhere, at('link'))
    forged(moves, more)
    expect(() => recover(site())).toThrow(expect.objectContaining({ code: 'E_STATE_UNSAFE' }))
    expect(snapshot(elsewhere)).toEqual({ 'victim.txt': '- mine', 'empty/': 'folder' })
  })
})

describe('places outside the project', () => {
  const copy = () => [
    { shown: path.join(elsewhere, 'new/deep/copy'), after: { from: 'store', integrity: one } as const },
    { shown: path.join(elsewhere, 'merged.json'), after: { from: 'bytes', bytes: Buffer.from('new') } as const },
  ]

  test('are written, and nothing is left beside them', async () => {
    write(elsewhere, { 'merged.json': 'old' })
    await apply(planOf(root, lock1, copy()), site())
    expect(snapshot(elsewhere)).toEqual({
      'new/': 'folder',
      'new/deep/': 'folder',
      'new/deep/copy/': 'folder',
      'new/deep/copy/SKILL.md': '- one',
      'merged.json': '- new',
    })
  })

  test('[L11] are as they were where the command was killed', async () => {
    write(elsewhere, { 'merged.json': 'old' })
    await killedAt(planOf(root, lock1, copy()), '/haal.lock')
    expect(Object.keys(snapshot(elsewhere))).toContain('new/deep/copy/SKILL.md')
    recover(site())
    expect(snapshot(elsewhere)).toEqual({ 'merged.json': '- old' })
  })
})

describe('for commands that only read', () => {
  test('[L11] an interrupted command is undone', async () => {
    await apply(install(), site())
    const before = snapshot(root)
    await killedAt(update(), '/haal.lock')
    await mend(site(), 'haal list')
    expect(snapshot(root)).toEqual(before)
  })

  test('while another haal works nothing is done', async () => {
    await apply(install(), site())
    const held = await hold(site(), { wait: 0, command: 'haal update' })
    await killedAt(update(), '/haal.lock')
    const during = snapshot(root)
    await mend(site(), 'haal list')
    expect(snapshot(root)).toEqual(during)
    held.release()
  })

  test('what a killed holder of the mutex left goes', async () => {
    await apply(install(), site())
    const before = snapshot(root)
    write(root, { [`${state}/mutex/1.1.${'0'.repeat(16)}.${'0'.repeat(12)}x`]: '' })
    await mend(site(), 'haal list')
    expect(snapshot(root)).toEqual(before)
  })

  test('on a disk that cannot be written a project with nothing to undo can be read', async () => {
    await apply(install(), site())
    const disk = faulty(nodeDisk(), {
      before: ({ path: to }) => {
        throw new HaalError('E_DISK', `${to}: read-only`, { details: { errno: 'EROFS' } })
      },
    })
    const reader = site({ disk, process: { pid: process.pid, host: 'host', boot: 'boot-2' } })
    expect(await mend(reader, 'haal list')).toEqual([])
    await killedAt(update(), '/haal.lock')
    await expect(mend(reader, 'haal list')).rejects.toMatchObject({ code: 'E_DISK' })
  })
})
