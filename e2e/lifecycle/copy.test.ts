import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agent, type Files, needs, plugin, skill, world } from '../world/index.js'

const files: Files = {
  'skills/review/SKILL.md': skill('review', 'first'),
  'skills/review/run.sh': { body: 'echo\n', mode: 0o755 },
  'agents/reviewer.md': agent('reviewer'),
}

interface Listed {
  artifacts: { artifact: string; version: string; registry: string; copies?: string[] }[]
}

describe('copy', () => {
  test('[O1] fetches an artifact straight from a registry to a folder, without touching .haal/, haal.json or haal.lock', async () => {
    const { folder, haal, project, root } = await world()
    const acme = await folder('acme', files)
    const before = project.tree()
    await haal('copy review ../out/').succeeds()
    expect(root.below('out/review').tree()).toEqual(acme.below('skills/review').tree())
    expect(project.tree()).toEqual(before)
  })

  test('[O1 L8] which makes no generation of the project, and names none', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    const { generation } = await haal('copy review ../out/').json<{ generation: number | null }>()
    expect(generation).toBe(null)
    await haal('install reviewer').succeeds()
    expect((await haal('copy reviewer tools/').json<{ generation: number | null }>()).generation).toBe(2)
    expect(project.tree('tools')).not.toEqual({})
  })

  test('[O1] a single file stays one, and keeps its ending under another name', async () => {
    const { folder, haal, root } = await world()
    await folder('acme', files)
    await haal('copy reviewer ../out/').succeeds()
    await haal('copy reviewer ../out/ --as critic').succeeds()
    expect(Object.keys(root.below('out').tree())).toEqual(['critic.md', 'reviewer.md'])
  })

  test('[O4] duplicates what is installed to a folder, and its entry in haal.lock knows the place', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    await haal('install review').succeeds()
    await haal('copy review tools/').succeeds()
    expect(project.tree('tools/review')).toEqual(project.tree('.haal/skills/review'))
    await haal('copy review tools/ --as second-look').succeeds()
    expect(project.tree('tools/second-look')).toEqual(project.tree('.haal/skills/review'))
    await project.has({ 'haal.lock': /"copies": \["tools\/review", "tools\/second-look"\]/ })
    expect((await haal('info review').changesNothing()).stdout).toMatch(/tools\/second-look/)
    const listed = async () => (await haal('list').succeeds()).stdout
    expect(await listed()).toMatch(/^skill\/review .* copied to tools\/review, tools\/second-look$/m)
    await haal('copy review tools/ --as third-look').succeeds()
    expect(await listed()).toMatch(/ copied to tools\/review, tools\/second-look and 1 more$/m)
  })

  test('[O4] another name is that of the copy, whether its folder is there or not', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    await haal('copy review tools --as second-look').succeeds()
    await haal('copy reviewer people --as critic').succeeds()
    expect(Object.keys(project.tree('tools'))[0]).toBe('second-look')
    expect(Object.keys(project.tree('people'))).toEqual(['critic.md'])
  })

  test('[O4] a copy is compared with its origin, and is nobody’s to change but its owner’s', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', files)
    await haal('install review').succeeds()
    await haal('copy review tools/').succeeds()
    await project.write({ 'tools/review/SKILL.md': skill('review', 'mine') })
    expect((await haal('diff review').changesNothing()).stdout).toMatch(
      /b\/tools\/review\/SKILL\.md[\s\S]*-first\n\+mine/,
    )
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'second') })
    await haal('update').succeeds()
    await project.has({ 'tools/review/SKILL.md': /mine/, 'haal.lock': /"copies": \["tools\/review"\]/ })
    expect((await haal('diff review').changesNothing()).stdout).toMatch(/-second\n\+mine/)
    await haal('uninstall review').succeeds()
    await project.has({ 'tools/review/SKILL.md': /mine/ })
  })

  test('[O4 U3] is made of what is locked, and says so of what was edited', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    await haal('install review reviewer').succeeds()
    await project.write({ '.haal/skills/review/SKILL.md': 'mine' })
    expect((await haal('copy review tools/').succeeds()).stderr).toBe(
      'warning: skill/review was edited here, and the copy is without that; see haal diff skill/review [W_KEPT]\n',
    )
    await project.has({ 'tools/review/SKILL.md': /first/, '.haal/skills/review/SKILL.md': 'mine' })
    expect((await haal('copy reviewer tools/').succeeds()).stderr).toBe('')
  })

  test('[O4] never overwrites unasked; with --force what was there is kept aside where it is said', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    await haal('install review').succeeds()
    await project.write({ 'tools/review/SKILL.md': 'mine' })
    await haal('copy review tools/').fails('E_CONFLICT', 4)
    const { stderr } = await haal('copy review tools/ --force --yes').succeeds()
    const kept = /kept in (\S+)/.exec(stderr)?.[1] ?? 'nowhere'
    expect(project.read(`${kept}/SKILL.md`)).toBe('mine')
    await project.has({ 'tools/review/SKILL.md': /first/ })
  })

  test('[O4] into a folder registry goes where its layout says, and can be installed from there', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    const plain = await folder('plain', { 'skills/other/SKILL.md': skill('other') })
    await haal('install review').succeeds()
    await haal('copy review registry:plain --as look').succeeds()
    expect(plain.tree('skills/look')).toEqual(project.tree('.haal/skills/review'))
    await haal('install plain:look').succeeds()
    await project.has({ '.haal/skills/look/SKILL.md': /first/ })
  })

  test('[O4] into a registry with an index adds an entry, and leaves the rest of the index as it was written', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    const index = '{\n  "version": "1.0.0", // ours\n  "extensions": {\n    "curated": []\n  }\n}\n'
    const indexed = await folder('indexed', { 'registry.json': index.replace(' // ours', '') })
    await haal('install review').succeeds()
    await haal('copy review registry:indexed').succeeds()
    expect(indexed.json('registry.json')).toMatchObject({
      version: '1.0.0',
      extensions: { curated: [{ name: 'review' }] },
    })
    const [entry] = indexed.json<{ extensions: { curated: { path: string }[] } }>('registry.json').extensions.curated
    expect(indexed.tree(entry?.path)).toEqual(project.tree('.haal/skills/review'))
    await haal('uninstall review').succeeds()
    await haal('install indexed:review').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /first/ })
    await haal('copy review registry:indexed').fails('E_CONFLICT', 4)
  })

  test.each([
    ['is cut short', '{ "extensions": { "curated": [', 'E_JSON'],
    ['has one key twice', '{ "extensions": {}, "extensions": {} }', 'E_JSON_KEY'],
    ['has an object where entries belong', '{ "extensions": { "curated": {} } }', 'E_INDEX'],
    ['is a list', '[]', 'E_INDEX'],
  ])('[O4 A23] a registry whose index %s gets nothing, and keeps it', async (_title, index, code) => {
    const { folder, haal } = await world()
    await folder('acme', files)
    const indexed = await folder('indexed', { 'registry.json': '{}' })
    await haal('install review').succeeds()
    await indexed.write({ 'registry.json': index })
    const before = indexed.tree()
    const { stderr } = await haal('copy review registry:indexed').fails(code, 6)
    expect(stderr).toContain('indexed:registry.json')
    expect(indexed.tree()).toEqual(before)
  })

  test('[O4] an index is written on with its own line ends and indentation', async () => {
    const { folder, haal } = await world()
    await folder('acme', files)
    const index = '\ufeff{\r\n\t"extensions": {\r\n\t\t"community": []\r\n\t}\r\n}\r\n'
    const indexed = await folder('indexed', { 'registry.json': index })
    await haal('install review').succeeds()
    await haal('copy review registry:indexed').succeeds()
    const text = indexed.read('registry.json')
    expect(text).toMatch(/^\ufeff\{\r\n\t"extensions": \{\r\n\t\t"community": \[\],\r\n\t\t"curated": \[\r\n\t\t\t\{/)
    expect(text.replaceAll('\r\n', '')).not.toContain('\n')
  })

  test('[O4] what cannot be copied to is said', async () => {
    const { folder, archive, haal, project } = await world()
    await folder('acme', { ...files, 'bundles.json': '{}' })
    await archive('packed', { 'skills/x/SKILL.md': skill('x') }, { listed: true })
    await haal('install review').succeeds()
    await haal('copy review registry:packed').fails('E_USAGE', 2)
    await haal('copy review registry:none').fails('E_NOT_FOUND', 3)
    await haal('copy review out/ --as ../escape').fails('E_NAME', 6)
    await haal('copy nothing out/').fails('E_NOT_FOUND', 3)
    for (const place of ['.git/hooks/x', '.haal/skills/other', '.haal', 'out/con', `${'long/'.repeat(50)}x`])
      expect((await haal(['copy', 'review', `./${place}`]).fails('E_USAGE', 2)).stderr).toMatch(
        /a copy cannot lie there/,
      )
    await project.write({ file: 'mine' })
    await haal('copy review file/below').fails('E_CONFLICT', 4)
    await project.has({ file: 'mine' })
  })

  test('[O4] one artifact is copied, and which is never guessed', async () => {
    const { folder, haal } = await world()
    await folder('acme', { ...files, 'commands/review.md': agent('review') })
    await haal('install --all').succeeds()
    expect((await haal('copy review out/').fails('E_AMBIGUOUS', 4)).stderr).toMatch(/command\/review, skill\/review/)
    for (const pattern of ['skill/*', '*']) await haal(['copy', pattern, 'out/']).fails('E_USAGE', 2)
  })

  test('[O4] to a tool puts it where that tool reads it', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    await haal('install review').succeeds()
    expect((await haal('copy review claude').succeeds()).stdout).toContain(' to .claude/skills/review ')
    expect(project.tree('.claude/skills/review')).toEqual(project.tree('.haal/skills/review'))
    await haal('copy review claude').fails('E_CONFLICT', 4)
  })

  test('[O4 U5] a misspelt tool is no path, unless it is written as one', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    await haal('install review').succeeds()
    expect((await haal('copy review claud').fails('E_USAGE', 2)).stderr).toMatch(/did you mean claude\?/)
    await haal('copy review ./claud').succeeds()
    await project.has({ 'claud/SKILL.md': /./ })
  })

  test('[U6] a copy that was made is never called a dry run, straight from a registry neither', async () => {
    const { folder, haal } = await world()
    await folder('acme', files)
    const copied = async () => (await haal('copy reviewer ../out/ --force').succeeds()).stdout
    expect(await copied()).toMatch(/^> agent\/reviewer .* \(acme\)\n$/)
    await haal('install reviewer').succeeds()
    expect(await copied()).toMatch(/^> agent\/reviewer .* \(acme\)\n$/)
  })

  test('[L18] its dry run shows the plan and writes nothing', async () => {
    const { folder, haal } = await world()
    await folder('acme', files)
    const { stdout } = await haal('copy review ../out/ --dry-run').changesNothing()
    expect(stdout).toMatch(/review.*\n1 change; a dry run, nothing is written\n$/)
    await haal('install review').succeeds()
    await haal('copy review ../out/ --dry-run').changesNothing()
  })
})

