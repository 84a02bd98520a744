import { describe, expect, test } from 'vitest'
import { agent, type Files, integrityOf, plugin, skill, world } from '../world/index.js'

/** One artifact of every kind OLAF knows, as its folders hold them. */
const everyKind: Files = {
  'skills/review/SKILL.md': skill('review'),
  'skills/review/references/deep/list.md': 'nested\n',
  'skills/review/scripts/check.sh': { body: '#!/bin/sh\n', mode: 0o755 },
  'agents/reviewer.md': agent('reviewer'),
  'agents/planner/AGENT.md': agent('planner'),
  'commands/release.md': agent('release'),
  'hooks/format/hooks.json': { hooks: {} },
  'plugins/tidy/.claude-plugin/plugin.json': plugin('tidy'),
  'rules/tests.md': agent('tests'),
  'mcp/docs/mcp.json': { mcpServers: {} },
}

describe('install', () => {
  test('[O2 O6 O9] puts every kind into its folder, nested files and executable bits included', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', everyKind)
    await haal('install --all --approve * --yes').succeeds()
    for (const kind of ['skills', 'agents', 'commands', 'hooks', 'plugins', 'rules', 'mcp'])
      expect(project.tree(`.haal/${kind}`), kind).toEqual(acme.tree(kind))
  })

  test('[O2] records origin, version, revision and digest', async () => {
    const { folder, haal, project } = await world()
    const files = { 'SKILL.md': skill('review', 'v1', { version: '1.2.3' }), 'notes/a.md': 'a' }
    await folder('acme', { 'skills/review/SKILL.md': files['SKILL.md'], 'skills/review/notes/a.md': 'a' })
    const { changes } = await haal('install review').json<{ changes: object[] }>()
    const integrity = integrityOf(files)
    expect(changes).toEqual([
      {
        action: 'add',
        artifact: 'skill/review',
        from: null,
        to: { version: '1.2.3', revision: integrity, integrity },
        registry: 'acme',
      },
    ])
    await project.has({
      'haal.lock': {
        artifacts: {
          'skill/review': {
            integrity,
            path: 'skills/review',
            registry: 'acme',
            requestedBy: ['haal.json'],
            version: '1.2.3',
          },
        },
        lockfileVersion: 1,
        registries: { acme: { location: '../folders/acme', type: 'file' } },
      },
      'haal.json': {
        registries: [{ name: 'acme', type: 'file', location: '../folders/acme' }],
        artifacts: { 'skill/review': '^1.2.3' },
      },
    })
  })

  test('[U3] nothing comes from an empty source, nor goes to an empty place', async () => {
    const { folder, haal } = await world()
    await folder('acme', everyKind)
    await haal(['install', '--all', '--from', ' ']).fails('E_USAGE', 2)
    await haal(['registry', 'add', '']).fails('E_USAGE', 2)
    await haal(['copy', 'review', '']).fails('E_USAGE', 2)
    expect((await haal(['list', '--kind', 'skil']).fails('E_USAGE', 2)).stderr).toContain('did you mean skill?')
    expect((await haal(['list', '--kind', 'zzzzzz']).fails('E_USAGE', 2)).stderr).toContain('kinds are skill, agent')
  })

  test('[U3] --kind without --all is refused, not ignored', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', everyKind)
    const { stderr } = await haal('install review --kind agent').fails('E_USAGE', 2)
    expect(stderr).toContain('hint: run: haal install --all --kind agent')
    await project.lacks('.haal')
  })

  test('[U3] init refuses two registries that would have one name, before it writes', async () => {
    const { haal, project } = await world()
    const { stderr } = await haal('init --registry acme/skills --registry corp/skills').fails('E_USAGE', 2)
    expect(stderr).toContain('hint: give this one another name: --registry <name>=https://github.com/corp/skills')
    await project.lacks('haal.json')
    await haal('init --registry acme/skills --registry corp=corp/skills').succeeds()
    await haal('registry list').succeeds()
  })

  test('[U5] a repository in the place of an artifact is told where it belongs', async () => {
    const { folder, haal } = await world()
    await folder('acme', everyKind)
    const { stderr } = await haal('install olaf/skills').fails('E_NOT_FOUND', 3)
    expect(stderr).toContain('hint: to install what lies at an address: haal install --all --from olaf/skills')
  })

  test('[O7] never touches .olaf', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', everyKind)
    await project.write({ '.olaf/skills/review/SKILL.md': 'theirs', '.olaf/registries.json': '{' })
    const before = project.stamp('.olaf')
    await haal('install --all --approve * --yes').succeeds()
    await haal('uninstall review').outcome()
    await haal('update').succeeds()
    expect(project.stamp('.olaf')).toEqual(before)
  })

  test('[O8] a registry laid out as .haal/<kinds>/<name> maps one to one', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder(
      'acme',
      Object.fromEntries(Object.entries(everyKind).map(([at, body]) => [`.haal/${at}`, body])),
    )
    await haal('install --all --approve * --yes').succeeds()
    const { '.state': _own, ...tree } = project.tree('.haal')
    const theirs = Object.entries(tree).filter(([at]) => !at.startsWith('.state/'))
    expect(Object.fromEntries(theirs)).toEqual(acme.tree('.haal'))
  })

  test('[O37] everything that haal.json asks of several registries comes in one step, and goes in one', async () => {
    const { folder, haal, project } = await world()
    await folder('one', { 'skills/a/SKILL.md': skill('a', 'v1') })
    await folder('two', { 'agents/b.md': agent('b', 'v1') })
    await project.write({
      'haal.json': { ...project.json<object>('haal.json'), artifacts: { 'skill/a': '*', 'agent/*': '*' } },
    })
    expect((await haal('install').succeeds()).stdout).toMatch(
      /\+ agent\/b .*\n\+ skill\/a .*\n2 changes, generation 1\n/,
    )
    await folder('one', { 'skills/a/SKILL.md': skill('a', 'v2') }, { listed: false })
    await folder('two', { 'agents/b.md': agent('b', 'v2') }, { listed: false })
    expect((await haal('update').succeeds()).stdout).toMatch(/2 changes, generation 2/)
    await project.has({ '.haal/skills/a/SKILL.md': /v2/, '.haal/agents/b.md': /v2/ })
    expect((await haal('uninstall skill/* agent/* --yes').succeeds()).stdout).toMatch(/2 changes, generation 3/)
    expect(project.exists('.haal/skills')).toBe(false)
  })

  test('[L4] without names does what haal.lock says, and resolves only what it lacks', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1'), 'skills/b/SKILL.md': skill('b', 'v1') })
    await haal('install a').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'v2'), 'skills/b/SKILL.md': skill('b', 'v2') })
    const asked = { ...project.json<object>('haal.json'), artifacts: { 'skill/a': '*', 'skill/b': '*' } }
    await project.write({ 'haal.json': asked })
    expect((await haal('install').succeeds()).stdout).toMatch(/^\+ skill\/b .*\n1 change, generation 2\n$/)
    await project.has({ '.haal/skills/a/SKILL.md': /v1/, '.haal/skills/b/SKILL.md': /v2/ })
  })

  test('[L4] without names brings back what is missing, from the store', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1') })
    await haal('install a').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await project.remove('.haal/skills')
    expect((await haal('install').succeeds()).stdout).toMatch(/\+ skill\/a/)
    await project.has({ '.haal/skills/a/SKILL.md': /v1/ })
  })

  test('[L4] a pattern brings what is not there yet, and leaves what is locked', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1'), 'skills/b/SKILL.md': skill('b', 'v1') })
    await haal('install a').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await project.write({
      'haal.json': { ...project.json<object>('haal.json'), artifacts: { 'skill/a': '*', 'skill/*': '*' } },
    })
    expect((await haal('install').succeeds()).stdout).toMatch(/^\+ skill\/b .*\n1 change,/)
    await acme.write({ 'skills/c/SKILL.md': skill('c', 'v1') })
    expect((await haal('install').changesNothing()).stdout).toBe('nothing to do: 2 artifacts are in place\n')
    expect((await haal('install --all').succeeds()).stdout).toMatch(/^\+ skill\/c .*\n1 change,/)
    await project.has({ '.haal/skills/a/SKILL.md': /v1/ })
  })

  test('[L4] takes out what haal.json no longer asks for', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') })
    await haal('install a b').succeeds()
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts: { 'skill/b': '*' } } })
    expect((await haal('install --yes').succeeds()).stdout).toMatch(/^- skill\/a/)
    await project.lacks('.haal/skills/a')
  })

  test('[L7] a second time changes nothing, writes nothing and says so in one line', async () => {
    const { folder, haal, project, store } = await world()
    await folder('acme', everyKind)
    await haal('install --all --approve * --yes').succeeds()
    const isKept = ([name]: [string, string]) => !name.startsWith('cache/folders')
    const home = () => Object.fromEntries(Object.entries(store.stamp()).filter(isKept))
    const stamps = () => ({ ...project.stamp(), ...home(), '.haal/.state': 'the mutex comes and goes there' })
    const before = stamps()
    for (const line of ['install', 'install --all', 'install review', 'install --frozen']) {
      const { stdout, stderr } = await haal(line).succeeds()
      expect(`${stdout}${stderr}`, line).toMatch(/^nothing to do[^\n]*\n$/)
    }
    expect(stamps()).toEqual(before)
  })

  test('[L1] the same wishes give the same lockfile, whatever the locale, the order or the folder', async () => {
    const locks = await Promise.all(
      [
        { names: 'review reviewer release', env: { LANG: 'C' } },
        { names: 'release review reviewer', env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'sv_SE.UTF-8', TZ: 'Asia/Tokyo' } },
      ].map(async ({ names, env }) => {
        const { folder, haal, project } = await world()
        await folder('acme', everyKind)
        await haal(`install ${names} --approve *`, { env }).succeeds()
        return project.read('haal.lock')
      }),
    )
    expect(locks[0]).toBe(locks[1])
    expect(locks[0]).not.toMatch(/\d{4}-\d\d-\d\d|\d{13}/)
    expect((locks[0] ?? '').split('\n').length).toBeLessThan(10 * 3 + 10)
  })

  test('[S11] runs nothing of an artifact, in whatever language its head is written', async () => {
    const { folder, haal, root } = await world()
    const mark = (name: string) => `require('node:fs').writeFileSync(${JSON.stringify(root.at(name))}, '')`
    await folder('acme', {
      'skills/js/SKILL.md': `---js\n{ name: (${mark('ran-js')}, 'js') }\n---\nbody\n`,
      'skills/yaml/SKILL.md': `---\nname: !!js/function "function () { ${mark('ran-yaml')} }"\n---\n`,
      'skills/config/SKILL.md': skill('config'),
      'skills/config/haal.config.mjs': `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(root.at('ran-config'))}, '')`,
      'skills/config/index.mjs': `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(root.at('ran-index'))}, '')`,
      'haal.config.mjs': `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(root.at('ran-own'))}, '')`,
    })
    await haal('install --all --approve *').succeeds()
    await haal('list').succeeds()
    await haal('info js').succeeds()
    expect(Object.keys(root.tree()).filter((at) => at.startsWith('ran'))).toEqual([])
  })
})
