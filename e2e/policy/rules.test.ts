import { describe, expect, test } from 'vitest'
import { manifest, needs, plugin, skill, type World, world } from '../world/index.js'

const user = (at: Pick<World, 'store'>, rules: object) =>
  at.store.write({ 'policy.json': { policyVersion: 1, contact: 'ada@acme.example', ...rules } })

const decisions = (at: World, file = 'audit.jsonl') =>
  at.root
    .read(file)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('[P6 P7] an artifact is judged by the names under which tools get it and its parts, too', async () => {
  const at = await world()
  const kit = (name: string, more: object = {}) => ({ name, version: '1.0.0', ...more })
  await at.folder('hub', {
    'skills/plain/SKILL.md': skill('acme-security'),
    'plugins/a/.claude-plugin/plugin.json': kit('a', { skills: ['./vendor/bad-skill'] }),
    'plugins/a/vendor/bad-skill/SKILL.md': skill('bad-skill'),
    'plugins/b/.claude-plugin/plugin.json': kit('b', { agents: './more/bad-agent.md' }),
    'plugins/b/more/bad-agent.md': skill('bad-agent'),
    'plugins/c/.claude-plugin/plugin.json': kit('c'),
    'plugins/c/agents/bad/agent.md': skill('x'),
    'plugins/d/.claude-plugin/plugin.json': kit('d'),
    'plugins/d/skills/plain/SKILL.md': skill('acme-security'),
    'plugins/e/.claude-plugin/plugin.json': kit('e'),
    'plugins/e/skills/plain/SKILL.md': skill('plain'),
    'skills/h/SKILL.md': skill('bad-skill'),
    'plugins/i/.claude-plugin/plugin.json': kit('i'),
    'plugins/i/skills/plain/SKILL.md': skill('bad-inside'),
    'tools/f/manifest.json': manifest('com.acme.f'),
    'tools/f/index.mjs': 'export {}\n',
    'tools/g/manifest.json': manifest('com.bad.g'),
    'tools/g/index.mjs': 'export {}\n',
  })
  await at.haal('install --all').succeeds()
  await user(at, {
    namespaces: ['acme-*', 'com.acme.*'].map((match) => ({ match, registry: 'https://git.corp.com/ai/skills.git' })),
    artifacts: { deny: ['skill/bad-*', 'agent/bad-*', 'com.bad.g'] },
  })
  const { stdout } = await at.haal('policy check --json').outcome()
  const { refusals } = JSON.parse(stdout).result as { refusals: { about: string; code: string }[] }
  expect(refusals.map(({ about, code }) => `${about} ${code}`).sort()).toEqual([
    'plugin/a E_POLICY_ARTIFACT',
    'plugin/b E_POLICY_ARTIFACT',
    'plugin/c E_POLICY_ARTIFACT',
    'plugin/d E_POLICY_NAMESPACE',
    'plugin/i E_POLICY_ARTIFACT',
    'skill/h E_POLICY_ARTIFACT',
    'skill/plain E_POLICY_NAMESPACE',
    'tool/f E_POLICY_NAMESPACE',
    'tool/g E_POLICY_ARTIFACT',
  ])
  await at.haal('install --frozen').fails('E_POLICY_ARTIFACT', 5)
})

test.each([
  [{ deny: ['plugin/*'] }, 'contains plugin/kit'],
  [{ deny: ['plugin/inner'] }, 'calls itself plugin/inner'],
  [{ deny: ['agent/bad'] }, 'contains agent/bad'],
  [{ allow: ['skill/*'] }, 'contains plugin/kit'],
])(
  '[P3 P6] a skill that has the definition of a plugin is judged as the plugin that it is to tools: %j',
  async (artifacts, says) => {
    const at = await world()
    await at.folder('hub', {
      'skills/kit/SKILL.md': skill('kit'),
      'skills/kit/.claude-plugin/plugin.json': plugin('inner'),
      'skills/kit/agents/bad.md': skill('bad'),
      'skills/plain/SKILL.md': skill('plain'),
    })
    await at.haal('install kit plain').succeeds()
    await user(at, { artifacts })
    const { stderr, stdout } = await at.haal('policy check').fails('E_POLICY_ARTIFACT', 5)
    expect(stdout + stderr).toContain(says)
    expect(stdout + stderr).not.toContain('skill/plain')
    await at.haal('uninstall kit').succeeds()
    await at.haal('install kit').fails('E_POLICY_ARTIFACT', 5)
  },
)

