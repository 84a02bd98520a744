import { describe, expect, test } from 'vitest'
import { table } from '../../src/cli/table.js'
import { type Files, skill, type World, world } from '../world/index.js'

const one = (name: string, body = name, more = {}): Files => ({ [`skills/${name}/SKILL.md`]: skill(name, body, more) })

const user = (at: World, rules: Record<string, unknown>) =>
  at.store.write({ 'policy.json': { policyVersion: 1, name: 'acme', ...rules } })

const projects = (at: World, rules: Record<string, unknown>) =>
  at.project.write({
    'policy.json': { policyVersion: 1, ...rules },
    'haal.json': { ...at.project.json<object>('haal.json'), policy: './policy.json' },
  })

describe('where policy comes from', () => {
  test('[P1] user, HAAL_POLICY and project each forbid on their own', async () => {
    const deny = { artifacts: { deny: [{ match: 'skill/a', reason: 'under review' }] } }
    for (const way of ['user', 'environment', 'project'] as const) {
      const at = await world()
      await at.folder('acme', one('a'))
      if (way === 'user') await user(at, deny)
      if (way === 'environment') {
        await at.root.write({ 'org.json': { policyVersion: 1, ...deny } })
        at.setEnv({ HAAL_POLICY: at.root.at('org.json') })
      }
      if (way === 'project') await projects(at, deny)
      const { stderr } = await at.haal('install a').fails('E_POLICY_ARTIFACT', 5)
      expect(stderr, way).toMatch(/artifacts\.deny/)
      expect(stderr, way).toMatch(/under review/)
    }
  })

  test('[P1] a later policy can forbid more, never allow more, and that is said', async () => {
    const at = await world()
    await at.folder('acme', { ...one('a'), ...one('b') })
    await user(at, { artifacts: { allow: ['skill/a'] } })
    await projects(at, { artifacts: { allow: ['skill/*'] } })
    await at.haal('install b').fails('E_POLICY_ARTIFACT', 5)
    const { stderr } = await at.haal('install a').succeeds()
    expect(stderr).toMatch(/W_POLICY_WIDENS/)
  })

  test('[P4] a policy that cannot be read, parsed or reached stops every command that changes', async () => {
    const at = await world()
    await at.folder('acme', one('a'))
    await at.haal('install a').succeeds()
    const broken: [string, string | null][] = [
      ['nothing there', null],
      ['empty', ''],
      ['a list', '[]'],
      ['no JSON', '{'],
    ]
    for (const [what, text] of broken) {
      await at.root.write({ 'org.json': text })
      const env = { HAAL_POLICY: at.root.at('org.json') }
      expect((await at.haal('install', { env }).outcome()).exit, what).toBe(5)
    }
    for (const line of ['update', 'uninstall a', 'install --frozen', 'rollback', 'policy check'])
      await at.haal(line, { env: { HAAL_POLICY: at.root.at('org.json') } }).fails('E_POLICY_LOAD', 5)
    await at.haal('install', { env: { HAAL_POLICY: at.root.path } }).fails('E_POLICY_LOAD', 5)
    const away = await at
      .haal('install', { env: { HAAL_POLICY: 'https://127.0.0.1:9/policy.json' } })
      .fails('E_POLICY_LOAD', 5)
    expect(away.stderr).toMatch(/^error: policy does not answer at https:\/\/127\.0\.0\.1:9\/policy\.json: /)
  })

  /** Each command, and whether it goes on where a policy is broken: only what tells what is installed, what explains or helps, and what signs or
      makes keys. Whatever may change something, ask a registry or judge what is there stops. */
  const brokenly: Readonly<Record<string, readonly [line: string, goesOn: boolean]>> = {
    agentos: ['agentos', true],
    'cache clean': ['cache clean', false],
    'cache info': ['cache info', false],
    'cache prune': ['cache prune', false],
    completion: ['completion bash', true],
    copy: ['copy a out', false],
    diff: ['diff', false],
    doctor: ['doctor', true],
    help: ['help install', true],
    history: ['history', false],
    info: ['info a', false],
    init: ['init', false],
    install: ['install --frozen', false],
    list: ['list', true],
    outdated: ['outdated', false],
    pin: ['pin a', false],
    'policy check': ['policy check', false],
    'policy show': ['policy show', false],
    'policy sign': ['policy sign good.json --key own.pem', true],
    'registry add': ['registry add ../other', false],
    'registry keygen': ['registry keygen own.pem', true],
    'registry list': ['registry list', false],
    'registry ping': ['registry ping', false],
    'registry remove': ['registry remove acme', false],
    'registry sign': ['registry sign index --key own.pem', true],
    'registry verify': ['registry verify acme', false],
    rollback: ['rollback', false],
    search: ['search a', false],
    'target add': ['target add claude', false],
    'target list': ['target list', false],
    'target remove': ['target remove claude', false],
    trust: ['trust acme', false],
    uninstall: ['uninstall a', false],
    unpin: ['unpin a', false],
    update: ['update', false],
    verify: ['verify', false],
    why: ['why a', false],
  }

  test('[P4] every command stops where a policy is broken, but those that need none', async () => {
    const at = await world()
    await at.folder('acme', one('a'))
    await at.haal('install a').succeeds()
    await at.project.write({ 'good.json': { policyVersion: 1 }, 'index/registry.json': { extensions: {} } })
    await at.haal('registry keygen own.pem').succeeds()
    await at.root.write({ 'org.json': '{' })
    const env = { HAAL_POLICY: at.root.at('org.json') }
    expect(Object.keys(brokenly).sort()).toEqual(table.rows.map(({ name }) => name).sort())
    for (const line of ['list --available', 'diff --upstream', 'install', 'install a'])
      await at.haal(line, { env }).fails('E_POLICY_LOAD', 5)
    for (const [name, [line, goesOn]] of Object.entries(brokenly)) {
      if (name === 'registry keygen') await at.project.remove('own.pem')
      const { exit, stdout, stderr } = await at.haal(line, { env }).outcome()
      if (name === 'doctor') expect(stdout).toMatch(/bad +policy .*org\.json/)
      else expect([name, exit, /E_POLICY_LOAD/.test(stderr)]).toEqual(goesOn ? [name, 0, false] : [name, 5, true])
    }
  })

  test('[P4] there is no flag that skips it', async () => {
    const at = await world()
    await at.folder('acme', one('a'))
    await user(at, { artifacts: { deny: ['skill/a'] } })
    for (const flags of [
      '--force',
      '--yes',
      '--approve skill/a',
      '--offline',
      '--refresh',
      '--allow-missing',
      '--global',
    ])
      expect((await at.haal(`install a ${flags}`).outcome()).exit, flags).not.toBe(0)
    await at.haal('install a --force --yes').fails('E_POLICY_ARTIFACT', 5)
  })

  test('[P5] an unknown key is an error that names the one that was meant', async () => {
    const at = await world()
    await at.folder('acme', one('a'))
    await user(at, { registries: { alow: [] } })
    const { stderr } = await at.haal('install a').fails('E_POLICY_SCHEMA', 5)
    expect(stderr).toMatch(/\$\.registries\.alow/)
    expect(stderr).toMatch(/did you mean "allow"\?/)
  })
})

