import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import type { Disk } from '../../../src/model/disk.js'
import { fail } from '../../../src/model/errors.js'
import { printLock } from '../../../src/state/lockfile.js'
import { openStore } from '../../../src/state/store.js'
import { mendAfterBoot } from '../../../src/state/transaction/after-boot.js'
import { apply } from '../../../src/state/transaction/apply.js'
import { needsMending } from '../../../src/state/transaction/leftovers.js'
import { depot, locked, lockOf, planOf, siteAt, snapshot, temporaryFolder, write } from '../project.js'

const stock = depot()
const files = { 'SKILL.md': 'the whole skill', 'sub/run.sh': ['run it'], 'empty.md': '' } as const
const one = await stock.take(files)
const single = await stock.take({ 'review.md': 'review' })
const skill = '.haal/skills/a'
const lock = lockOf({ 'skill/a': locked(one), 'agent/review': locked(single, { file: 'review.md' }) })
let root = ''
beforeEach(async () => {
  root = temporaryFolder()
  const steps = [
    { shown: skill, after: { from: 'store', integrity: one } as const },
    { shown: '.haal/agents/review.md', after: { from: 'store', integrity: single, file: 'review.md' } as const },
  ]
  await apply(planOf(root, lock, steps), siteAt(root, stock))
})
afterEach(() => fs.rmSync(root, { recursive: true }))
afterAll(() => stock.remove())

const nextBoot = { process: { pid: 1, host: 'host', boot: 'boot-2' } }
const site = (more = {}) => siteAt(root, stock, more)
const at = (name: string) => path.join(root, name)

/** Takes bytes away as power does: the date stays that of the writing, which was before the end of the transaction. */
function eat(name: string, left: string): void {
  const written = new Date(fs.statSync(at(name)).mtimeMs - 1_000)
  fs.writeFileSync(at(name), left)
  fs.utimesSync(at(name), written, written)
}