describe('what holds, and why', () => {
  test('[P9] policy show prints the rules of all layers, the primary registry’s too, with where each is from', async () => {
    const at = await world()
    const corp = await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    expect((await at.haal('policy show').changesNothing()).stdout).toBe('no policy is in force\n')
    await user(at, {
      name: 'acme',
      content: { maxFileBytes: 1000 },
      artifacts: { deny: [{ match: 'hook/*', reason: 'reviewed' }] },
    })
    await at.project.write({
      'p.json': { policyVersion: 1, content: { maxFileBytes: 2000 } },
      'haal.json': { ...at.project.json<object>('haal.json'), policy: './p.json' },
    })
    await corp.write({ 'policy.json': { policyVersion: 1, targets: { allow: ['claude'] } } })
    const { stdout, stderr } = await at.haal('policy show').changesNothing()
    expect(stdout).toMatch(/^user +.*haal\/policy\.json +acme \(ada@acme\.example\)$/m)
    expect(stdout).toMatch(/^artifacts\.deny +.*haal\/policy\.json +"hook\/\*": reviewed$/m)
    expect(stdout).toMatch(/^\(content\.maxFileBytes\) +p\.json +2000$/m)
    expect(stdout).toMatch(/^targets\.allow +.*corp\/policy\.json +\["claude"\]$/m)
    const rules = stdout.split('\n\n')[1]?.trimEnd().split('\n') ?? []
    expect(new Set(rules.map((line) => /^\S+ +\S+ +/.exec(line)?.[0].length)).size, stdout).toBe(1)
    expect(stderr).toMatch(/W_POLICY_WIDENS/)
  })

  test('[P9] policy check judges haal.lock without writing, and exits 5', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') })
    await at.haal('install a b').succeeds()
    expect((await at.haal('policy check').changesNothing()).stdout).toBe('policy allows all 2 artifacts in haal.lock\n')
    await user(at, { artifacts: { deny: ['skill/a'], pinned: { 'skill/b': '9.0.0' } }, haal: { min: '99.0.0' } })
    const before = at.root.tree()
    const { stdout, exit } = await at.haal('policy check --json').outcome()
    expect(exit).toBe(5)
    expect(JSON.parse(stdout).result).toMatchObject({
      ok: false,
      checked: 2,
      refusals: [
        { code: 'E_POLICY_TOOL', about: 'haal', rule: 'haal' },
        { code: 'E_POLICY_ARTIFACT', about: 'skill/a', rule: 'artifacts.deny', contact: 'ada@acme.example' },
        { code: 'E_POLICY_PINNED', about: 'skill/b', layer: 'user' },
      ],
    })
    expect(at.root.tree()).toEqual(before)
  })

  test('[P9 O30] policy check names what policy requires where nothing is installed', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/base/SKILL.md': skill('base') })
    await user(at, { artifacts: { required: { 'skill/base': '*' } } })
    const { stdout, exit } = await at.haal('policy check').outcome()
    expect(exit).toBe(5)
    expect(stdout).toMatch(/^E_POLICY_REQUIRED {2}skill\/base: policy requires it, it is missing .*\n1 refusal\n$/)
  })

  test('[P9 U6] doctor finds what policy does not allow of what is here, and finds nothing where it allows all', async () => {
    const at = await world()
    await at.folder('hub', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') })
    await at.haal('install a b').succeeds()
    await user(at, { artifacts: { deny: ['skill/c'] } })
    expect((await at.haal('doctor').succeeds()).stdout).toMatch(/^ok +policy +\S*policy\.json$/m)
    await user(at, { artifacts: { deny: ['skill/b'] } })
    const { stdout, exit } = await at.haal('doctor').outcome()
    expect(exit).toBe(2)
    expect(stdout).toMatch(/^bad +policy +\S*policy\.json; not obeyed: skill\/b\n +hint: see why: haal policy check$/m)
    await at.haal('uninstall b').succeeds()
    await at.haal('doctor').succeeds()
  })

  test('[P6 U3] what is installed and no longer allowed is told whole, with what takes it out or to the version that is pinned', async () => {
    const at = await world()
    const versions = { '1.0.0': { path: 'one' }, '1.2.0': { path: 'two' } }
    await at.folder('corp', {
      'skills/a/SKILL.md': skill('a'),
      'skills/b/SKILL.md': skill('b'),
      'registry.json': { extensions: { curated: [{ id: 'com.acme.web', name: 'web', path: 'two', versions }] } },
      'one/manifest.json': { id: 'com.acme.web', name: 'web', version: '1.0.0' },
      'two/manifest.json': { id: 'com.acme.web', name: 'web', version: '1.2.0' },
    })
    await at.haal('install skill/a skill/b com.acme.web').succeeds()
    const refused = async (line: string) => {
      const { stderr } = await at.haal(line).outcome()
      expect(stderr).toMatch(/ {2}code: E_POLICY_/)
      return { stderr, way: /: haal ((?:uninstall|install) [^;]*);/.exec(stderr)?.[1] ?? 'there is none' }
    }
    await user(at, { artifacts: { deny: ['skill/*'] } })
    const { stderr, way } = await refused('install')
    expect(stderr).toMatch(/^error: skill\/a: policy denies .*; and 1 more\n {2}skill\/b: policy denies /)
    expect(stderr).toContain(
      'they are installed; take them out: haal uninstall skill/a skill/b; or ask ada@acme.example;',
    )
    await at.haal(way).succeeds()
    await user(at, { artifacts: { pinned: { 'com.acme.web': '1.0.0' } } })
    await at.haal((await refused('install')).way).succeeds()
    expect((await at.haal('list').succeeds()).stdout).toMatch(/ 1\.0\.0 /)
  })

  test('[P9] why names the rules about an artifact and about its registry', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a', 'x', { version: '1.2.0' }) })
    await user(at, {
      registries: { allow: [{ file: at.root.at('folders/*') }] },
      artifacts: { allow: ['skill/*'], pinned: { 'skill/a': '^1.0.0' } },
    })
    for (const when of ['before', 'after']) {
      if (when === 'after') await at.haal('install a').succeeds()
      const { policy } = await at.haal('why a').json<{ policy: { rule: string; effect: string }[] }>()
      expect(
        policy.map(({ rule, effect }) => [rule, effect]),
        when,
      ).toEqual([
        ['registries.allow', `allows ${at.root.at('folders/*')}`],
        ['artifacts.pinned', 'pins it to ^1.0.0'],
        ['artifacts.allow', 'allows "skill/*"'],
      ])
    }
  })

  test('[P9 U6] why names the rules that refuse what is installed for what it has inside, each once', async () => {
    const at = await world()
    await at.folder('corp', {
      'plugins/kit/.claude-plugin/plugin.json': { name: 'kit', version: '1.0.0' },
      'plugins/kit/hooks/hooks.json': { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'x' }] }] } },
      'skills/a/SKILL.md': skill('a'),
    })
    await at.haal('install --all').succeeds()
    await user(at, { artifacts: { deny: ['hook/*', 'skill/a'] }, content: { licenses: ['MIT'] } })
    const said = async (name: string) => {
      const { policy } = await at.haal(`why ${name}`).json<{ policy: { rule: string; effect: string }[] }>()
      return policy.map(({ rule, effect }) => `${rule}: ${effect}`)
    }
    expect(await said('kit')).toEqual([
      'artifacts.deny: refuses it: it contains hook/hooks, and policy denies "hook/*"',
      'content.licenses: refuses it: it states no licence',
    ])
    expect(await said('skill/a')).toEqual([
      'artifacts.deny: denies "skill/a"',
      'content.licenses: refuses it: it states no licence',
    ])
  })

  test('[P6] every refusal names rule, source, reason and whom to ask, for programs too', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    await user(at, { artifacts: { deny: [{ match: 'skill/a', reason: 'see SEC-1' }], required: { 'skill/b': '*' } } })
    const { stderr } = await at.haal('install a').fails('E_NOT_FOUND', 3)
    expect(stderr).toMatch(/skill\/b/)
    await user(at, { artifacts: { deny: [{ match: 'skill/a', reason: 'see SEC-1' }] } })
    const { stdout } = await at.haal('install a --json').fails('E_POLICY_ARTIFACT', 5)
    expect(JSON.parse(stdout).error).toMatchObject({
      message: expect.stringContaining('see SEC-1'),
      hint: expect.stringContaining('ask ada@acme.example'),
      details: {
        rule: 'artifacts.deny',
        layer: 'user',
        source: at.store.at('policy.json'),
        reason: expect.stringContaining('see SEC-1'),
        contact: 'ada@acme.example',
      },
    })
  })
})

