import { describe, expect, test } from 'vitest'
import { agent, needs, skill, type World, world } from '../world/index.js'

interface Check {
  name: string
  ok: boolean
  says: string
  mend?: string
}

/** Two registries; the second is asked last and has a review of its own. */
async function twice(): Promise<World> {
  const at = await world()
  await at.folder('corp', {
    'skills/review/SKILL.md': skill('review', 'corp', { version: '1.0.0', license: 'MIT' }),
    'skills/review/run.sh': { body: '#!/bin/sh\n', mode: 0o755 },
    'agents/reviewer.md': agent('reviewer'),
  })
  await at.folder('hub', { 'skills/review/SKILL.md': skill('review', 'hub', { version: '2.0.0' }) })
  return at
}

async function checks(at: World, line = 'doctor'): Promise<Record<string, Check>> {
  const done = await at.haal(`${line} --json`).outcome()
  const { result } = JSON.parse(done.stdout) as { result: { ok: boolean; checks: Check[] } }
  expect(done.exit).toBe(result.ok ? 0 : 2)
  return Object.fromEntries(result.checks.map((check) => [check.name, check]))
}

describe('haal doctor', () => {
  needs('mount')('[U6] sees that the project lies on a file system that takes nothing', async () => {
    const at = await world()
    await at.folder('acme', { 'skills/a/SKILL.md': skill('a') })
    await at.haal('install a').succeeds()
    const sealed = 'mount --bind . . && mount -o remount,bind,ro "$PWD" && cd "$PWD" && exec "$@"'
    const { stdout, exit } = await at.haal('doctor', { under: ['unshare', '-rm', 'sh', '-c', sealed, 'sh'] }).outcome()
    expect(stdout).toMatch(/^bad {2}project +nothing can be written to .*project: the file system is read-only$/m)
    expect(exit).toBe(2)
    await at.haal('doctor').changesNothing()
  })

  needs('mount')('[L12 U6] where what haal keeps cannot be written, another folder is proposed for it', async () => {
    const at = await world()
    await at.folder('acme', { 'skills/a/SKILL.md': skill('a') })
    const sealed = 'mkdir -p "$HAAL_HOME" && mount -t tmpfs -o ro tmpfs "$HAAL_HOME" && exec "$@"'
    const under = ['unshare', '-rm', 'sh', '-c', sealed, 'sh']
    const { stderr } = await at.haal('install a', { under }).fails('E_DISK', 2)
    const hint = 'hint: make it writable, or name another folder for what haal keeps: HAAL_HOME=<dir>\n'
    expect(stderr).toContain(hint)
    expect((await at.haal('doctor', { under }).outcome()).stdout).toContain(hint)
    expect((await at.haal('list').succeeds()).stdout).toMatch(/^nothing is installed/)
  })

  test('[U6] says of everything haal depends on how it is', async () => {
    const at = await twice()
    await at.haal('install review').succeeds()
    await at.project.write({ '.cursor/rules/mine.mdc': 'mine\n' })
    const found = await checks(at)
    expect(Object.keys(found)).toEqual([
      ...['haal', 'git', 'project', 'home', 'cache', 'store', 'policy', 'tools', 'haal.json', 'installed'],
      ...['registry corp', 'registry hub'],
    ])
    expect(Object.values(found).every(({ ok }) => ok)).toBe(true)
    expect(found.tools).toMatchObject({ says: 'haal.json names none; found here: cursor' })
    expect(found['registry corp']?.says).toMatch(/^2 artifacts/)
    const { stdout } = await at.haal('doctor').changesNothing()
    expect(stdout).toMatch(/\neverything is in order\n$/)
  })

  test('[U6 A43] tells what is odd about the configuration, once, though nothing is wrong with what it asks for', async () => {
    const at = await world()
    const acme = await at.folder('acme', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
    const registry = { name: 'acme', location: acme.path, token: 'hunter2' }
    await at.project.write({ 'haal.json': { registries: [registry], artefacts: {} } })
    const { stderr } = await at.haal('doctor').changesNothing()
    expect(stderr.match(/W_\w+/g)?.sort()).toEqual(['W_CONFIG_KEY', 'W_TOKEN_UNUSED'])
  })

  test('[U6] names a command that mends what is wrong, and the command does', async () => {
    const at = await twice()
    await at.haal('install review reviewer').succeeds()
    await at.project.remove('.haal/skills/review')
    expect((await checks(at)).installed).toMatchObject({
      ok: false,
      says: '2 artifacts; missing: .haal/skills/review',
      mend: 'put back what is missing: haal install',
    })
    await at.haal('install').succeeds()
    expect((await checks(at)).installed).toMatchObject({ ok: true })
    await at.project.remove('.haal/skills/review/SKILL.md')
    expect((await checks(at)).installed).toMatchObject({ mend: 'put back what is missing: haal install --force' })
    await at.haal('install --force').succeeds()
    await at.project.write({ '.haal/agents/reviewer.md': 'mine\n' })
    expect((await checks(at)).installed).toMatchObject({
      mend: 'see the edits: haal diff; undo them: haal install --force',
    })
    await at.haal('install --force').succeeds()
    expect((await checks(at)).installed).toMatchObject({ ok: true })
  })

  test('[U6 T1] a tool that haal does not know is found', async () => {
    const at = await twice()
    const manifest = at.project.json('haal.json')
    for (const [name, mend] of [
      ['Claude', 'write "claude" there'],
      ['notepad', 'see which there are: haal target list'],
    ] as const) {
      await at.project.write({ 'haal.json': { ...manifest, targets: ['cursor', name] } })
      expect((await checks(at)).tools).toMatchObject({ ok: false, says: expect.stringContaining(`"${name}"`), mend })
    }
  })

  test('[U6] what haal.json asks for and nobody installed yet is found', async () => {
    const at = await twice()
    const manifest = at.project.json('haal.json')
    await at.project.write({ 'haal.json': { ...manifest, artifacts: { 'skill/review': '*' } } })
    expect((await checks(at))['haal.json']).toMatchObject({ ok: false, mend: 'haal install' })
    await at.haal('install').succeeds()
    expect((await checks(at))['haal.json']).toMatchObject({ ok: true })
  })

  test('[U6] a folder without haal.json is told apart from one that asks for nothing', async () => {
    const at = await twice()
    expect((await checks(at))['haal.json']).toMatchObject({ says: 'asks for nothing yet' })
    await at.project.remove('haal.json')
    expect((await checks(at))['haal.json']).toMatchObject({ says: 'none yet', mend: 'make one: haal init' })
  })

  test('[U6] patterns of haal.json are named, not counted', async () => {
    const at = await twice()
    await at.haal('install review').succeeds()
    await at.haal("install 'agent/*'").succeeds()
    expect((await checks(at))['haal.json']).toMatchObject({ says: 'asks for 1 artifact and all that fit agent/*' })
  })

  test('[U6 T3] a shared folder that haal fills for one tool is no sign of another', async () => {
    const at = await twice()
    await at.haal('target add codex').succeeds()
    await at.haal('install review').succeeds()
    expect(at.project.exists('.agents/skills/review/SKILL.md')).toBe(true)
    expect((await checks(at)).tools).toMatchObject({ says: 'codex' })
  })

  test('[U6] a registry that does not answer is one bad line, and all others are still said', async () => {
    const at = await twice()
    at.list({ name: 'gone', type: 'file', location: '../folders/gone' })
    const found = await checks(at)
    expect(found['registry gone']).toMatchObject({ ok: false, says: expect.stringContaining('gone') })
    expect(found['registry corp']).toMatchObject({ ok: true })
    expect(Object.keys(await checks(at, 'doctor --offline'))).toContain('registries')
  })

  test.each<[string, string, (at: World) => Promise<void>]>([
    ['configuration', 'haal.json', (at) => at.project.write({ 'haal.json': '{' })],
    ['policy', 'hooks', (at) => at.store.write({ 'policy.json': { policyVersion: 1, hooks: [] } })],
    ['haal.lock', 'haal.lock', (at) => at.project.write({ 'haal.lock': '{' })],
  ])('[U6] a %s that cannot be read is said as what it is', async (name, says, break_) => {
    const at = await twice()
    await break_(at)
    const found = await checks(at)
    expect(found[name]).toMatchObject({ ok: false, says: expect.stringContaining(says) })
    expect(found.git).toMatchObject({ ok: true })
  })
})

describe('haal why', () => {
  test('[U6] says which registry answered and who else has the name', async () => {
    const at = await twice()
    await at.haal('install review').succeeds()
    const { stdout } = await at.haal('why review').changesNothing()
    expect(stdout).toMatch(/^skill\/review comes from corp: /)
    expect(stdout).toContain('hub has one of this name too')
    expect(stdout).toContain('requested by haal.json')
  })

  test('[U6] names the rule of policy that forbids what is not installed', async () => {
    const at = await twice()
    const deny = [{ match: 'agent/*', reason: 'agents are reviewed by security' }]
    await at.store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny } } })
    const { stdout } = await at.haal('why reviewer').succeeds()
    expect(stdout).toContain('policy: denies "agent/*": agents are reviewed by security')
  })
})

