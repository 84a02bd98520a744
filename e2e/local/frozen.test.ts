import { describe, expect, test } from 'vitest'
import { type Files, needs, skill, world } from '../world/index.js'

const v = (body: string): Files => ({
  'skills/a/SKILL.md': skill('a', body),
  'skills/a/run.sh': { body: `#!/bin/sh\necho ${body}\n`, mode: 0o755 },
  'skills/b/SKILL.md': skill('b', body),
})

/** A project with two skills installed, and a clone of it as CI has it: haal.json and haal.lock, nothing else. */
async function cloned() {
  const at = await world()
  const acme = await at.folder('acme', v('v1'))
  await at.haal('install a b').succeeds()
  const installed = at.project.tree('.haal/skills')
  await at.project.remove('.haal')
  return { ...at, acme, installed }
}

const readOnly = needs('mount')

/** A program in front of haal that makes a folder read-only for it alone: modes do not bind every user that tests run as. */
function frozenDisk(folder: string): string[] {
  const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
  return ['unshare', '-rm', 'sh', '-c', script, folder]
}

/** The same that puts a folder on a disk of its own, which has no room left. */
function fullDisk(folder: string): string[] {
  const disk = `cd "$0" && tar -cf - . | { mount -t tmpfs -o size=512k tmpfs "$0" && cd "$0" && tar -xf -; } && cd "$0"`
  return ['unshare', '-rm', 'sh', '-c', `${disk} && { cat /dev/zero > full 2>/dev/null || exec "$@"; }`, folder]
}