describe('registries', () => {
  test('[O29] anything of a registry that is not allowed is refused, through a secondary and a dependency too', async () => {
    const at = await world()
    await at.folder('other', { ...one('b'), ...one('member') }, { listed: false })
    await at.folder('acme', {
      ...one('a'),
      'competencies/kit.json': { skills: ['a', 'member'] },
      'registries.json': [{ name: 'other', url: '../other' }],
    })
    await user(at, { registries: { allow: [{ file: at.root.at('folders/acme') }] } })
    for (const name of ['b', 'other:b', 'kit', 'a'])
      expect((await at.haal(`install ${name}`).fails('E_POLICY_REGISTRY', 5)).stderr, name).toMatch(/other/)
    await at.haal('install acme:a').succeeds()
  })

  test('[A25 O29] list --available and search show what the others have, and say which is not allowed; install stops', async () => {
    const at = await world()
    await at.folder('acme', one('a'))
    await at.folder('banned', { ...one('a', 'theirs'), ...one('b') })
    await at.folder('other', one('c'))
    await user(at, { registries: { deny: [{ file: at.root.at('folders/banned') }] } })
    for (const line of ['list --available', 'search skill']) {
      const { stdout, stderr } = await at.haal(line).succeeds()
      expect(stdout).toMatch(/^skill\/a .*acme.*\nskill\/c .*other.*\n$/)
      expect(stderr).toMatch(/banned is left out: .*policy denies.*registries\.deny.*W_REGISTRY_MISSING/)
    }
    for (const line of ['install c', 'install c --allow-missing', 'list --available --registry banned'])
      await at.haal(line).fails('E_POLICY_REGISTRY', 5)
  })

  test('[O29] a folder under another name, or reached through a link, is judged by where it is', async () => {
    const at = await world()
    await at.folder('banned', one('a'), { listed: false })
    await at.root.write({ 'folders/nice': { link: 'banned' } })
    at.list({ name: 'nice', location: '../folders/nice' })
    await user(at, { registries: { deny: [{ file: at.root.at('folders/banned') }] } })
    await at.haal('install a').fails('E_POLICY_REGISTRY', 5)
    await at.haal(['install', 'a', '--from', at.root.at('folders/banned')]).fails('E_POLICY_REGISTRY', 5)
  })

  test('[O29] init names none in haal.json that is not allowed, as registry add does not', async () => {
    const at = await world()
    await at.folder('banned', one('a'), { listed: false })
    await user(at, { registries: { deny: [{ file: at.root.at('folders/banned') }] } })
    await at.haal('registry add ../folders/banned').fails('E_POLICY_REGISTRY', 5)
    await at.project.write({ 'haal.json': null })
    await at.haal('init --registry ../folders/banned').fails('E_POLICY_REGISTRY', 5)
  })
})