describe('the policy of the primary registry', () => {
  needs('git')('[P1] [P3] is obeyed when it is opened, and remembered for commands that do not ask it', async () => {
    const at = await world()
    const corp = await at.git('corp', { 'skills/a/SKILL.md': skill('a', 'v1') })
    await at.haal('install a').succeeds()
    await corp.commit({
      'policy.json': { policyVersion: 1, version: 2, artifacts: { deny: ['skill/a'] } },
      'skills/b/SKILL.md': skill('b'),
    })
    await at.haal('install --frozen').succeeds()
    await at.haal('install b --refresh').fails('E_POLICY_ARTIFACT', 5)
    await at.haal('uninstall a').succeeds()
    await at.haal('install b --refresh').succeeds()
    for (const line of ['rollback --to 1', 'rollback a']) await at.haal(line).fails('E_POLICY_ARTIFACT', 5)
    await corp.commit({ 'policy.json': { policyVersion: 1, version: 1 } })
    await at.haal('install a --refresh').fails('E_POLICY_VERSION', 5)
    await corp.commit({ 'policy.json': null })
    await at.haal('install a --refresh').fails('E_POLICY_LOAD', 5)
    await corp.commit({ 'policy.json': { policyVersion: 1, version: 3 } })
    await at.haal('install a --refresh').succeeds()
  })

  needs('git')('[P3 P4] stops what would go on without asking it, where the copy of it is lost', async () => {
    const at = await world()
    await at.git('corp', {
      'skills/a/SKILL.md': skill('a'),
      'policy.json': { policyVersion: 1, version: 1, artifacts: { deny: ['skill/b'] } },
    })
    await at.haal('install a').succeeds()
    await at.store.remove('registry-policies.json')
    await at.project.remove('.haal/skills')
    for (const line of ['install --frozen', 'uninstall a'])
      expect((await at.haal(line).fails('E_POLICY_LOAD', 5)).stderr, line).toMatch(
        /is in force here, and haal's copy of .*\n {2}hint: .*: haal list --available\n/,
      )
    await at.haal('list --available').succeeds()
    await at.haal('install --frozen').succeeds()
  })

  test('[P1] may require artifacts, from the first install on', async () => {
    const at = await world()
    const corp = await at.http({})
    corp.routes['/registry.json'] = JSON.stringify({
      skills: { curated: ['a', 'base'].map((name) => ({ name, path: name, version: '1.0.0', files: ['SKILL.md'] })) },
    })
    for (const name of ['a', 'base']) corp.routes[`/${name}/SKILL.md`] = skill(name)
    corp.routes['/policy.json'] = JSON.stringify({ policyVersion: 1, artifacts: { required: { 'skill/base': '*' } } })
    at.list({ name: 'corp', type: 'url', location: corp.origin })
    expect((await at.haal('install a').succeeds()).stdout).toMatch(/\+ skill\/base/)
    expect((await at.haal('uninstall base').fails('E_POLICY_REQUIRED', 5)).stderr).toMatch(
      /artifacts\.required in http/,
    )
  })
})

