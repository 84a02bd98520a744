import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Disk } from '../../src/model/disk.js'
import { openSeen } from '../../src/state/seen.js'
import { skill, world } from '../world/index.js'

interface Listed {
  artifacts: { artifact: string; modified: boolean }[]
}

/** A project with one skill, and a word to the cache that it is as haal put it, whatever it is by now. */
async function installed() {
  const at = await world()
  await at.folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1') })
  await at.haal('install a').succeeds()
  const real = nodeDisk()
  const stat: Disk['stat'] = (name) => {
    const found = real.stat(name)
    return found && /seen-\d+\.tmp$/.test(name) ? { ...found, mtime: found.mtime + 10_000_000_000n } : found
  }
  const lie = () => {
    const site = { root: at.project.path, disk: { ...real, stat }, process: { pid: 1, host: '', boot: '' } }
    const seen = openSeen(site)
    const { integrity } = at.project.json<{ artifacts: Record<string, { integrity: string }> }>('haal.lock').artifacts[
      'skill/a'
    ] ?? { integrity: '' }
    seen.look('.haal/skills/a', JSON.stringify({ from: 'store', integrity }))()
    seen.keep()
  }
  const isModified = async () => (await at.haal('list').json<Listed>()).artifacts.map(({ modified }) => modified)
  return { ...at, lie, isModified }
}

test('[F1] list believes what it has seen until a place is touched, and finds out again without it', async () => {
  const { project, isModified, lie } = await installed()
  expect(await isModified()).toEqual([false])
  await project.write({ '.haal/skills/a/SKILL.md': 'mine' })
  expect(await isModified()).toEqual([true])
  lie()
  expect(await isModified()).toEqual([false])
  await project.remove('.haal/.state/seen')
  expect(await isModified()).toEqual([true])
})

test('[O5] list says of what is locked that it is not there, as after a clone', async () => {
  const { haal, project } = await installed()
  await project.remove('.haal')
  expect((await haal('list').succeeds()).stdout).toMatch(/^skill\/a {2}\S+ {2}acme {2}missing\n$/)
  expect(await haal('list').json()).toMatchObject({ artifacts: [{ modified: false, missing: true }] })
  await haal('install').succeeds()
  expect((await haal('list').succeeds()).stdout).toMatch(/acme\n$/)
})

test('[F1 L6] verify and install --frozen compare every byte, whatever has been seen', async () => {
  const { haal, project, isModified, lie } = await installed()
  await project.write({ '.haal/skills/a/SKILL.md': 'mine' })
  lie()
  expect(await isModified()).toEqual([false])
  expect((await haal('verify --json').outcome()).exit).toBe(9)
  await haal('install --frozen').fails('E_FROZEN', 9)
})

test('[F1] what comes into a folder that holds only folders is found, too', async () => {
  const { folder, haal, project } = await world()
  await folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1'), 'skills/a/deep/er/notes.md': 'x' })
  await haal('install a').succeeds()
  const { artifacts } = await haal('list').json<Listed>()
  expect(artifacts).toMatchObject([{ modified: false }])
  await project.write({ '.haal/skills/a/deep/mine.md': 'mine' })
  expect((await haal('list').json<Listed>()).artifacts).toMatchObject([{ modified: true }])
})

test('[F1 L7] what was just installed is not read again, and an edit of it is found at once', async () => {
  const { haal, project, isModified } = await installed()
  await haal('install').changesNothing()
  await haal('list').changesNothing()
  await project.has({ '.haal/.state/seen': /\.haal\/skills\/a\t/ })
  await project.write({ '.haal/skills/a/SKILL.md': 'v2' })
  expect(await isModified()).toEqual([true])
  const { stderr } = await haal('install').changesNothing()
  expect(stderr).toMatch(/\.haal\/skills\/a\/SKILL\.md: left/)
})

test('[F1 L6] what install --frozen has put down is not read again by a plain install', async () => {
  const { haal, project, isModified } = await installed()
  await project.remove('.haal')
  await haal('install --frozen').succeeds()
  await project.has({ '.haal/.state/seen': /\.haal\/skills\/a\t/ })
  await haal('install').changesNothing()
  await project.write({ '.haal/skills/a/SKILL.md': 'mine' })
  expect(await isModified()).toEqual([true])
})

test('[L18] a dry run of list leaves nothing of what it has seen', async () => {
  const { haal, project } = await installed()
  await project.write({ '.haal/skills/a/SKILL.md': 'mine' })
  expect((await haal('list --dry-run').changesNothing()).stdout).toMatch(/modified/)
})
