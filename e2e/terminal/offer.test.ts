import { describe, expect, test } from 'vitest'
import { agent, keys, needs, skill, type World, world } from '../world/index.js'

/** A project that has a registry and asks for nothing yet. */
async function fresh(): Promise<World> {
  const at = await world()
  await at.folder('corp', {
    'skills/review-code/SKILL.md': skill('review-code', 'v1', { description: 'Reviews a change before it is merged' }),
    'skills/write-tests/SKILL.md': skill('write-tests'),
    'agents/reviewer.md': agent('reviewer'),
    'hooks/notify/hook.json': '{}',
  })
  return at
}

async function withoutHooks(at: World): Promise<void> {
  const deny = [{ match: 'hook/*', reason: 'hooks are reviewed by security' }]
  await at.store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny } } })
}

describe('haal install on a terminal, with nothing asked for yet', () => {
  needs('tmux')('[U1] offers what the registries have, grouped by kind, with a description', async () => {
    const { screen } = await fresh()
    const picture = await screen('haal install', { columns: 80 }).until('enter takes them')
    expect(picture.split('\n')).toEqual([
      '? what shall be installed?',
      'skills',
      '> [ ] review-code',
      '  [ ] write-tests',
      'agents',
      '  [ ] reviewer',
      'hooks',
      '  [ ] notify',
      '',
      'Reviews a change before it is merged',
      'type to search, space marks (0), enter takes them',
    ])
  })

  needs('tmux')('[U1] typing searches, in descriptions too, and several are taken at once', async () => {
    const { screen, project } = await fresh()
    const person = screen('haal install')
    await person.until('enter takes them')
    person.type('merged')
    expect(await person.until('installed? merged')).not.toContain('write-tests')
    person.type('Space')
    await person.until('(1)')
    person.type('BSpace', 'BSpace', 'BSpace', 'BSpace', 'BSpace', 'BSpace', 'write')
    await person.until(/installed\? write\nskills\n> \[ ] write-tests/)
    person.type('Space')
    await person.until('(2)')
    person.type('Enter')
    const { picture, exit } = await person.end()
    expect(picture).toContain('2 changes, generation 1')
    expect(exit).toBe(0)
    expect(Object.keys(project.json<{ artifacts: object }>('haal.json').artifacts)).toEqual([
      'skill/review-code',
      'skill/write-tests',
    ])
  })

  needs('tmux')('[U1] no line is broken and none is above the window, however small it is or becomes', async () => {
    const at = await world()
    const wide = { description: 'これはとても長い説明です。'.repeat(20) }
    await at.folder('corp', {
      'skills/read/SKILL.md': skill('read', 'v1', wide),
      ...Object.fromEntries([...'abcdefghijklm'].map((x) => [`skills/${x}/SKILL.md`, skill(x)])),
      [`skills/${'x'.repeat(50)}/SKILL.md`]: skill('x'.repeat(50)),
    })
    const person = at.screen('haal install', { columns: 40, rows: 12 })
    const first = await person.until('enter')
    expect(first.split('\n')[0]).toBe('? what shall be installed?')
    person.type('read')
    expect((await person.until('installed? read\n')).split('\n').slice(1)).toEqual([
      'skills',
      '> [ ] read',
      '',
      'これはとても長い説明です。これはとても…',
      'type to search, space marks (0), enter…',
    ])
    person.resize(34, 7)
    const small = await person.until((picture) => /marks.*…$/.test(picture))
    expect(small.split('\n').slice(-4, -1)).toEqual(['? what shall be installed? read', 'skills', '> [ ] read'])
  })

  needs('tmux')('[U1] what policy forbids is grey, says why, and cannot be marked', async () => {
    const at = await fresh()
    await withoutHooks(at)
    const person = at.screen('haal install', { columns: 120, colours: true })
    const reason = 'policy denies "hook/*": hooks are reviewed by security'
    expect(await person.until('enter takes them')).toContain(`<dim>   -  notify (${reason})</>`)
    person.type('notify')
    await person.until('installed? notify')
    person.type('Space', 'Enter')
    const { picture, exit } = await person.end()
    expect(picture).toContain('nothing to do')
    expect(exit).toBe(0)
    await at.project.lacks('haal.lock', '.haal')
  })

  needs('script')('[U1 L13] another command need not wait for the answer', async () => {
    const { haal, project } = await fresh()
    const person = haal('install').terminal()
    await person.until('enter takes them')
    await project.lacks('.haal')
    await haal('install reviewer --wait 0').succeeds()
    person.type(keys.space, keys.enter)
    expect((await person.outcome).exit).toBe(0)
    await haal('verify').succeeds()
    expect(Object.keys(project.json<{ artifacts: object }>('haal.json').artifacts)).toEqual([
      'agent/reviewer',
      'skill/review-code',
    ])
  })

  needs('script')('[U1 U3] left with Ctrl-C it exits 130 and has written nothing', async () => {
    const { haal, project, store } = await fresh()
    const before = project.tree()
    const person = haal('install').terminal()
    await person.until('enter takes them')
    person.type(keys.space, keys.ctrlC)
    expect((await person.outcome).exit).toBe(130)
    expect(person.screen()).toContain('E_INTERRUPTED')
    expect(project.tree()).toEqual(before)
    await store.lacks('store')
  })

  needs('tmux')('[U1] offers it behind haal init too', async () => {
    const { haal, screen, folder } = await world()
    await folder('corp', { 'skills/review/SKILL.md': skill('review') }, { listed: false })
    await haal('init --registry ../folders/corp').succeeds()
    await screen('haal install').until('enter takes them')
  })

  test('[U1] asks nobody where there is no terminal', async () => {
    const { haal } = await fresh()
    const { stdout } = await haal('install', { stdin: ' \r' }).succeeds()
    expect(stdout).toMatch(/^nothing to do: nothing is asked for/)
  })

  needs('script')('[U1] asks nobody with --json, --yes, --frozen, in CI or on a dumb terminal', async () => {
    const { haal } = await fresh()
    for (const [line, env] of [
      ['install --json', {}],
      ['install --yes', {}],
      ['install', { CI: 'true' }],
      ['install', { TERM: 'dumb' }],
    ] as const)
      expect((await haal(line, { tty: true, env }).succeeds()).stdout, line).not.toContain('what shall be')
    await haal('install --frozen', { tty: true }).fails('E_NO_LOCK', 9)
  })

  needs('script')('[U1] asks nobody where haal.json asks for something already', async () => {
    const { haal } = await fresh()
    await haal('install reviewer').succeeds()
    expect((await haal('install', { tty: true }).succeeds()).stdout).toContain(
      'nothing to do: agent/reviewer is in place',
    )
  })
})