describe('versions of policies', () => {
  test('[P8] go up only: an older one, the same with other bytes, and none at all are refused', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    const deny = { version: 3, artifacts: { deny: ['hook/*'] } }
    await user(at, deny)
    await at.haal('list --available').succeeds()
    for (const [rules, code] of [
      [{ version: 2 }, 'E_POLICY_VERSION'],
      [{ version: 3 }, 'E_POLICY_VERSION'],
      [{}, 'E_POLICY_VERSION'],
    ] as const) {
      await user(at, rules)
      for (const line of ['install a', 'list --available', 'policy show']) await at.haal(line).fails(code, 5)
    }
    await at.store.remove('policy.json')
    await at.haal('install a').fails('E_POLICY_LOAD', 5)
    await user(at, { ...deny, version: 4 })
    await at.haal('install a').succeeds()
  })

  needs('script')(
    '[P3] [P8] one that changes while a question waits is noticed before anything is written',
    async () => {
      const at = await world()
      await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
      await at.haal('install a').succeeds()
      const terminal = at.haal('uninstall a').terminal()
      await terminal.until(/\(Y\/n\)/i)
      await user(at, { artifacts: { required: { 'skill/a': '*' } } })
      const before = at.project.tree('.haal/skills')
      terminal.type('y\r')
      const { exit, stdout } = await terminal.outcome
      expect([exit, stdout.includes('E_POLICY_VERSION')], stdout).toEqual([5, true])
      expect(at.project.tree('.haal/skills')).toEqual(before)
    },
  )
})