describe('install --frozen', () => {
  test('[O27 L6] gives identical bytes although upstream moved on, and writes neither haal.json nor haal.lock', async () => {
    const { acme, haal, installed, project } = await cloned()
    await acme.write(v('v2'))
    const before = [project.stamp()['haal.json'], project.stamp()['haal.lock']]
    await haal('install --frozen').succeeds()
    expect(project.tree('.haal/skills')).toEqual(installed)
    expect([project.stamp()['haal.json'], project.stamp()['haal.lock']]).toEqual(before)
    await haal('install --frozen').changesNothing()
  })

  test('[L6] tells of all digests that are wrong at once, and writes nothing', async () => {
    const { acme, haal, project, store } = await cloned()
    await store.remove('store')
    await acme.write(v('v2'))
    const { stderr } = await haal('install --frozen').fails('E_INTEGRITY', 6)
    expect(stderr).toMatch(/skill\/a .* is not what haal\.lock names; skill\/b .* is not what haal\.lock names/)
    await project.lacks('.haal')
  })

  test('[L6 U3] of wrong digests the hint names all, and that of an update of some of them is what takes all', async () => {
    const { acme, haal, store } = await cloned()
    await store.remove('store')
    await acme.write(v('v2'))
    const both = await haal('install').fails('E_INTEGRITY', 6)
    expect(both.stderr).toMatch(/hint: if the changes are meant, take them: haal update skill\/a skill\/b$/m)
    const one = await haal('update a').fails('E_INTEGRITY', 6)
    expect(one.stderr).toMatch(/hint: if the change is meant, take it: haal update$/m)
    await haal('update skill/a skill/b --dry-run').succeeds()
    await haal('update --approve skill/a').succeeds()
  })

  test('[O27] plain install reproduces them, too', async () => {
    const { acme, haal, installed, project } = await cloned()
    await acme.write(v('v2'))
    const lock = project.read('haal.lock')
    await haal('install').succeeds()
    expect(project.tree('.haal/skills')).toEqual(installed)
    expect(project.read('haal.lock')).toBe(lock)
  })

  test('[L6] needs nothing of a registry where the store has everything', async () => {
    const { acme, haal, installed, project, root } = await cloned()
    await root.remove('folders/acme')
    await haal('install --frozen --offline').succeeds()
    expect(project.tree('.haal/skills')).toEqual(installed)
    expect(acme.exists('skills')).toBe(false)
  })

  test('[L6] a registry that has other bytes by now is a wrong digest, and nothing is written', async () => {
    const { acme, haal, store } = await cloned()
    await store.remove('store')
    await acme.write({ 'skills/b/SKILL.md': skill('b', 'v2') })
    const { stderr } = await haal('install --frozen').fails('E_INTEGRITY', 6)
    expect(stderr).toMatch(/skill\/b .*is not what haal\.lock names/)
  })

  test('[L6] a missing lockfile', async () => {
    const { haal, project } = await cloned()
    await project.remove('haal.lock')
    await haal('install --frozen').fails('E_NO_LOCK', 9)
  })

  test('[L6] haal.json and haal.lock that differ, both ways, in one message', async () => {
    const { haal, project } = await cloned()
    const asked = project.json<Record<string, unknown>>('haal.json')
    await project.write({ 'haal.json': { ...asked, artifacts: { 'skill/a': '*', 'skill/c': '*' } } })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toMatch(/haal\.json asks for skill\/c/)
    expect(stderr).toMatch(/haal\.lock has skill\/b/)
    await haal('install --frozen --force').fails('E_FROZEN', 9)
  })

  test('[L6 U3] the file is named that asks for what differs, whichever it is', async () => {
    const { haal, project } = await cloned()
    const { artifacts: _all, ...wishes } = project.json<Record<string, unknown>>('haal.json')
    const changed = { ...wishes, artifacts: { 'skill/a': '^9', 'skill/c': '*' }, targets: ['claude'] }
    await project.remove('haal.json')
    for (const [file, body] of [
      ['haal.yaml', JSON.stringify(changed)],
      ['package.json', { haal: { ...changed, pins: { 'skill/a': '9.0.0' } } }],
    ] as const) {
      await project.write({ [file]: body })
      const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
      expect(stderr).toContain(`error: ${file}, haal.lock and the files differ in`)
      expect(stderr).toContain(`nothing in ${file} asks for`)
      expect(stderr).toContain(`hint: bring ${file} and haal.lock together with haal install`)
      expect(stderr).not.toContain('haal.json')
      await project.remove(file)
    }
  })

  test('[L6 L17] a pin that only one of haal.json and haal.lock has', async () => {
    const { haal, project } = await cloned()
    const asked = project.json<Record<string, unknown>>('haal.json')
    const { version } =
      project.json<{ artifacts: Record<string, { version: string }> }>('haal.lock').artifacts['skill/a'] ?? {}
    await project.write({ 'haal.json': { ...asked, pins: { 'skill/a': version } } })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toContain('differ: haal.json pins skill/a, haal.lock does not\n')
    await haal('install').succeeds()
    await haal('install --frozen').changesNothing()
    await project.write({ 'haal.json': asked })
    expect((await haal('install --frozen').fails('E_FROZEN', 9)).stderr).toContain(
      'haal.lock pins skill/a, haal.json does not',
    )
    expect((await haal('doctor').outcome()).stdout).toContain('haal.lock pins skill/a, haal.json does not')
  })

  test('[L6] a pattern in haal.json that fits nothing is as locked', async () => {
    const { haal, project } = await cloned()
    const artifacts = { 'skill/a': '*', 'skill/b': '*', 'rule/*': '*', 'acme:hook/*': '^2' }
    await project.write({ 'haal.json': { ...project.json<Record<string, unknown>>('haal.json'), artifacts } })
    await haal('install').succeeds()
    expect((await haal('install --frozen').succeeds()).stdout).toMatch(/^nothing to do/)
    expect((await haal('doctor').outcome()).stdout).not.toContain('not installed yet')
  })

  test('[L6 L4] a pattern whose range what is locked is not in', async () => {
    const { haal, project, acme } = await cloned()
    await acme.write({ 'skills/b/SKILL.md': skill('b', 'v1', { version: '1.2.0' }) })
    const ask = (artifacts: object) =>
      project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts } })
    await ask({ 'skill/a': '*', 'skill/*': '*' })
    await haal('update').succeeds()
    await ask({ 'skill/a': '*', 'skill/*': '^1' })
    await haal('install --frozen').succeeds()
    await ask({ 'skill/a': '*', 'skill/*': '^2' })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toContain('differ: haal.json asks for skill/*@^2, haal.lock has skill/b 1.2.0\n')
    const { stdout } = await haal('install --frozen --json').outcome()
    expect(JSON.parse(stdout).error.details.differences).toMatchObject([{ artifact: 'skill/b' }])
    expect((await haal('doctor').outcome()).stdout).toContain('asks for skill/*@^2, haal.lock has skill/b 1.2.0\n')
    await haal('install').fails('E_NO_VERSION', 3)
    await acme.write({ 'skills/b/SKILL.md': skill('b', 'v2', { version: '2.0.0' }) })
    await haal('install').succeeds()
    await haal('install --frozen').succeeds()
    await project.has({ '.haal/skills/b/SKILL.md': skill('b', 'v2', { version: '2.0.0' }) })
  })

  test('[L6] a pattern in haal.json is not as locked where all that fits came with a bundle', async () => {
    const { acme, haal, project } = await cloned()
    await acme.write({ 'competencies/kit.json': { skills: ['a', 'b'] } })
    const { artifacts: _asked, ...rest } = project.json<Record<string, unknown>>('haal.json')
    await project.write({ 'haal.json': { ...rest, artifacts: { 'bundle/kit': '*' } } })
    await haal('install').succeeds()
    await project.write({ 'haal.json': { ...rest, artifacts: { 'bundle/kit': '*', 'skill/*': '*' } } })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toContain('differ: haal.json asks for skill/*, which haal.lock lacks\n')
  })

  test('[L6 U6] a range that what is locked is not in is one difference, which doctor finds too', async () => {
    const { haal, project } = await cloned()
    const wishes = project.json<{ artifacts: object }>('haal.json')
    await project.write({ 'haal.json': { ...wishes, artifacts: { ...wishes.artifacts, 'skill/a': '^9' } } })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toMatch(/differ: haal\.json asks for skill\/a@\^9, haal\.lock has \S+\n {2}hint: /)
    const { stdout } = await haal('doctor --offline').outcome()
    expect(stdout).toMatch(/^bad {2}haal\.json +asks for skill\/a@\^9, haal\.lock has \S+\n {5}hint: haal install\n/m)
  })

  readOnly('[L6 L7] a project that cannot be written needs nothing where everything is in place', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    await project.remove('.haal/.state')
    const under = frozenDisk(project.path)
    for (const line of [
      'install --frozen',
      'install',
      'list',
      'verify',
      'why a',
      'diff',
      'outdated',
      'history',
      'policy check',
    ])
      await haal(line, { under }).changesNothing()
    expect((await haal('install --frozen', { under }).succeeds()).stdout).toMatch(/^nothing to do/)
    await project.write({ '.haal/skills/a/SKILL.md': 'changed' })
    await haal('install --frozen', { under }).fails('E_FROZEN', 9)
  })

  readOnly('[L6 L7] a disk without room left needs none where everything is in place', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    const under = fullDisk(project.path)
    for (const line of ['install --frozen', 'install --frozen --dry-run', 'install a', 'install'])
      expect((await haal(line, { under }).succeeds()).stdout, line).toMatch(/^nothing to do/)
    await haal('uninstall a', { under }).fails('E_DISK', 2)
    await project.remove('.haal/skills/b')
    const { stderr } = await haal('install --frozen', { under }).fails('E_DISK', 2)
    expect(stderr).toMatch(/\.haal\/skills\/b would have to be written, but .*no space left/)
  })

  readOnly('[L6 L12] what would have to be written there is named, and why it cannot be', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    await project.remove('.haal/skills/b')
    for (const line of ['install --frozen', 'install']) {
      const { stderr } = await haal(line, { under: frozenDisk(project.path) }).fails('E_DISK', 2)
      expect(stderr, line).toMatch(/\.haal\/skills\/b would have to be written, but .*read-only/)
    }
  })

  test('[L6] changed, added and deleted files, each named', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'changed', '.haal/skills/a/new.md': 'added' })
    await project.remove('.haal/skills/a/run.sh')
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    for (const word of ['changed SKILL.md', 'added new.md', 'missing run.sh']) expect(stderr).toContain(word)
    const done = await haal('install --frozen --json').fails('E_FROZEN', 9)
    expect(JSON.parse(done.stdout).error.details.differences).toMatchObject([{ artifact: 'skill/a' }])
  })

  test('[L6 T1] what differs in the folders of tools is named; what is absent there as a whole comes', async () => {
    const { haal, project } = await cloned()
    await project.write({ 'haal.json': { ...project.json<Record<string, unknown>>('haal.json'), targets: ['claude'] } })
    await haal('install').succeeds()
    await project.remove('.claude/skills/a')
    await haal('install --frozen').succeeds()
    await project.write({ '.claude/skills/a/SKILL.md': 'mine' })
    await project.remove('.claude/skills/a/run.sh', '.claude/skills/b')
    await project.write({ '.claude/skills/b': 'mine' })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toContain(
      'differ in 3 places\n  .claude/skills/a/run.sh differs (missing)\n  .claude/skills/a/SKILL.md differs (changed)\n  .claude/skills/b differs (changed)\n',
    )
    expect(stderr).toContain('hint: take back what is locked with haal install --force; edits are kept aside\n')
  })

  test('[L6 T1] what differs in haal.json, in .haal and in the folders of tools is told at once', async () => {
    const { haal, project } = await cloned()
    const asked = project.json<{ artifacts: object }>('haal.json')
    await project.write({ 'haal.json': { ...asked, targets: ['claude'] } })
    await haal('install').succeeds()
    const artifacts = { ...asked.artifacts, 'skill/z': '*' }
    await project.write({
      'haal.json': { ...asked, artifacts, targets: ['claude', 'cursor'] },
      '.haal/skills/b/SKILL.md': 'mine',
      '.claude/skills/a/SKILL.md': 'mine',
    })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(stderr).toContain('haal.json asks for skill/z, which haal.lock lacks\n')
    expect(stderr).toContain('skill/a is locked for claude:.claude/skills/a, haal.json wants it for')
    expect(stderr).toContain('.haal/skills/b differs (changed SKILL.md)\n')
    expect(stderr).toContain('.claude/skills/a/SKILL.md differs (changed)\n')
  })

  test('[L6 T1] tools that haal.json asks for and haal.lock does not, and the other way round', async () => {
    const { haal, project } = await cloned()
    const asked = project.json<Record<string, unknown>>('haal.json')
    await project.write({ 'haal.json': { ...asked, targets: ['claude'] } })
    const more = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(more.stderr).toContain('skill/a is locked for no tool, haal.json wants it for claude:.claude/skills/a\n')
    await haal('install').succeeds()
    await project.write({ 'haal.json': asked })
    const less = await haal('install --frozen').fails('E_FROZEN', 9)
    expect(less.stderr).toContain('skill/a is locked for claude:.claude/skills/a, haal.json wants it for none\n')
  })

  test('[L6 U3] of many differences the number is said, and the first of them; --json has all', async () => {
    const { haal, project } = await cloned()
    const more = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`skill/x${i}`, '*']))
    await project.write({ 'haal.json': { ...project.json<object>('haal.json'), artifacts: more } })
    const { stderr } = await haal('install --frozen').fails('E_FROZEN', 9)
    const lines = stderr.split('\n')
    expect(lines[0]).toBe('error: haal.json, haal.lock and the files differ in 42 places')
    expect(lines[1]).toBe('  haal.json asks for skill/x0, which haal.lock lacks')
    expect(lines[11]).toBe('  and 32 more; --json has all of them')
    const done = await haal('install --frozen --json').fails('E_FROZEN', 9)
    expect(JSON.parse(done.stdout).error.details.differences).toHaveLength(42)
  })

  test('[L6] an executable bit counts', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': { body: project.read('.haal/skills/a/SKILL.md'), mode: 0o755 } })
    await haal('install --frozen').fails('E_FROZEN', 9)
  })

  test('[L6] a policy violation stops it', async () => {
    const { haal, store } = await cloned()
    await store.write({
      'policy.json': { policyVersion: 1, artifacts: { deny: [{ match: 'skill/b', reason: 'no b' }] } },
    })
    expect((await haal('install --frozen').fails('E_POLICY_ARTIFACT', 5)).stderr).toMatch(/skill\/b.*no b/)
  })

  test('[L6] takes no names', async () => {
    const { haal } = await cloned()
    await haal('install a --frozen').fails('E_USAGE', 2)
    await haal('install --frozen --all').fails('E_USAGE', 2)
  })

  test('[L6] --dry-run says what would come', async () => {
    const { haal } = await cloned()
    expect((await haal('install --frozen --dry-run').changesNothing()).stdout).toMatch(
      /\+ skill\/a.*\n\+ skill\/b.*\n2 changes; a dry run/,
    )
  })
})