describe('after the machine has started anew', () => {
  test.each([
    ['nothing', ''],
    ['its beginning', 'the wh'],
    ['zeros', '\0'.repeat(15)],
    ['its beginning and zeros', `the wh${'\0'.repeat(9)}`],
  ])('[L11] a file of which power left %s is mended from the store', (_what, left) => {
    const before = snapshot(at('.haal/skills'))
    eat(`${skill}/SKILL.md`, left)
    expect(mendAfterBoot(site(nextBoot))).toEqual([])
    expect(snapshot(at('.haal/skills'))).toEqual(before)
    expect(needsMending(site(nextBoot))).toBe(false)
  })

  test('[L11] its executable bit comes back too, and an artifact of one file', () => {
    eat(`${skill}/sub/run.sh`, '')
    eat('.haal/agents/review.md', '')
    expect(mendAfterBoot(site(nextBoot))).toEqual([])
    expect(snapshot(root)).toMatchObject({ [`${skill}/sub/run.sh`]: 'x run it', '.haal/agents/review.md': '- review' })
  })

  test('[L16] what a person did is left alone: an edit, an emptied file, a deleted one', () => {
    write(root, { [`${skill}/SKILL.md`]: 'mine', '.haal/agents/review.md': '' })
    fs.rmSync(at(`${skill}/empty.md`))
    fs.utimesSync(at(`${skill}/SKILL.md`), new Date(0), new Date(0))
    const later = new Date(Date.now() + 10_000)
    for (const name of ['.haal/agents/review.md', skill]) fs.utimesSync(at(name), later, later)
    const before = snapshot(at('.haal/skills'))
    expect(mendAfterBoot(site(nextBoot))).toEqual([])
    expect(snapshot(at('.haal/skills'))).toEqual(before)
    expect(fs.readFileSync(at('.haal/agents/review.md'), 'utf8')).toBe('')
  })

  test('what is not in haal.lock any more is left alone', () => {
    eat(`${skill}/SKILL.md`, '')
    write(root, { 'haal.lock': printLock(lockOf({})) })
    expect(mendAfterBoot(site(nextBoot))).toEqual([])
    expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('')
  })

  test('what the store has lost too is named, and looked for again', () => {
    const poor = depot()
    eat(`${skill}/SKILL.md`, '')
    const found = mendAfterBoot(site({ ...nextBoot, store: poor.store }))
    expect(found).toEqual([skill])
    expect(needsMending(site(nextBoot))).toBe(true)
    poor.remove()
  })

  test('[L11] what power took from the store as well is named, and is no reason to stop', async () => {
    const poor = depot()
    await poor.take(files)
    const store = openStore(nodeDisk(), path.join(poor.folder, 'store'), process.pid)
    const entries = fs.readdirSync(path.join(poor.folder, 'store'), { recursive: true, encoding: 'utf8' })
    const entry = path.join(poor.folder, 'store', entries.find((name) => /[0-9a-f]{64}$/.test(name)) ?? '')
    fs.writeFileSync(entry, fs.readFileSync(entry).fill(0, 0, 'the whole skill'.length))
    eat(`${skill}/SKILL.md`, '')
    expect(mendAfterBoot(site({ ...nextBoot, store }))).toEqual([skill])
    expect(store.list()).toEqual([])
    poor.remove()
  })

  test('[S5] a generation that came with a clone has nothing written outside', () => {
    const outside = temporaryFolder()
    write(outside, { 'victim.md': '' })
    const file = at('.haal/.state/generations/1.json')
    const forged = JSON.parse(fs.readFileSync(file, 'utf8')) as { wrote: object[] }
    forged.wrote = [
      { place: path.join(outside, 'victim.md'), integrity: single, file: 'review.md' },
      { place: `../${path.basename(outside)}/victim.md`, integrity: single, file: 'review.md' },
    ]
    fs.writeFileSync(file, JSON.stringify(forged))
    mendAfterBoot(site(nextBoot))
    expect(snapshot(outside)).toEqual({ 'victim.md': '- ' })
    fs.rmSync(outside, { recursive: true })
  })

  test.each([
    ['.git/hooks', {}],
    ['.GIT/hooks', {}],
    ['victim', { rename: { 'SKILL.md': '../outside/SKILL.md' } }],
    ['victim', { rename: { 'SKILL.md': '../.git/hooks/SKILL.md' } }],
  ])('[S5 S8] a generation that came with a clone has nothing written by way of %s %j', (place, more) => {
    const folders = ['.git/hooks', '.GIT/hooks', 'outside']
    const old = new Date(Date.now() - 60_000)
    for (const folder of [...folders, 'victim']) {
      fs.mkdirSync(at(folder), { recursive: true })
      fs.utimesSync(at(folder), old, old)
    }
    const file = at('.haal/.state/generations/1.json')
    const generation = JSON.parse(fs.readFileSync(file, 'utf8')) as object
    fs.writeFileSync(file, JSON.stringify({ ...generation, wrote: [{ place, integrity: one, ...more }] }))
    mendAfterBoot(site(nextBoot))
    for (const folder of folders) expect(fs.readdirSync(at(folder))).toEqual([])
  })

  test('[S5] a link in the place of a folder leads what is mended nowhere else (hostile F01)', () => {
    const outside = temporaryFolder()
    const old = new Date(Date.now() - 60_000)
    fs.utimesSync(outside, old, old)
    for (const folder of [`${skill}/sub`, skill]) {
      fs.rmSync(at(folder), { recursive: true })
      fs.symlinkSync(outside, at(folder), 'junction')
      fs.lutimesSync(at(folder), old, old)
      expect(() => mendAfterBoot(site(nextBoot))).toThrow(/is a link/)
      expect(fs.readdirSync(outside)).toEqual([])
    }
    fs.rmSync(outside, { recursive: true })
  })

  test('a note that was lost itself counts as another boot', () => {
    const note = at('.haal/.state/boot.json')
    for (const lose of [() => fs.writeFileSync(note, ''), () => fs.symlinkSync(root, note, 'junction')]) {
      fs.rmSync(note)
      lose()
      eat(`${skill}/SKILL.md`, '')
      expect(needsMending(site())).toBe(true)
      mendAfterBoot(site())
      expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('the whole skill')
    }
  })
})

test('[L12] a note on the boot that the disk does not give now is not taken for another boot', () => {
  const disk = nodeDisk()
  const text: Disk['text'] = (name) =>
    name === at('.haal/.state/boot.json') ? fail('E_DISK', `${name}: the disk reports an error`) : disk.text(name)
  expect(() => needsMending({ ...site(), disk: { ...disk, text } })).toThrow(/boot\.json/)
})

test('in the same boot nothing is looked at', () => {
  eat(`${skill}/SKILL.md`, '')
  expect(needsMending(site())).toBe(false)
  expect(mendAfterBoot(site())).toEqual([])
  expect(fs.readFileSync(at(`${skill}/SKILL.md`), 'utf8')).toBe('')
})