describe('the audit log', () => {
  test('[P11] has every decision, those at the door of a registry too', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a', 'v1', { version: '1.0.0' }), 'hooks/h/hooks.json': '{}' })
    await at.folder('banned', { 'skills/z/SKILL.md': skill('z') })
    const audit = { file: at.root.at('audit.jsonl'), required: true }
    await user(at, {
      audit,
      artifacts: { deny: ['hook/*'] },
      registries: { deny: [{ file: at.root.at('folders/banned') }] },
    })
    const writes = ['audit.jsonl']
    await at.haal('install corp:a').succeeds()
    await at.haal('install corp:hook/h').fails('E_POLICY_ARTIFACT', 5, { writes })
    await at.haal('install banned:z').fails('E_POLICY_REGISTRY', 5, { writes })
    await at.haal('list --available').succeeds()
    await at.haal('install corp:hook/h --dry-run').fails('E_POLICY_ARTIFACT', 5)
    await at.haal('uninstall a').succeeds()
    expect(
      decisions(at).map(({ command, decision, about, rule, action }) => [command, decision, about, rule ?? action]),
    ).toEqual([
      ['install', 'allowed', 'skill/a', 'add'],
      ['install', 'refused', 'hook/h', 'artifacts.deny'],
      ['install', 'refused', 'registry banned', 'registries.deny'],
      ['list', 'refused', 'registry banned', 'registries.deny'],
      ['uninstall', 'allowed', 'skill/a', 'remove'],
    ])
  })

  test('[P11] has a policy that cannot be read, where another one asks for the log', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    await user(at, { audit: { file: at.root.at('audit.jsonl') } })
    await at.project.write({
      'p.json': '{',
      'haal.json': { ...at.project.json<object>('haal.json'), policy: './p.json' },
    })
    await at.haal('install a').fails('E_POLICY_LOAD', 5, { writes: ['audit.jsonl'] })
    expect(decisions(at)).toMatchObject([{ command: 'install', decision: 'refused', code: 'E_POLICY_LOAD' }])
  })

  test('[P11] that cannot be written stops the command where policy requires it, and is told where not', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    await at.root.write({ blocked: 'a file' })
    const file = at.root.at('blocked/audit.jsonl')
    await user(at, { audit: { file, required: true } })
    await at.haal('install a').fails('E_POLICY_AUDIT', 5)
    await user(at, { audit: { file } })
    expect((await at.haal('install a').succeeds()).stderr).toMatch(/W_POLICY_AUDIT/)
  })
})