describe('haal info', () => {
  test('[U6] says of what is not installed where it is, what is in it and what in it can run', async () => {
    const at = await twice()
    const { stdout } = await at.haal('info review').succeeds()
    expect(stdout).toMatch(/^skill\/review 1\.0\.0: Helps to review\n {2}state +not installed\n {2}registry +corp\n/)
    expect(stdout).toMatch(/\n {2}licence +MIT\n/)
    expect(stdout).toMatch(/\n {2}can run +script: run\.sh\n/)
    expect(stdout).toMatch(/\n {2}run\.sh +10 B {2}executable\n/)
  })

  test('[U6] says of what is installed that it was edited, and what its registry has by now', async () => {
    const at = await twice()
    await at.haal('install review').succeeds()
    await at.project.write({ '.haal/skills/review/SKILL.md': 'mine\n' })
    await at.root.write({ 'folders/corp/skills/review/SKILL.md': skill('review', 'new', { version: '1.1.0' }) })
    const { stdout } = await at.haal('info review').succeeds()
    expect(stdout).toMatch(/\n {2}state +installed, edited here \(see: haal diff\)\n/)
    expect(stdout).toMatch(/\n {2}registry has +1\.1\.0\n/)
  })

  test('[O5 U6] what is special about some of the list stands in one column', async () => {
    const at = await twice()
    await at.folder('longer', { 'skills/zoom/SKILL.md': skill('zoom', 'far', { version: '1.0.0' }) })
    await at.haal('install review zoom').succeeds()
    await at.haal('pin review zoom').succeeds()
    const { stdout } = await at.haal('list').succeeds()
    expect(stdout).toBe('skill/review  1.0.0  corp    pinned\nskill/zoom    1.0.0  longer  pinned\n')
  })

  test('[U6 O5] says of what is installed that it is not there, as list does', async () => {
    const at = await twice()
    await at.haal('install review').succeeds()
    await at.project.remove('.haal/skills/review')
    const { stdout } = await at.haal('info review').succeeds()
    expect(stdout).toMatch(/\n {2}state +installed, missing here \(see: haal verify\)\n/)
    expect(await at.haal('info review').json()).toMatchObject({ modified: false, missing: true })
  })

  test('[U6] a version that is asked for is installed where its bytes are', async () => {
    const at = await twice()
    await at.haal('install review').succeeds()
    expect((await at.haal('info review@1.0.0').succeeds()).stdout).toMatch(/\n {2}state +installed\n/)
    await at.root.write({ 'folders/corp/skills/review/SKILL.md': skill('review', 'new', { version: '1.1.0' }) })
    expect((await at.haal('info review@1.1.0').succeeds()).stdout).toMatch(/\n {2}state +not installed\n/)
  })
})