describe('list and info', () => {
  needs('git')(
    '[O5] show what is installed and locked with version, revision and digest, and what is available',
    async () => {
      const { git, haal } = await world()
      const acme = await git('acme', {
        'skills/review/SKILL.md': skill('review', 'one', { version: '1.0.0' }),
        'skills/more/SKILL.md': skill('more'),
      })
      await haal('install review').succeeds()
      const revision = acme.sha()
      await acme.commit({ 'skills/review/SKILL.md': skill('review', 'two', { version: '1.1.0' }) })
      const { artifacts } = await haal('list --json').json<Listed>()
      expect(artifacts).toEqual([
        expect.objectContaining({
          artifact: 'skill/review',
          version: '1.0.0',
          registry: 'acme',
          revision,
          integrity: expect.stringMatching(/^sha256-/),
          path: '.haal/skills/review',
          modified: false,
        }),
      ])
      const available = await haal('list --available --json').json<Listed>()
      expect(available.artifacts.map(({ artifact }) => artifact)).toEqual(['skill/more', 'skill/review'])
      const info = JSON.stringify(await haal('info review --json --refresh').json())
      for (const fact of ['1.0.0', '1.1.0', revision]) expect(info).toContain(fact)
    },
  )
})

describe('diff', () => {
  test('[L19] shows local edits as a unified diff of the text, and nothing where there are none', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', files)
    await haal('install review reviewer').succeeds()
    expect((await haal('diff').changesNothing()).stdout).not.toMatch(/^[-+@]/m)
    await project.write({
      '.haal/skills/review/SKILL.md': skill('review', 'mine'),
      '.haal/skills/review/own.md': 'own\n',
    })
    const { stdout } = await haal('diff').changesNothing()
    expect(stdout).toMatch(/^--- a\/\.haal\/skills\/review\/SKILL\.md/m)
    expect(stdout).toMatch(/^-first\n\+mine$/m)
    expect(stdout).toMatch(/^--- \/dev\/null[\s\S]*^\+own$/m)
    expect((await haal('diff reviewer').changesNothing()).stdout).not.toMatch(/^[-+@]/m)
    await haal('diff nothing').fails('E_NOT_INSTALLED', 3)
  })

  test('[L19] names a renamed copy, and a file that has the name of its folder, by where they lie', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { ...files, 'skills/run/SKILL.md': skill('run'), 'skills/run/run': 'once\n' })
    await haal('install reviewer run').succeeds()
    await haal('copy reviewer vendor/mine.md').succeeds()
    await project.write({ 'vendor/mine.md': 'mine\n', '.haal/skills/run/run': 'twice\n' })
    const { stdout } = await haal('diff').changesNothing()
    expect(stdout.match(/^\+\+\+ .*/gm)).toEqual(['+++ b/vendor/mine.md', '+++ b/.haal/skills/run/run'])
  })

  test('[O4 L19] compares a copy for a tool with what that tool gets, under another name and in parts too', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', {
      ...files,
      'rules/style.md': agent('style', 'Be brief.'),
      'plugins/kit/.claude-plugin/plugin.json': plugin('kit'),
      'plugins/kit/commands/go.md': 'Go.\n',
      'plugins/kit/skills/plan/SKILL.md': skill('plan'),
    })
    await haal('install review reviewer style kit').succeeds()
    const named = ['critic', 'judge'].map((name) => `reviewer codex --as ${name}`)
    for (const copied of ['style cursor', 'reviewer codex', ...named, 'kit cursor', 'review claude'])
      await haal(`copy ${copied}`).succeeds()
    expect((await haal('diff').changesNothing()).stdout).toBe('')
    for (const at of ['.cursor/rules/style.mdc', '.codex/agents/critic.toml', '.cursor/commands/go.md'])
      await project.write({ [at]: `${project.read(at)}# mine\n` })
    const { stdout } = await haal('diff').changesNothing()
    expect(stdout.match(/^(\+\+\+|[+-](?![+-])).*/gm)).toEqual([
      '+++ b/.codex/agents/critic.toml',
      '+# mine',
      '+++ b/.cursor/commands/go.md',
      '+# mine',
      '+++ b/.cursor/rules/style.mdc',
      '+# mine',
    ])
  })

  test('[L19] shows edits that are no text: a mode, a link, something else in the place of it all', async () => {
    const { folder, haal, project, root } = await world()
    await folder('acme', files)
    await root.write({ 'elsewhere/x': 'x' })
    await haal('install review reviewer').succeeds()
    fs.chmodSync(project.at('.haal/skills/review/run.sh'), 0o644)
    await project.remove('.haal/skills/review/SKILL.md', '.haal/agents/reviewer.md')
    await project.write({
      '.haal/skills/review/SKILL.md': { link: '../../../../elsewhere/x' },
      '.haal/skills/review/own': { link: '/' },
      '.haal/agents/reviewer.md': { link: '/' },
    })
    const at = '.haal/skills/review'
    expect((await haal('diff').changesNothing()).stdout).toBe(
      [
        'a/.haal/agents/reviewer.md is a file, b/.haal/agents/reviewer.md is a link',
        `a/${at}/SKILL.md is a file, b/${at}/SKILL.md is a link`,
        `b/${at}/own is a link`,
        `diff --git a/${at}/run.sh b/${at}/run.sh`,
        'old mode 100755',
        'new mode 100644',
        '',
      ].join('\n'),
    )
    await project.remove(at)
    await project.write({ [at]: { link: '../../../elsewhere' } })
    expect((await haal('diff review').changesNothing()).stdout).toMatch(/^b\/\.haal\/skills\/review is a link$/m)
  })

  test('[L19 S4] shows nothing of what lies outside the project, which haal.lock may name as a copy (hostile L10)', async () => {
    const { folder, haal, project, root } = await world()
    await folder('acme', files)
    await haal('install review reviewer').succeeds()
    await haal('copy review ../outside/').succeeds()
    expect((await haal('diff').changesNothing()).stdout).toBe('')
    await root.write({ 'outside/review/SKILL.md': 'canary of the person', 'outside/review/key': 'canary' })
    expect((await haal('diff').changesNothing()).stdout).toMatch(
      /^a\/\S+\/SKILL\.md is a file, b\/\S+\/SKILL\.md is another one, outside the project\n$/,
    )
    await project.write({ link: { link: '../outside' } })
    const locked = project.json<{ artifacts: Record<string, object> }>('haal.lock')
    const [outside, behind] = [root.at('outside'), 'link/review']
    Object.assign(locked.artifacts['skill/review'] ?? {}, { copies: [outside, `${outside}/review/key`, behind] })
    await project.write({ 'haal.lock': locked })
    await project.remove('.haal/skills')
    await root.write({ 'outside/review/SKILL.md': 'canary' })
    await project.write({ '.haal/skills': { link: '../../outside' } })
    for (const flags of ['', '--json']) {
      const { stdout, stderr } = await haal(`diff ${flags}`).outcome()
      expect(stdout).toMatch(/link\/review\/SKILL\.md is another one, outside the project/)
      expect(stdout).toMatch(/\.haal\/skills\/review\/SKILL\.md is another one, outside the project/)
      expect(stdout + stderr).not.toContain('canary')
    }
  })

  test('[L19] --upstream shows what an update would change', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', files)
    await haal('install review').succeeds()
    expect((await haal('diff --upstream').succeeds()).stdout).not.toMatch(/^[-+@]/m)
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'second') })
    const before = project.tree()
    const { stdout } = await haal('diff --upstream').succeeds()
    expect(stdout).toMatch(/^-first\n\+second$/m)
    expect(project.tree()).toEqual(before)
  })

  test('[L19 L15] compares with what lies here as locked, where the store has lost it and its registry has other bytes now', async () => {
    const { folder, haal, project, store } = await world()
    const acme = await folder('acme', files)
    await haal('target add claude').succeeds()
    await haal('install review reviewer').succeeds()
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'second'), 'agents/reviewer.md': 'another\n' })
    await store.remove('store')
    expect((await haal('diff').changesNothing()).stdout).toBe('')
    await project.write({ '.claude/skills/review/SKILL.md': skill('review', 'mine') })
    expect((await haal('diff').changesNothing()).stdout).toMatch(
      /^--- a\/\.claude\/skills\/review\/SKILL\.md\n[\s\S]*^-first\n\+mine$/m,
    )
    const upstream = await haal('diff --upstream').succeeds()
    expect(upstream.stdout).toMatch(/^-first\n\+second$/m)
    expect(upstream.stdout).toMatch(/^\+another$/m)
    expect(upstream.stdout).not.toMatch(/mode/)
  })
})