describe('haal and the programs here', () => {
  const program = (says: string, ran: string) => ({
    body: `#!/bin/sh\necho ran >> ${ran}\necho '${says}'\n`,
    mode: 0o755,
  })

  test('[O38] versions of haal and of tools hold where policy states them, and nothing else is run', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    await at.bin.write({
      acmetool: program('acmetool version 2.4.1', at.root.at('ran')),
      claude: program('1.0.0', at.root.at('ran')),
    })
    await at.haal('install a').succeeds()
    await at.root.lacks('ran')
    const rows: [object, string | null][] = [
      [{ haal: { max: '0.0.1' } }, 'haal'],
      [{ tools: { acmetool: { min: '2.5.0' } } }, 'tool acmetool'],
      [{ tools: { acmetool: { max: '2.x' } } }, null],
      [{ tools: { 'no-such-tool': { min: '1.0.0' } } }, 'tool no-such-tool'],
      [{ tools: { '../acmetool': { min: '1.0.0' } } }, 'tool ../acmetool'],
      [{ tools: { claude: { min: '2.0.0' } } }, null],
    ]
    for (const [rules, about] of rows) {
      await user(at, rules)
      if (about === null) await at.haal('install').succeeds()
      else expect((await at.haal('install').fails('E_POLICY_TOOL', 5, { writes: ['ran'] })).stderr).toContain(about)
    }
    await at.project.write({ 'haal.json': { ...at.project.json<object>('haal.json'), targets: ['claude'] } })
    await at.haal('install').fails('E_POLICY_TOOL', 5, { writes: ['ran'] })
  })

  test('[O38] a program that lies in the project is never asked', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    await at.project.write({ acmetool: program('9.0.0', at.root.at('ran')) })
    await user(at, { tools: { acmetool: { min: '1.0.0' } } })
    at.setEnv({ PATH: `.:${process.env.PATH}` })
    await at.haal('install a').fails('E_POLICY_TOOL', 5)
    await at.root.lacks('ran')
  })

  test('[O39] programs that an artifact says it needs are looked for before it is installed', async () => {
    const at = await world()
    const needing = (name: string, head: Record<string, string>) => ({
      [`skills/${name}/SKILL.md`]: skill(name, name, head),
    })
    await at.folder('corp', {
      ...needing('far', { compatibility: 'Requires pandoc 9000+' }),
      'skills/bins/SKILL.md': '---\nname: bins\ndescription: x\nrequires:\n  bins: [no-such-program]\n---\n',
      ...needing('near', { compatibility: 'Requires pandoc 2.0+' }),
    })
    await at.bin.write({ pandoc: program('pandoc 3.1', at.root.at('ran')) })
    expect((await at.haal('install near').succeeds()).stderr).not.toMatch(/W_NEEDS/)
    expect((await at.haal('install far').succeeds()).stderr).toMatch(
      /skill\/far needs pandoc >=9000, and this is "pandoc 3\.1"/,
    )
    expect((await at.haal('install bins').succeeds()).stderr).toMatch(
      /skill\/bins needs no-such-program, which is not found here/,
    )
    await at.haal('uninstall far').succeeds()
    await at.haal('install far --strict').fails('E_NEEDS', 3, { writes: ['ran'] })
    await at.project.remove('.haal/skills')
    expect((await at.haal('install --frozen').succeeds()).stderr).toMatch(/W_NEEDS/)
  })
})

