import { describe, expect, test } from 'vitest'
import { documentOf, keys, needs, skill, type World, world } from './world/index.js'

const hostile = '\u001b[2J\u001b]0;x\u0007\u009b31m\u202e ::error::forged'

async function reviewing(description = 'Reviews code'): Promise<World> {
  const at = await world()
  await at.folder('corp', { 'skills/review/SKILL.md': skill('review', 'v1', { description, version: '1.0.0' }) })
  return at
}

describe('the answer', () => {
  test('[S10] T01: a hostile description reaches the terminal written out', async () => {
    const { haal } = await reviewing(hostile)
    const { stdout } = await haal('list --available').succeeds()
    expect(stdout).toMatch(/^[\u0009\u000a\u0020-\u007e\u00a0-\u{10ffff}]*$/u)
    expect(stdout).toContain('\\x1b[2J\\x1b]0;x\\x07\\x9b31m\\u{202e} ::error::forged')
  })

  test('[S10 U2] T05: as a document it is the very same text, on one line, with nothing beside it', async () => {
    const { haal } = await reviewing(hostile)
    const done = await haal('list --available --json').succeeds()
    expect(done.stdout).toMatch(/^[\u0020-\u007e]*\n$/)
    expect(documentOf(done)).toMatchObject({ ok: true, result: { artifacts: [{ description: hostile }] } })
    expect(done.stderr).toBe('')
  })

  test('[U2] as a document it has the keys that programs rely on', async () => {
    const { haal } = await reviewing()
    const keysOf = async (line: string) => {
      const { result } = documentOf(await haal(`${line} --json`).succeeds())
      return Object.keys(result as object)
    }
    const change = ['generation', 'order', 'changes', 'shadowed', 'warnings']
    for (const line of [
      'install review',
      'update',
      'pin review',
      'copy review out',
      'rollback --to 1',
      'uninstall review',
    ])
      expect(await keysOf(line), line).toEqual(change)
    await haal('install review').succeeds()
    const { artifacts } = await haal('list').json<{ artifacts: object[] }>()
    const listed = 'artifact kind name id version registry revision integrity path pinned verified requestedBy targets'
    expect(artifacts.map((one) => Object.keys(one))).toEqual([[...listed.split(' '), 'modified']])
    const { generations } = await haal('history').json<{ generations: object[] }>()
    expect(Object.keys(generations[0] ?? {}).sort()).toEqual(['at', 'changes', 'command', 'current', 'number'])
    expect(await keysOf('why review')).toEqual(['artifact', 'registry', 'reason', 'shadowed', 'requestedBy', 'policy'])
  })

  test('[U2 U3] where a command judges, a bad verdict is its answer, and its exit the class', async () => {
    const { haal, project, store } = await reviewing()
    await haal('install review').succeeds()
    await project.write({ '.haal/skills/review/SKILL.md': 'mine' })
    await store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny: ['skill/review'] } } })
    const problem = { artifact: 'skill/review', path: '.haal/skills/review/SKILL.md', problem: 'changed' }
    for (const [line, exit, result] of [
      ['verify', 9, { ok: false, problems: [problem] }],
      ['policy check', 5, { ok: false }],
      ['doctor', 2, { ok: false }],
    ] as const) {
      const done = await haal(`${line} --json`).outcome()
      expect([line, done.exit]).toEqual([line, exit])
      expect(documentOf(done)).toMatchObject({ ok: true, result })
    }
  })

  test('[U2] --quiet says nothing of a change, and what was asked for all the same', async () => {
    const { haal } = await reviewing()
    expect(await haal('install review --quiet').succeeds()).toMatchObject({ stdout: '', stderr: '' })
    expect((await haal('list --quiet').succeeds()).stdout).toBe('skill/review  1.0.0  corp\n')
  })

  test('[U5] a misspelt artifact suggests the nearest', async () => {
    const { haal } = await reviewing()
    expect((await haal('install reviwe').fails('E_NOT_FOUND', 3)).stderr).toContain('skill/review')
    await haal('install review').succeeds()
    expect((await haal('uninstall reviwe').fails('E_NOT_INSTALLED', 3)).stderr).toContain('did you mean review?')
  })
})