describe('required and pinned', () => {
  test('[O30] what policy requires comes with install, verify and --frozen fail without it, uninstall refuses', async () => {
    const at = await world()
    await at.folder('acme', { ...one('base', 'v2', { version: '2.1.0' }), ...one('a') })
    await at.haal('install a').succeeds()
    await user(at, { artifacts: { required: { 'skill/base': '^2.0.0' } } })
    await at.haal('install --frozen').fails('E_POLICY_REQUIRED', 5)
    const verified = await at.haal('verify').outcome()
    expect(verified.stdout).toMatch(/missing +skill\/base/)
    expect(verified.exit).toBe(9)
    expect((await at.haal('install').succeeds()).stdout).toMatch(/\+ skill\/base +2\.1\.0/)
    expect(at.project.json('haal.lock')).toMatchObject({ artifacts: { 'skill/base': { requestedBy: ['policy'] } } })
    expect(at.project.json('haal.json')).not.toHaveProperty('artifacts.skill/base')
    await at.haal('verify').succeeds()
    await at.haal('install --frozen').succeeds()
    await at.haal('uninstall base').fails('E_POLICY_REQUIRED', 5)
    expect((await at.haal('rollback').fails('E_POLICY_REQUIRED', 5)).stderr).toMatch(/skill\/base/)
  })

  test('[O30] verify and --frozen fail where another version is there than policy requires', async () => {
    const at = await world()
    const acme = await at.folder('acme', one('base', 'v1', { version: '1.0.0' }))
    await at.haal('install base').succeeds()
    await user(at, { artifacts: { required: { 'skill/base': '^2.0.0', 'com.acme.none': '*' } } })
    await at.haal('install --frozen').fails('E_POLICY_REQUIRED', 5)
    const { stdout, exit } = await at.haal('verify').outcome()
    expect([stdout.match(/missing +\S+/g), exit]).toEqual([['missing  skill/base', 'missing  tool/com.acme.none'], 9])
    await user(at, { artifacts: { required: { 'skill/base': '^2.0.0' } } })
    await acme.write(one('base', 'v2', { version: '2.0.0' }))
    await at.haal('install base@2').succeeds()
    await at.haal('verify').succeeds()
  })

  test('[O25 O30 O31] a label that is no version is for policy, too, itself alone and in no range', async () => {
    const at = await world()
    await at.folder('acme', one('a', 'v1', { version: 'v1.0.0' }))
    await at.haal('install a').succeeds()
    for (const rule of ['required', 'pinned']) {
      await user(at, { artifacts: { [rule]: { 'skill/a': 'v1.0.0' } } })
      for (const line of ['policy check', 'install', 'install --frozen', 'verify']) await at.haal(line).succeeds()
      await user(at, { artifacts: { [rule]: { 'skill/a': '^1.0.0' } } })
      const code = `E_POLICY_${rule.toUpperCase()}`
      for (const line of ['policy check', 'install --frozen']) await at.haal(line).fails(code, 5)
    }
  })

  test('[O30 U6] where nobody has what policy requires, the hint says whom to ask', async () => {
    const at = await world()
    await at.folder('acme', one('a', 'v1', { version: '1.0.0' }))
    const hint = '  hint: ask ada@acme.example; "haal policy show" prints every rule\n'
    for (const [required, code] of [
      [{ 'skill/none': '*' }, 'E_NOT_FOUND'],
      [{ 'skills/a': '^2' }, 'E_NO_VERSION'],
    ] as const) {
      await user(at, { contact: 'ada@acme.example', artifacts: { required } })
      expect((await at.haal('install').fails(code, 3)).stderr).toContain(hint)
    }
  })

  test('[O31] another version than the pinned one is refused, and update stops at the pin', async () => {
    const at = await world()
    const acme = await at.folder('acme', one('a', 'v1', { version: '1.0.0' }))
    await user(at, { artifacts: { pinned: { 'skill/a': '1.0.0' } } })
    await at.haal('install a').succeeds()
    await acme.write(one('a', 'v2', { version: '2.0.0' }))
    expect((await at.haal('update --latest').succeeds()).stdout).toBe('nothing to do: skill/a is in place\n')
    await at.project.has({ '.haal/skills/a/SKILL.md': /v1/ })
    await at.haal('install a@2.0.0').fails('E_POLICY_PINNED', 5)
  })
})