describe('verify', () => {
  test('[O28] finds added, changed and deleted files, and what no lockfile knows', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    expect((await haal('verify').changesNothing()).stdout).toBe('2 artifacts are as locked\n')
    await project.write({
      '.haal/skills/a/SKILL.md': 'changed',
      '.haal/skills/a/new/deep.md': 'added',
      '.haal/skills/stranger/SKILL.md': 'x',
    })
    await project.remove('.haal/skills/a/run.sh', '.haal/skills/b')
    const done = await haal('verify --json').outcome()
    expect(done.exit).toBe(9)
    expect(JSON.parse(done.stdout).result).toEqual({
      ok: false,
      checked: 2,
      problems: [
        { artifact: 'skill/a', path: '.haal/skills/a/SKILL.md', problem: 'changed' },
        { artifact: 'skill/a', path: '.haal/skills/a/new/deep.md', problem: 'added' },
        { artifact: 'skill/a', path: '.haal/skills/a/run.sh', problem: 'missing' },
        { artifact: 'skill/b', path: '.haal/skills/b', problem: 'missing' },
        { artifact: 'skill/stranger', path: '.haal/skills/stranger', problem: 'not-locked' },
      ],
    })
  })

  test('[O28 U3] of what lies there and is not locked it is said what helps', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'mine' })
    await haal('uninstall a b').succeeds()
    const { stdout, exit } = await haal('verify').outcome()
    expect(exit).toBe(9)
    expect(stdout).toMatch(
      /^not-locked .*\n1 difference from haal\.lock\nhaal install takes away what came from haal; move the rest, which is yours, out of \.haal\n/,
    )
    await haal('install').succeeds()
    expect((await haal('verify').outcome()).exit).toBe(9)
    await project.remove('.haal/skills/a')
    await haal('verify').succeeds()
  })

  test('[O28 U6] what lies there and is not locked is told by doctor, too, with the same next move', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    await project.write({ '.haal/skills/stranger/SKILL.md': 'x' })
    const { stdout, exit } = await haal('doctor --offline').outcome()
    expect(exit).toBe(2)
    const [, move] =
      /^bad +installed +2 artifacts; not in haal\.lock: \.haal\/skills\/stranger\n +hint: (.*)$/m.exec(stdout) ?? []
    expect((await haal('verify').outcome()).stdout).toContain(`\n${move}\n`)
    await project.remove('.haal/skills/stranger')
    await haal('doctor --offline').succeeds()
  })

  test('[O28] looks at bytes, not at times, and can be asked for one artifact', async () => {
    const { haal, project } = await cloned()
    await haal('install --frozen').succeeds()
    const { utimesSync, readFileSync } = await import('node:fs')
    const at = project.at('.haal/skills/a/SKILL.md')
    const before = readFileSync(at, 'utf8')
    await project.write({ '.haal/skills/a/SKILL.md': before.replace('v1', 'vX') })
    utimesSync(at, 1, 1)
    expect((await haal('verify').outcome()).exit).toBe(9)
    expect((await haal('verify b').succeeds()).stdout).toBe('1 artifact is as locked\n')
    await project.write({ '.haal/skills/a/SKILL.md': before })
    await haal('verify').succeeds()
  })

  test('[O28] without a lockfile there is nothing to verify', async () => {
    const { haal, project } = await cloned()
    await project.remove('haal.lock')
    await haal('verify').fails('E_NO_LOCK', 9)
  })
})