describe('a question', () => {
  needs('script')('[U2] on a terminal a removal is shown and asked about', async () => {
    const { haal, project } = await reviewing()
    await haal('install review').succeeds()
    const no = haal('uninstall review').terminal()
    expect(await no.until('go on?')).toContain('- skill/review  1.0.0')
    no.type('n', keys.enter)
    expect((await no.outcome).exit).toBe(130)
    expect(project.exists('.haal/skills/review/SKILL.md')).toBe(true)
    const yes = haal('uninstall review').terminal()
    await yes.until('go on?')
    yes.type('y', keys.enter)
    expect((await yes.outcome).exit).toBe(0)
    await project.lacks('.haal/skills/review')
  })

  needs('script')('[U2 U3] left with Ctrl-C, or by a signal, nothing has changed and the exit says so', async () => {
    const { haal, project } = await reviewing()
    await haal('install review').succeeds()
    const before = project.tree()
    const left = haal('uninstall review').terminal()
    await left.until('go on?')
    left.type(keys.ctrlC)
    const done = await left.outcome
    expect(done.exit).toBe(130)
    expect(left.screen()).toContain('E_INTERRUPTED')
    expect(project.tree()).toEqual(before)
  })

  needs('script')('[U3] whose input ends is left, and nothing hangs', async () => {
    const { haal } = await reviewing()
    await haal('install review').succeeds()
    const left = haal('uninstall review').terminal()
    await left.until('go on?')
    left.type('\u0004')
    expect((await left.outcome).exit).toBe(130)
    expect(left.screen()).toContain('E_INTERRUPTED')
  })

  needs('script')('[U2] with --yes, in CI, on a dumb terminal or without one nobody is asked', async () => {
    const { haal } = await reviewing()
    for (const [line, options] of [
      ['uninstall review --yes', { tty: true }],
      ['uninstall review', { tty: true, env: { CI: 'true' } }],
      ['uninstall review', { tty: true, env: { TERM: 'dumb' } }],
      ['uninstall review', {}],
    ] as const) {
      await haal('install review').succeeds()
      expect((await haal(line, options).succeeds()).stdout, line).not.toContain('go on?')
    }
  })
})

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

describe('a signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('[U3] %s stops a command that waits, with its own exit status', async (signal, exit) => {
    const { haal, http, list } = await world()
    const { promise: asked, resolve: arrived } = withResolver()
    const server = await http({
      '*': () => {
        arrived()
        return { silent: true }
      },
    })
    list({ name: 'slow', type: 'url', location: server.origin })
    const run = haal('list --available --json')
    const child = run.child()
    await asked
    child.kill(signal)
    const done = await run.outcome()
    expect(documentOf(done)).toMatchObject({ ok: false, error: { code: 'E_INTERRUPTED', exit } })
    expect(done.exit).toBe(exit)
  })
})

describe('a bug in haal', () => {
  const broken = "require('node:os').homedir = () => { throw new TypeError('broken') }"

  test('[U3] is E_BUG, with how to report it, and its stack only with --verbose', async () => {
    const { haal, project } = await world()
    await project.write({ 'broken.cjs': broken })
    const env = { NODE_OPTIONS: '--require ./broken.cjs' }
    const { stderr } = await haal('list', { env }).fails('E_BUG', 1)
    expect(stderr).toMatch(
      /^error: haal itself failed: TypeError: broken\n {2}hint: run it again with --verbose and report/,
    )
    expect(stderr).not.toMatch(/^ +at /m)
    expect((await haal('list --verbose', { env }).fails('E_BUG', 1)).stderr).toMatch(/^ +at /m)
    await haal('list --json', { env }).fails('E_BUG', 1)
  })

  test('[U3] is E_BUG wherever it comes from, also while a command waits', async () => {
    const { haal, http, list, project } = await world()
    const server = await http({ '*': { silent: true } })
    list({ name: 'slow', type: 'url', location: server.origin })
    await project.write({ 'broken.cjs': "setTimeout(() => { throw new TypeError('broken') }, 300)" })
    await haal('list --available --json', { env: { NODE_OPTIONS: '--require ./broken.cjs' } }).fails('E_BUG', 1)
  })
})

describe('completion', () => {
  test('[U4] a command that changes something leaves the names for the shells', async () => {
    const { haal, project } = await reviewing()
    await haal('install review').succeeds()
    await haal('target add cursor').succeeds()
    expect(project.read('.haal/.state/names').split('\n')).toEqual(
      expect.arrayContaining(['generation\t1', 'installed\tskill/review', 'registry\tcorp', 'target\tcursor']),
    )
  })
})
