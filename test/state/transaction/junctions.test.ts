import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { apply } from '../../../src/state/transaction/apply.js'
import { recover } from '../../../src/state/transaction/recover.js'
import { depot, dying, Killed, locked, lockOf, planOf, siteAt, snapshot, temporaryFolder } from '../project.js'

/* A junction is a link to a folder that names it in full; on a disk that has links of its own, a link with a whole path is the same. */

const stock = depot()
const integrity = await stock.take({ 'SKILL.md': 'one' })
const home = '.haal/skills/review'
const link = '.claude/skills/review'
let root = ''
beforeEach(() => {
  root = temporaryFolder()
})
afterEach(() => fs.rmSync(root, { recursive: true }))
afterAll(() => stock.remove())

const lock = lockOf({ 'skill/review': locked(integrity) })
const plan = () =>
  planOf(root, lock, [
    { shown: home, after: { from: 'store', integrity } },
    { shown: link, after: { from: 'link', to: home } },
  ])
const site = (more = {}) => siteAt(root, stock, { platform: 'win32', ...more })
const project = () => Object.keys(snapshot(root)).filter((name) => !name.startsWith('.haal/.state'))

test('[U8 T1] a junction names its target in full, a link elsewhere from where it lies', async () => {
  await apply(plan(), site())
  expect(fs.readlinkSync(path.join(root, link))).toBe(path.join(root, home))
  await apply(planOf(root, lock, [{ shown: link, after: { from: 'nothing' } }]), site())
  await apply(planOf(root, lock, [{ shown: link, after: { from: 'link', to: home } }]), site({ platform: 'linux' }))
  expect(fs.readlinkSync(path.join(root, link))).toBe('../../.haal/skills/review')
})

test('[U8 O3] a junction goes without what it leads to', async () => {
  await apply(plan(), site())
  await apply(planOf(root, lock, [{ shown: link, after: { from: 'nothing' } }]), site())
  expect(fs.readFileSync(path.join(root, home, 'SKILL.md'), 'utf8')).toBe('one')
  expect(fs.existsSync(path.join(root, '.claude'))).toBe(false)
})

test('[U8 L11] a command that dies leaves a junction that leads where it shall, or none', async () => {
  const whole = ['.claude/', '.claude/skills/', link, '.haal/', '.haal/skills/', `${home}/`, `${home}/SKILL.md`]
  const found: string[][] = []
  for (let nth = 1, dies = true; dies; nth += 1) {
    dies = await apply(plan(), site({ disk: dying(nodeDisk(), nth) })).then(() => false, isDeath)
    recover(site())
    found.push(project())
    fs.rmSync(root, { recursive: true })
    root = temporaryFolder()
  }
  const distinct = [...new Set(found.map((names) => names.join('\n')))]
  expect(distinct).toEqual(['', [...whole, 'haal.json', 'haal.lock'].join('\n')])
})

function isDeath(e: unknown): boolean {
  if (e instanceof Killed) return true
  throw e
}