describe('before any byte', () => {
  test('[P3] policy is decided on every verb: install, frozen, update, copy, rollback', async () => {
    const at = await world()
    const acme = await at.folder('acme', { ...one('a', 'v1'), ...one('b') })
    await at.haal('install a').succeeds()
    await at.haal('install b').succeeds()
    await at.haal('uninstall a').succeeds()
    await acme.write(one('a', 'v2'))
    await user(at, { artifacts: { deny: [{ match: 'skill/a', reason: 'no' }] } })
    for (const line of ['install a', 'rollback', 'rollback --to 1', 'copy a ../out'])
      await at.haal(line).fails('E_POLICY_ARTIFACT', 5)
    await user(at, { artifacts: { deny: [{ match: 'skill/b', reason: 'no' }] } })
    for (const line of ['install', 'install --frozen', 'update', 'install a'])
      await at.haal(line).fails('E_POLICY_ARTIFACT', 5)
    await at.haal('uninstall b').succeeds()
  })

  test('[P3] content that policy forbids never reaches the project', async () => {
    const at = await world()
    await at.folder('acme', {
      ...one('a'),
      'skills/a/big.md': 'x'.repeat(5000),
      'skills/a/run.sh': { body: '#!/bin/sh\n', mode: 0o755 },
    })
    await user(at, { content: { maxFileBytes: 1000 } })
    await at.haal('install a').fails('E_POLICY_CONTENT', 5)
    await user(at, { content: { executables: 'deny' } })
    await at.haal('install a --approve a').fails('E_POLICY_CONTENT', 5)
    await at.project.lacks('.haal/skills', 'haal.lock')
  })
})