describe('haal search', () => {
  test('[U6] finds words in names and descriptions, and says where to look when it finds none', async () => {
    const at = await twice()
    expect((await at.haal('search called').succeeds()).stdout).toMatch(/^agent\/reviewer /)
    expect((await at.haal('search nothing-like-it').succeeds()).stdout).toBe(
      'nothing found; see everything: haal list --available\n',
    )
  })
})

describe('haal diff', () => {
  test('[U6 L19] names a single file as it lies in the project', async () => {
    const at = await twice()
    await at.haal('install reviewer').succeeds()
    await at.project.write({ '.haal/agents/reviewer.md': 'mine\n' })
    const { stdout } = await at.haal('diff').succeeds()
    expect(stdout).toMatch(/^--- a\/\.haal\/agents\/reviewer\.md\n\+\+\+ b\/\.haal\/agents\/reviewer\.md\n@@/)
  })
})

describe('what comes next is said', () => {
  test('[U3] where nothing is configured or installed yet', async () => {
    const at = await world()
    const said = async (line: string) => (await at.haal(line).succeeds()).stdout
    const add = 'add one: haal registry add <folder, URL or owner/repo>\n'
    expect(await said('init')).toBe(
      `wrote haal.json\nno registry yet; ${add}no tool yet; add one: haal target add <tool>\n`,
    )
    expect(await said('install')).toBe(`nothing to do: no registry is configured; ${add}`)
    expect(await said('registry list')).toBe(`no registry is configured; ${add}`)
    expect(await said('registry ping')).toBe(`no registry is configured; ${add}`)
    expect(await said('list')).toBe('nothing is installed; see what there is: haal list --available\n')
    expect(await said('policy check')).toBe('nothing is installed that policy could refuse\n')
    expect(await said('target list')).toMatch(/\nnone is used; add one: haal target add <tool>\n$/)
    const { stderr } = await at.haal('list --available').fails('E_NO_REGISTRY', 3)
    expect(stderr).toContain('error: there is no registry to look into\n')
  })

  test('[U3] where files differ from the lockfile', async () => {
    const at = await twice()
    await at.haal('install review').succeeds()
    await at.project.write({ '.haal/skills/review/SKILL.md': 'mine\n' })
    const verify = async () =>
      (await at.haal('verify').outcome()).stdout.replace('\ncode: E_DRIFT\n', '').split('\n').at(-1)
    expect((await at.haal('verify').outcome()).stdout).toMatch(/\ncode: E_DRIFT\n$/)
    expect(await verify()).toBe('see the edits: haal diff; undo them: haal install --force')
    await at.project.remove('.haal/skills/review')
    expect(await verify()).toBe('put back what is missing: haal install')
    await at.haal('install').succeeds()
    await at.project.remove('.haal/skills/review/SKILL.md')
    expect(await verify()).toBe('put back what is missing: haal install --force')
    await at.haal('install --force').succeeds()
    await at.haal('verify').succeeds()
  })

  needs('tmux')('[U2] descriptions and reasons are broken between words in a narrow terminal', async () => {
    const at = await world()
    const description = 'Reviews a diff, branch or pull request, whenever somebody asks for feedback on a change.'
    await at.folder('corp', { 'skills/review/SKILL.md': skill('review', 'v1', { version: '1.0.0', description }) })
    at.list({ name: 'gone', location: './gone' })
    const { picture } = await at.screen('haal info corp:review', { columns: 60 }).end()
    expect(picture.split('\n').slice(0, 3)).toEqual([
      'skill/review 1.0.0: Reviews a diff, branch or pull',
      '  request, whenever somebody asks for feedback on a change.',
      '  state       not installed',
    ])
    const { picture: ping, exit } = await at.screen('haal registry ping', { columns: 60 }).end()
    expect(exit).toBe(7)
    expect(ping).toMatch(/^ok {4}corp {2}1 artifact \(folders\)\ndown {2}gone {2}registry "gone": there is no folder/)
    expect(ping).toMatch(/^ {6}hint: check the path/m)
    const { picture: doctor } = await at.screen('haal doctor', { columns: 60 }).end()
    expect(doctor).toMatch(/^bad {2}registry gone {2}registry "gone": .*\n {20}\S/m)
    expect(doctor).toMatch(/^ {5}hint: check the path; .*\n {11}\S/m)
  })
})

describe('haal list --available', () => {
  needs('tmux')('[U2] stands in columns; where the terminal is narrow, authors give way to descriptions', async () => {
    const at = await world()
    const review = { version: '1.0.0', author: 'Ann Example', description: 'Reviews a change before it is merged' }
    await at.folder('corp', {
      'skills/review/SKILL.md': skill('review', 'v1', review),
      'skills/plan/SKILL.md': skill('plan', 'v1', { description: 'Plans' }),
    })
    await at.haal('install review').succeeds()
    const seen = async (columns: number) =>
      (await at.screen('haal list --available', { columns }).end()).picture.split('\n')
    expect(await seen(120)).toEqual([
      'skill/plan           corp                          Plans',
      'skill/review  1.0.0  corp  installed  Ann Example  Reviews a change before it is merged',
    ])
    expect(await seen(60)).toEqual([
      'skill/plan           corp             Plans',
      'skill/review  1.0.0  corp  installed  Reviews a change befo…',
    ])
  })
})
