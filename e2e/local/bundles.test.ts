import { describe, expect, test } from 'vitest'
import { agent, type Files, plugin, skill, world } from '../world/index.js'

/** haal-installer's layout: two competencies, and a collection of both. */
const competencies: Files = {
  'haal_manifest.json': {
    collections: [{ id: 'everything', description: 'All of it', competencyIds: ['writing', 'reviewing'] }],
    competencies: [
      { id: 'writing', manifestUrl: 'competencies/writing.json' },
      { id: 'reviewing', description: 'Reviews' },
    ],
  },
  'competencies/writing.json': { name: 'Writing', skills: ['draft', 'shared'] },
  'competencies/reviewing.json': { name: 'Reviewing', skills: ['review', 'shared'], agents: ['critic'] },
  'skills/draft/skill.md': skill('draft'),
  'skills/review/skill.md': skill('review'),
  'skills/shared/skill.md': skill('shared'),
  'agents/critic.md': agent('critic'),
}

describe('a bundle', () => {
  test('[O2 O37] brings its members, and takes along those that nothing else wants', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', competencies)
    const { changes } = await haal('install everything').json<{ changes: { artifact: string }[] }>()
    expect(changes.map(({ artifact }) => artifact)).toEqual([
      'agent/critic',
      'bundle/everything',
      'bundle/reviewing',
      'bundle/writing',
      'skill/draft',
      'skill/review',
      'skill/shared',
    ])
    expect(project.json('haal.json')).toMatchObject({ artifacts: { 'bundle/everything': '*' } })
    expect(project.json('haal.lock')).toMatchObject({
      artifacts: { 'skill/shared': { requestedBy: ['bundle/reviewing', 'bundle/writing'] } },
    })
    await haal('install skill/review').succeeds()
    await haal('uninstall everything').succeeds()
    expect(Object.keys(project.tree('.haal/skills'))).toEqual(['review', 'review/skill.md'])
    await project.lacks('.haal/agents')
  })

  test('[O3] a member that a bundle needs stays, and who needs it is named', async () => {
    const { folder, haal } = await world()
    await folder('acme', competencies)
    await haal('install writing').succeeds()
    const { stderr } = await haal('uninstall draft').fails('E_REQUIRED_BY', 4)
    expect(stderr).toMatch(/skill\/draft stays, because bundle\/writing asks for it/)
    expect(stderr).toMatch(/hint: take out what asks for it, too: haal uninstall skill\/draft bundle\/writing\n/)
    await haal('install skill/*').succeeds()
    const both = await haal('uninstall draft').fails('E_REQUIRED_BY', 4)
    expect(both.stderr).toMatch(/because bundle\/writing and haal.json \(skill\/\*\) ask for it/)
  })

  test('[A22] members that no registry has are told in one line, and the rest comes', async () => {
    const { folder, haal, project } = await world()
    const missing = ['zeta', 'alpha', 'beta']
    await folder('acme', { ...competencies, 'competencies/writing.json': { skills: ['draft', ...missing] } })
    const { stderr } = await haal('install writing').succeeds()
    expect(stderr).toBe(
      'warning: bundle/writing lists 3 artifacts that no registry has: skill/alpha, skill/beta, skill/zeta [W_MEMBER_MISSING]\n',
    )
    expect(project.exists('.haal/skills/draft')).toBe(true)
    await haal('install --frozen').changesNothing()
    expect((await haal('install').changesNothing()).stderr).toBe('')
  })

  test('[O8] what a competency lists and haal does not install is said by list --available', async () => {
    const { folder, haal } = await world()
    await folder('acme', { ...competencies, 'competencies/writing.json': { skills: ['draft'], powers: ['zap'] } })
    expect((await haal('list --available').succeeds()).stderr).toMatch(/writing\.json lists powers.*W_UNSUPPORTED/)
    expect((await haal('install writing').succeeds()).stderr).toBe('')
  })
})

