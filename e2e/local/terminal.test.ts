import { describe, expect, test } from 'vitest'
import { documentOf, type Files, manifest, registryJson, skill, world } from '../world/index.js'

/** What a hostile registry might say of itself. */
const nasty = [
  'clear \u001b[2J\u001b[H',
  'title \u001b]0;owned\u0007',
  'link \u001b]8;;https://evil.test\u001b\\x\u001b]8;;\u001b\\',
  'clipboard \u001b]52;c;ZXZpbA==\u0007',
  'dcs \u001bP1$tx\u001b\\',
  'bell \u0007',
  'csi \u009b31m',
  'return \r overwritten',
  '\n::error::owned',
  '\n::set-output name=x::y',
]

const hostile: Files = {
  'registry.json': registryJson(
    nasty.map((description, i) => ({
      id: `a.t${i}`,
      name: 'T',
      version: '1.0.0',
      path: `curated/t${i}`,
      description,
      author: description,
    })),
  ),
  ...Object.fromEntries(
    nasty.map((description, i) => [
      `curated/t${i}/manifest.json`,
      manifest(`a.t${i}`, '1.0.0', { description, deprecated: description, requiredSecrets: [description] }),
    ]),
  ),
  'skills/s/SKILL.md': skill('s', 'x', { license: 'MIT \u001b[31m', description: 'red \u001b[31m' }),
}

/** No byte below space but newline and tab, no DEL, no C1. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

const lines = [
  'list --available',
  'search clipboard',
  'info a.t0',
  'install --all',
  'list',
  'why t3',
  'outdated',
  'verify',
  'history',
  'uninstall t1',
]

describe('what a registry says of itself', () => {
  test('[S10] reaches the terminal escaped, whatever the command (T01)', async () => {
    const { folder, haal } = await world()
    await folder('acme', hostile)
    for (const line of lines) {
      const { stdout, stderr } = await haal(line).outcome()
      expect(stdout, line).not.toMatch(controls)
      expect(stderr, line).not.toMatch(controls)
      expect(`${stdout}${stderr}`, line).not.toMatch(/^::/m)
    }
    expect((await haal('list --available').succeeds()).stdout).toMatch(/\\x1b|\\u001b|␛|\\e/)
  })

  test('[S10] is still defused where GitHub Actions reads along', async () => {
    const { folder, haal } = await world()
    await folder('acme', hostile)
    const env = { CI: 'true', GITHUB_ACTIONS: 'true' }
    for (const line of ['install --all', 'list', 'info a.t8', 'install nosuch']) {
      const { stdout, stderr } = await haal(line, { env }).outcome()
      expect(`${stdout}${stderr}`, line).not.toMatch(/^::(error|set-output)[^\n]*owned/m)
      expect(stdout, line).not.toMatch(/^::/m)
    }
  })

  test('[U2 S10] is one valid JSON document with --json, success or failure (T05)', async () => {
    const { folder, haal } = await world()
    await folder('acme', hostile)
    for (const line of [...lines, 'install nosuch', 'install t0@9.9.9', 'rollback --to 99']) {
      const done = await haal(`${line} --json`).outcome()
      const document = documentOf(done)
      expect(document.ok, line).toBe(done.exit === 0 || done.exit === 9)
      expect(done.stdout.trimEnd(), line).not.toMatch(controls)
      expect(done.stdout.endsWith('}\n'), line).toBe(true)
      expect(done.stderr, line).toBe('')
    }
  })
})

describe('streams and exit codes', () => {
  test('[U2] the answer goes to stdout, everything else to stderr', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/My_A/SKILL.md': skill('My_A') })
    const done = await haal('install My_A').succeeds()
    expect(done.stdout).toMatch(/^\+ skill\/My_A .*\n1 change, generation 1\n$/)
    expect(done.stderr).toMatch(/^warning: [^\n]*\[W_NAME\]\n$/)
    const failed = await haal('install b').fails('E_NOT_FOUND', 3)
    expect(failed.stdout).toBe('')
    expect(failed.stderr).toMatch(/^error: .*\n {2}hint: .*\n {2}code: E_NOT_FOUND\n$/)
  })

  test('[U2] --quiet says nothing where all is well, and still says what is wrong', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/My_A/SKILL.md': skill('My_A') })
    const done = await haal('install My_A --quiet').succeeds()
    expect(`${done.stdout}${done.stderr}`).toBe('')
    expect((await haal('install b --quiet').fails('E_NOT_FOUND', 3)).stderr).toMatch(/E_NOT_FOUND/)
    expect((await haal('list --quiet').succeeds()).stdout).toMatch(/skill\/My_A/)
  })

  test('[U2] --verbose tells what is otherwise kept quiet', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/skill.md': skill('other-name') })
    expect((await haal('install a').succeeds()).stderr).toBe('')
    await project.remove('haal.lock', '.haal')
    expect((await haal('install a --verbose').succeeds()).stderr).toMatch(
      /its file is skill\.md, not SKILL\.md.*W_SKILL/,
    )
  })

  test('[U2] colours come only where a terminal wants them', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') })
    const { stdout } = await haal('list --available', {
      env: { NO_COLOR: undefined, FORCE_COLOR: undefined },
    }).succeeds()
    expect(stdout).not.toMatch(controls)
  })

  const exits: [line: string, code: string, exit: number][] = [
    ['frobnicate', 'E_USAGE', 2],
    ['install a --nonsense', 'E_USAGE', 2],
    ['install --kind nonsense --all', 'E_USAGE', 2],
    ['install nosuch', 'E_NOT_FOUND', 3],
    ['uninstall nosuch', 'E_NOT_INSTALLED', 3],
    ['rollback --to 99', 'E_NO_GENERATION', 3],
    ['install a@^99', 'E_NO_VERSION', 3],
    ['install twin', 'E_AMBIGUOUS', 4],
    ['install evil', 'E_ENTRY_TYPE', 6],
    ['install nowhere:a', 'E_NOT_FOUND', 3],
    ['install a --from ../folders/nowhere', 'E_REGISTRY_UNAVAILABLE', 7],
    ['install --frozen', 'E_NO_LOCK', 9],
    ['verify', 'E_NO_LOCK', 9],
  ]

  test('[U3] every failure has its code, its class and a next step', async () => {
    const { folder, haal } = await world()
    await folder('acme', {
      'skills/a/SKILL.md': skill('a', 'x', { version: '1.0.0' }),
      'skills/twin/SKILL.md': skill('twin'),
      'agents/twin.md': 'x',
      'skills/evil/SKILL.md': skill('evil'),
      'skills/evil/l': { link: 'SKILL.md' },
    })
    for (const [line, code, exit] of exits) {
      const { stderr } = await haal(line).fails(code, exit)
      expect(stderr, line).toMatch(/^error: [a-z"\-./~\d]/)
      if (code !== 'E_ENTRY_TYPE') expect(stderr, line).toMatch(/\n {2}hint: /)
    }
  })
})
