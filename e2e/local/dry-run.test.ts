import { describe, expect, test } from 'vitest'
import { agent, skill, type World, world } from '../world/index.js'

interface Outcome {
  generation: number | null
  changes: object[]
  order: string[]
  shadowed: object[]
  warnings: { code: string; message: string }[]
}

/** What a dry run says, without writing a byte, and what the same command then does. */
async function both(at: World, line: string): Promise<[Outcome, Outcome]> {
  const before = at.root.tree()
  const dry = await at.haal(`${line} --dry-run`).json<Outcome>()
  const after = Object.entries(at.root.tree()).filter(([file]) => !/^haal\/cache(\/|$)/.test(file))
  const was = Object.entries(before).filter(([file]) => !/^haal\/cache(\/|$)/.test(file))
  expect(after, `${line} --dry-run should write nothing`).toEqual(was)
  expect(dry.generation).toBe(null)
  return [dry, await at.haal(line).json<Outcome>()]
}

describe('--dry-run', () => {
  test('[L18] says what the command then does, for install, update, pin, uninstall and rollback', async () => {
    const at = await world()
    const acme = await at.folder('acme', {
      'skills/a/SKILL.md': skill('a', 'v1', { version: '1.0.0' }),
      'skills/Odd_Name/SKILL.md': skill('Odd_Name', 'v1'),
      'agents/r.md': agent('r'),
    })
    await at.folder('second', { 'skills/a/SKILL.md': skill('a', 'other') })
    const steps = [
      'install a r Odd_Name',
      'update --yes',
      'pin a',
      'unpin a',
      'install a@1.1.0',
      'uninstall a --yes',
      'rollback --yes',
      'rollback --to 1 --yes',
      'install --all',
    ]
    for (const line of steps) {
      const [dry, done] = await both(at, line)
      expect({ ...dry, generation: 0 }, line).toEqual({ ...done, generation: 0 })
      await acme.write({ 'skills/a/SKILL.md': skill('a', `after ${line}`, { version: '1.1.0' }) })
    }
  })

  test('[L16 L18] tells what --force would keep aside, of edits and of what a copy is in the way of', async () => {
    const at = await world()
    await at.folder('acme', { 'skills/a/SKILL.md': skill('a') })
    await at.haal('install a').succeeds()
    await at.haal('copy a tools/').succeeds()
    for (const [line, place] of [
      ['install --force', '.haal/skills/a'],
      ['copy a tools/ --force', 'tools/a'],
      ['uninstall a --force', '.haal/skills/a'],
    ] as const) {
      await at.project.write({ [`${place}/SKILL.md`]: 'mine' })
      const [dry, done] = await both(at, line)
      expect(dry.warnings, line).toEqual([
        { code: 'W_SAVED', message: `what you have at ${place} would be kept aside` },
      ])
      expect(done.warnings, line).toMatchObject([{ code: 'W_SAVED' }])
    }
  })

  test('[L18] fails where the command would fail', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') })
    await project.write({ '.haal/skills/a/SKILL.md': 'mine' })
    await haal('install a --dry-run').fails('E_CONFLICT', 4)
    await haal('install b --dry-run').fails('E_NOT_FOUND', 3)
    await haal('uninstall a --dry-run').fails('E_NOT_INSTALLED', 3)
  })

  test('[L18] says that it is one', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') })
    const { stdout } = await haal('install a --dry-run').changesNothing()
    expect(stdout).toMatch(/^\+ skill\/a .*\n1 change; a dry run, nothing is written\n$/)
  })
})