describe('a marketplace', () => {
  const marketplace = (plugins: unknown[], more: Record<string, unknown> = {}): Files => ({
    '.claude-plugin/marketplace.json': { name: 'acme', owner: { name: 'Acme' }, plugins, ...more },
  })

  test('[O6 O8] plugins with relative sources install whole, into .haal/plugins', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', {
      ...marketplace([{ name: 'tidy', source: './plugins/tidy', version: '2.0.0' }]),
      'plugins/tidy/.claude-plugin/plugin.json': plugin('tidy', '2.0.0'),
      'plugins/tidy/commands/tidy.md': 'Tidy up.\n',
      'plugins/tidy/hooks/hooks.json': { hooks: {} },
    })
    await haal('install tidy --approve tidy').succeeds()
    expect(project.tree('.haal/plugins/tidy')).toEqual(acme.tree('plugins/tidy'))
    expect(project.json('haal.lock')).toMatchObject({ artifacts: { 'plugin/tidy': { version: '2.0.0' } } })
  })

  test('[O8] strict: false defines the plugin in the entry, and skills takes a subset', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', {
      ...marketplace([{ name: 'docs', description: 'Docs', source: './', strict: false, skills: ['./skills/pdf'] }]),
      'skills/pdf/SKILL.md': skill('pdf'),
      'skills/xlsx/SKILL.md': skill('xlsx'),
    })
    await haal('install plugin/docs').succeeds()
    const files = Object.keys(project.tree('.haal/plugins/docs')).filter((at) => at.includes('.'))
    expect(files).toEqual(['.claude-plugin', '.claude-plugin/plugin.json', 'skills/pdf/SKILL.md'])
    expect(project.json('.haal/plugins/docs/.claude-plugin/plugin.json')).toMatchObject({
      name: 'docs',
      description: 'Docs',
    })
    await haal('install --frozen').changesNothing()
  })

  test('[O36] an old name is offered under its new one, never followed', async () => {
    const { folder, haal } = await world()
    await folder('acme', {
      ...marketplace([{ name: 'new-name', source: './p' }], { renames: { 'old-name': 'new-name' } }),
      'p/.claude-plugin/plugin.json': plugin('new-name'),
    })
    const { stderr } = await haal('install old-name').fails('E_NOT_FOUND', 3)
    expect(stderr).toMatch(/hint: it is called plugin\/new-name now: haal install plugin\/new-name/)
  })

  test('[O36] an artifact keeps its identity when its version changes', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'one', { version: '1.0.0' }) })
    await haal('install a').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'two', { version: '1.1.0' }) })
    const { changes } = await haal('update').json<{ changes: object[] }>()
    expect(changes).toMatchObject([
      { action: 'update', artifact: 'skill/a', from: { version: '1.0.0' }, to: { version: '1.1.0' } },
    ])
    expect(Object.keys(project.json<{ artifacts: object }>('haal.lock').artifacts)).toEqual(['skill/a'])
  })

  test('[A13 A22 A41] plugins of other places are listed and marked; those that are not there or cannot be asked say so', async () => {
    const { folder, haal } = await world()
    await folder('acme', {
      ...marketplace([
        { name: 'far', source: { source: 'github', repo: 'acme/far' } },
        { name: 'gone', source: './plugins/gone' },
        { name: 'here', source: './plugins/here', author: { name: 'Somebody' } },
      ]),
      'plugins/here/.claude-plugin/plugin.json': plugin('here'),
    })
    const { stdout } = await haal('list --available').succeeds()
    expect(stdout).toMatch(/^plugin\/far .*from acme\/far$/m)
    expect(stdout).toMatch(/^plugin\/gone .*cannot be installed: its path plugins\/gone is not there$/m)
    const [far = '', gone = ''] = stdout.split('\n')
    expect(gone.indexOf('cannot be installed')).toBe(far.indexOf('from acme/far'))
    await haal('install gone').fails('E_ENTRY_MISSING', 3)
    await haal('install here').succeeds()
    expect((await haal('install far --offline').fails('E_OFFLINE', 7)).stderr).toMatch(
      /^error: registry "acme" \(acme\/far\) is not in the cache, /,
    )
  })
})
