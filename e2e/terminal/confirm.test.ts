import { describe, expect } from 'vitest'
import { needs, skill, type World, world } from '../world/index.js'

/** One skill installed, edited by a person, and newer in its registry. */
async function edited(): Promise<World> {
  const at = await world()
  const corp = await at.folder('corp', { 'skills/review/SKILL.md': skill('review', 'v1', { version: '1.0.0' }) })
  await at.haal('install review').succeeds()
  await at.project.write({ '.haal/skills/review/SKILL.md': 'mine\n' })
  await corp.write({ 'skills/review/SKILL.md': skill('review', 'v2', { version: '1.1.0' }) })
  return at
}

describe('a plan that removes or overwrites', () => {
  needs('tmux')('[U1 U2] is shown before anything is written, and no leaves everything as it was', async () => {
    const { screen, project } = await edited()
    const before = project.tree()
    const person = screen('haal update --force', { columns: 80 })
    const picture = await person.until('go on?')
    expect(picture).toMatch(/^~ skill\/review {2}1\.0\.0 → 1\.1\.0/m)
    expect(picture).toContain('! .haal/skills/review was edited; it is kept aside')
    person.type('n', 'Enter')
    expect((await person.end()).exit).toBe(130)
    expect(project.tree()).toEqual(before)
  })

  needs('tmux')('[U1 L16] is carried out after a yes, and says where the edits are', async () => {
    const { screen, project } = await edited()
    const person = screen('haal update --force')
    await person.until('go on?')
    person.type('y', 'Enter')
    const { picture, exit } = await person.end()
    expect(exit).toBe(0)
    expect(picture).toContain('kept')
    await project.has({ '.haal/skills/review/SKILL.md': /v2/ })
  })

  needs('tmux')('[U1 L16] is carried out unasked with --yes', async () => {
    const { screen, project } = await edited()
    const { picture, exit } = await screen('haal update --force --yes').end()
    expect(exit).toBe(0)
    expect(picture).not.toContain('go on?')
    await project.has({ '.haal/skills/review/SKILL.md': /v2/ })
  })

  needs('tmux')('[U1 L16] is a conflict where a person changes something before they answer', async () => {
    const { screen, project } = await edited()
    const person = screen('haal update --force', { columns: 80 })
    await person.until('go on?')
    await project.remove('.haal/skills/review')
    person.type('y', 'Enter')
    const { picture, exit } = await person.end()
    expect(picture).toContain('E_CONFLICT')
    expect(exit).toBe(4)
    await project.lacks('.haal/skills/review')
  })

  needs('tmux')('[U1 P3] is asked of what would go, and stops where a policy comes before the answer', async () => {
    const { screen, project, store } = await edited()
    const before = project.tree()
    const person = screen('haal uninstall review', { columns: 80 })
    await person.until('go on?')
    await store.write({ 'policy.json': { policyVersion: 1, artifacts: { required: { 'skill/review': '*' } } } })
    person.type('y', 'Enter')
    const { picture, exit } = await person.end()
    expect(picture).toContain('E_POLICY_VERSION')
    expect(exit).toBe(5)
    expect(project.tree()).toEqual(before)
  })

  needs('tmux')('[U1 O4] is carried out for a copy over what lies there, too', async () => {
    const { screen, project } = await edited()
    await project.write({ 'out/review/mine.md': 'mine' })
    const person = screen('haal copy review out/ --force')
    await person.until('go on?')
    person.type('y', 'Enter')
    expect((await person.end()).exit).toBe(0)
    await project.has({ 'out/review/SKILL.md': /v1/ })
    await project.lacks('out/review/mine.md')
  })

  needs('tmux')('[U1] that only adds is carried out without a question', async () => {
    const { screen, folder } = await world()
    await folder('corp', { 'skills/review/SKILL.md': skill('review') })
    const { picture, exit } = await screen('haal install review').end()
    expect(picture).not.toContain('go on?')
    expect(exit).toBe(0)
  })
})
