import { describe, expect, test } from 'vitest'
import { needs, skill, type World, world } from '../world/index.js'

const script = { body: '#!/bin/sh\n', mode: 0o755 }

/** A skill that runs nothing is installed, and its next version does. */
async function grown(more: Record<string, unknown> = { 'skills/a/run.sh': script }) {
  const at = await world()
  const corp = await at.folder('corp', { 'skills/a/SKILL.md': skill('a', 'v1', { version: '1.0.0' }) })
  await at.haal('install a').succeeds()
  await corp.write({ 'skills/a/SKILL.md': skill('a', 'v2', { version: '1.1.0' }), ...(more as object) })
  return { ...at, corp }
}

const lockOf = ({ project }: Pick<World, 'project'>) =>
  project.json<{ artifacts: Record<string, { integrity: string; approved?: string[] }> }>('haal.lock')

const user = (at: Pick<World, 'store'>, rules: object) =>
  at.store.write({ 'policy.json': { policyVersion: 1, contact: 'ada@acme.example', ...rules } })

describe('an update that adds something that runs', () => {
  test('[P10] is refused where nobody can be asked, and says what and how to let it', async () => {
    const at = await grown()
    const { stderr } = await at.haal('update').fails('E_APPROVAL', 5)
    expect(stderr).toMatch(/script: run\.sh/)
    expect(stderr).toMatch(/--approve skill\/a/)
    for (const flags of ['--yes', '--force', '--json', '--approve skill/b', '--approve b'])
      await at.haal(`update ${flags}`).fails('E_APPROVAL', 5)
  })

  test('[P10] passes with --approve, which is written down for these very bytes', async () => {
    const at = await grown()
    await at.haal('update --approve skill/a').succeeds()
    const { integrity, approved } = lockOf(at).artifacts['skill/a'] ?? {}
    expect(approved).toEqual([`${integrity} script: run.sh`])
    await at.haal('install --frozen').succeeds()
    await at.corp.write({ 'skills/a/more.sh': script })
    const { stderr } = await at.haal('update').fails('E_APPROVAL', 5)
    expect(stderr).toMatch(/more\.sh/)
    expect(stderr).not.toMatch(/ run\.sh/)
  })

  test('[P10] is shown in the plan, and by info', async () => {
    const at = await grown()
    const { stdout } = await at.haal('update --dry-run').changesNothing()
    expect(stdout).toMatch(/^! skill\/a needs approval: script: run\.sh \(--approve skill\/a\)$/m)
    expect(await at.haal('update --dry-run').json()).toMatchObject({
      surfaces: [{ artifact: 'skill/a', surface: ['script: run.sh'], unapproved: ['script: run.sh'] }],
    })
    const approved = await at.haal('update --dry-run --approve a').changesNothing()
    expect(approved.stdout).toMatch(/^ {2}skill\/a can run script: run\.sh$/m)
    await at.haal('update --approve a').succeeds()
    expect((await at.haal('info a').succeeds()).stdout).toMatch(/can run +script: run\.sh/)
  })

  const ways: [string, Record<string, unknown>, RegExp][] = [
    [
      'allowed-tools',
      { 'skills/a/SKILL.md': skill('a', 'v2', { version: '1.1.0', 'allowed-tools': 'Bash(rm:*)' }) },
      /Bash/,
    ],
    [
      'a hook in its head',
      {
        'skills/a/SKILL.md':
          '---\nname: a\ndescription: x\nversion: 1.1.0\nhooks:\n  PreToolUse:\n    - hooks:\n        - type: command\n          command: ./x\n---\n',
      },
      /hook/,
    ],
    [
      'the definition of a plugin, which makes a skill one',
      {
        'skills/a/SKILL.md': skill('a', 'v2', { version: '1.1.0' }),
        'skills/a/.claude-plugin/plugin.json': { name: 'a', mcpServers: { db: { command: 'db-server' } } },
      },
      /mcp: db/,
    ],
  ]
  test.each(ways)('[P10] %s', async (_says, more, says) => {
    const at = await grown(more)
    expect((await at.haal('update').fails('E_APPROVAL', 5)).stderr).toMatch(says)
  })

  test('[P10] a plugin with a new MCP server or hook', async () => {
    const at = await world()
    const plugin = { '.claude-plugin/plugin.json': { name: 'p', version: '1.0.0' } }
    const inFolder = (files: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(files).map(([file, body]) => [`plugins/p/${file}`, body])) as never
    const corp = await at.folder('corp', inFolder(plugin))
    await at.haal('install plugin/p').succeeds()
    await corp.write(inFolder({ '.mcp.json': { mcpServers: { db: { command: 'db-server' } } } }))
    expect((await at.haal('update').fails('E_APPROVAL', 5)).stderr).toMatch(/mcp: db/)
    await at.haal('update --approve p').succeeds()
    await corp.write(
      inFolder({ 'hooks/hooks.json': { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'x' }] }] } } }),
    )
    expect((await at.haal('update').fails('E_APPROVAL', 5)).stderr).toMatch(/hook: Stop/)
  })

  needs('script')('[P10] is asked for on a terminal: no leaves all as it was, yes goes on', async () => {
    const at = await grown()
    const before = at.project.tree()
    const no = at.haal('update').terminal()
    expect(await no.until(/\(y\/N\)/i)).toMatch(/run\.sh/)
    no.type('\r')
    expect((await no.outcome).exit).toBe(5)
    expect(at.project.tree()).toEqual(before)
    const yes = at.haal('update').terminal()
    await yes.until(/\(y\/N\)/i)
    yes.type('y\r')
    expect((await yes.outcome).exit).toBe(0)
    expect(lockOf(at).artifacts['skill/a']?.approved).toHaveLength(1)
  })

  test('[P10] an approval that somebody wrote into the lockfile for other bytes counts for nothing', async () => {
    const at = await grown()
    const lock = lockOf(at)
    const [entry] = Object.values(lock.artifacts)
    if (entry)
      entry.approved = [
        `sha256-${'A'.repeat(43)}= script: run.sh`,
        `${entry.integrity} script: run.sh`,
        'script: run.sh',
      ]
    await at.project.write({ 'haal.lock': lock as never })
    await at.haal('update').fails('E_APPROVAL', 5)
  })

  test('[P10] rollback brings nothing back that was never approved', async () => {
    const at = await world()
    const corp = await at.folder('corp', { 'skills/a/SKILL.md': skill('a', 'v1'), 'skills/a/run.sh': script })
    await at.haal('install a').succeeds()
    await corp.remove('skills/a/run.sh')
    await corp.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await at.haal('update').succeeds()
    await at.haal('rollback').fails('E_APPROVAL', 5)
    await at.haal('rollback --approve a').succeeds()
    await at.project.has({ '.haal/skills/a/run.sh': /sh/ })
  })

  test('[P10 O32] rollback asks nothing about bytes that were approved in the generation it goes back to', async () => {
    const at = await world()
    const corp = await at.folder('corp', { 'skills/a/SKILL.md': skill('a', 'v1') })
    await at.haal('install a').succeeds()
    await corp.write({ 'skills/a/SKILL.md': skill('a', 'v2'), 'skills/a/run.sh': script })
    await at.haal('update --approve a').succeeds()
    const then = at.project.read('haal.lock')
    await corp.remove('skills/a/run.sh')
    await at.haal('update').succeeds()
    await at.haal('rollback').succeeds()
    expect(at.project.read('haal.lock')).toBe(then)
    await at.haal('rollback --to 1').succeeds()
    await at.haal('rollback a --to 2').succeeds()
    await at.project.has({ '.haal/skills/a/run.sh': /sh/ })
  })
})