describe('ways round', () => {
  const denied = { artifacts: { deny: [{ match: 'skill/a', reason: 'no' }] } }

  test('[P3] under another name, in a bundle, in a plugin, by id, as a copy', async () => {
    const at = await world()
    await at.folder('corp', {
      'skills/a/SKILL.md': skill('a'),
      'skills/b/SKILL.md': skill('b'),
      'competencies/kit.json': { skills: ['a', 'b'] },
      'plugins/suite/.claude-plugin/plugin.json': plugin('suite'),
      'plugins/suite/skills/a/SKILL.md': skill('a'),
    })
    await user(at, denied)
    for (const line of [
      'install a',
      'install skill/*',
      'install --all',
      'install bundle/kit',
      'install plugin/suite',
      'copy a ../out',
      'copy a ../out --as b',
    ])
      expect((await at.haal(line).fails('E_POLICY_ARTIFACT', 5)).stderr, line).toMatch(/artifacts\.deny/)
  })

  test('[P3] [L10] from the store, from the past, and from an edited lockfile', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b', 'other') })
    await at.haal('install a b').succeeds()
    const lock = at.project.json<{ artifacts: Record<string, object> }>('haal.lock')
    await at.haal('uninstall a').succeeds()
    await user(at, denied)
    await at.root.remove('folders/corp')
    for (const line of ['rollback', 'rollback --to 1', 'rollback a']) await at.haal(line).fails('E_POLICY_ARTIFACT', 5)
    const { integrity } = lock.artifacts['skill/a'] as { integrity: string }
    await user(at, { artifacts: { deny: [integrity] } })
    const forged = { ...lock, artifacts: { 'skill/b': { ...lock.artifacts['skill/b'], integrity } } }
    await at.project.write({ 'haal.lock': forged as never })
    await at.project.remove('.haal/skills')
    await at.haal('install --frozen').fails('E_POLICY_ARTIFACT', 5)
  })

  test('[P4] another configuration, another folder, another HOME, another project file', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    const own = at.project.json<object>('haal.json')
    await at.project.write({
      'acme.json': { policyVersion: 1, ...denied },
      'haal.json': { ...own, policy: './acme.json' },
      'other.json': own as never,
      'sub/x': '',
    })
    await at.root.write({
      'elsewhere.json': { ...own, registries: [{ name: 'corp', location: at.root.at('folders/corp') }] } as never,
    })
    for (const [line, options] of [
      ['install a --config other.json', {}],
      ['install a --config ../elsewhere.json', {}],
      ['install a', { cwd: 'sub' }],
      ['install a --cwd sub', {}],
      ['install a', { env: { HOME: at.root.at('tmp') } }],
      ['install a', { env: { HAAL_HOME: at.root.at('tmp') } }],
      ['install a', { env: { HAAL_POLICY: '' } }],
    ] as const)
      await at.haal(line, options).fails('E_POLICY_ARTIFACT', 5, { writes: ['tmp'] })
    await at.root.write({ link: { link: 'project' } })
    await at.haal('install a', { cwd: '../link' }).fails('E_POLICY_ARTIFACT', 5)
    await at.project.write({ 'acme.json': null })
    await at.haal('install a --config other.json').fails('E_POLICY_LOAD', 5)
  })

  test('[P4] a policy in force for the person holds for --global too', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    await user(at, denied)
    await at.home.write({ 'haal.json': { registries: [{ name: 'corp', location: at.root.at('folders/corp') }] } })
    await at.haal('install a --global').fails('E_POLICY_ARTIFACT', 5)
  })
})

describe('signed policies', () => {
  test('[S12] [P4] a policy that a stricter one wants signed is obeyed only if it is', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a') })
    const key = (await at.haal('registry keygen ../acme.pem').json<{ publicKey: string }>()).publicKey
    await at.haal('registry keygen ../eve.pem').succeeds()
    await user(at, { policies: { signature: [{ layers: ['environment'], keys: [key] }] } })
    await at.root.write({ 'org.json': { policyVersion: 1, name: 'org', artifacts: { deny: ['hook/*'] } } })
    const env = { HAAL_POLICY: at.root.at('org.json') }
    const because = async () => {
      const { stdout } = await at.haal('install a --json', { env }).fails('E_POLICY_LOAD', 5)
      return JSON.parse(stdout).error.details.because
    }
    expect(await because()).toBe('E_SIG_MISSING')
    expect((await at.haal('install a', { env }).fails('E_POLICY_LOAD', 5)).stderr).toMatch(
      /org\.json: it has to be signed, and org\.json\.sigstore\.json is not there\n/,
    )
    await at.haal('policy sign ../org.json --key ../eve.pem').succeeds()
    expect(await because()).toBe('E_SIG_KEY')
    await at.root.write({ 'org.json.sigstore.json': null })
    await at.haal('policy sign ../org.json --key ../acme.pem').succeeds()
    const signature = at.root.read('org.json.sigstore.json')
    await at.haal('install a', { env }).succeeds()
    await at.root.write({ 'org.json': { policyVersion: 1, name: 'org' } })
    expect(await because()).toBe('E_SIG_SUBJECT')
    await at.root.write({ 'org.json.sigstore.json': signature.replace(/"sig": "..../, '"sig": "AAAA') })
    expect(await because()).toBe('E_SIG')
    await at.haal('install a').succeeds()
  })
})