describe('where policy wants approvals', () => {
  test('[P10 U3] a command that takes none says which one does, and can be run then', async () => {
    const at = await world()
    await at.folder('corp', {
      'skills/a/SKILL.md': skill('a'),
      'skills/b/SKILL.md': skill('b'),
      'skills/a/run.sh': script,
    })
    await at.haal('install a b').succeeds()
    await user(at, { content: { executables: 'approve' } })
    await at.root.write({ 'more/skills/x/SKILL.md': skill('x') })
    for (const line of ['target add claude', 'registry add ../more --name more']) {
      const { stderr } = await at.haal(line).fails('E_APPROVAL', 5)
      expect([line, stderr]).toEqual([line, expect.stringContaining('then run: haal install --approve skill/a;')])
    }
    await at.haal('install --approve skill/a').succeeds()
    expect(lockOf(at).artifacts['skill/a']?.approved).toHaveLength(1)
    await at.haal('target add claude').succeeds()
  })

  test('[P10] a first install, a frozen one and a copy need one too', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a'), 'skills/a/run.sh': script })
    await user(at, { content: { executables: 'approve' } })
    const { stderr } = await at.haal('install a').fails('E_APPROVAL', 5)
    expect(stderr).toMatch(/content\.executables in .*policy\.json/)
    expect(stderr).toMatch(/ask ada@acme\.example/)
    await at.haal('copy a ../out').fails('E_APPROVAL', 5)
    await at.haal('install a --approve a').succeeds()
    await at.haal('update').changesNothing()
    await at.project.remove('.haal/skills')
    await at.haal('install --frozen').succeeds()
    const { approved: _gone, ...bare } = lockOf(at).artifacts['skill/a'] ?? {}
    await at.project.write({ 'haal.lock': { ...lockOf(at), artifacts: { 'skill/a': bare } } as never })
    await at.haal('install --frozen').fails('E_APPROVAL', 5)
  })

  test('[L6] [P10] with --frozen an approval counts for this once, and is not written', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/a/SKILL.md': skill('a'), 'skills/a/run.sh': script })
    await at.haal('install a').succeeds()
    await user(at, { content: { executables: 'approve' } })
    const lock = at.project.tree()['haal.lock']
    await at.haal('install --frozen --approve a').succeeds()
    expect(at.project.tree()['haal.lock']).toBe(lock)
    await at.project.remove('.haal/skills')
    await at.haal('install --frozen --approve a').succeeds()
    await at.project.has({ '.haal/skills/a/run.sh': /sh/ })
    expect(at.project.tree()['haal.lock']).toBe(lock)
    await at.haal('install --frozen').fails('E_APPROVAL', 5)
  })

  test('[P10] "allow" of a person lets updates pass unasked; of a project it does nothing', async () => {
    const at = await grown()
    await at.project.write({
      'p.json': { policyVersion: 1, content: { executables: 'allow' } },
      'haal.json': { ...at.project.json<object>('haal.json'), policy: './p.json' },
    })
    const { stderr } = await at.haal('update').fails('E_APPROVAL', 5)
    expect(stderr).toMatch(/E_APPROVAL/)
    await user(at, { content: { executables: 'allow' } })
    await at.haal('update').succeeds()
  })
})
