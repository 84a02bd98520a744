import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Files, skill, world } from '../world/index.js'

const files: Files = { 'skills/a/SKILL.md': skill('a') }

async function configured(config: unknown) {
  const at = await world()
  await at.folder('acme', files, { listed: false })
  await at.project.write({ 'haal.json': typeof config === 'string' ? config : (config as Record<string, unknown>) })
  return at
}

const registry = (more: Record<string, unknown>) => ({
  registries: [{ name: 'acme', location: '../folders/acme', ...more }],
})
const many = Array.from({ length: 1000 }, (_, i) => ({ name: `r${i}`, location: '../folders/acme' }))

describe('a configuration', () => {
  const wrong: [what: string, config: unknown, code: string, says: RegExp][] = [
    [
      'two registries of one name (C08)',
      {
        registries: [
          { name: 'x', url: '../a' },
          { name: 'x', url: '../b' },
        ],
      },
      'E_CONFIG',
      /"x"/,
    ],
    [
      'a registry named __proto__ (C08)',
      '{"registries":[{"name":"__proto__","location":"../folders/acme"}]}',
      'E_NAME',
      /__proto__/,
    ],
    ['a registry named with a way out (C08)', registry({ name: '../x' }), 'E_NAME', /\.\.\/x/],
    ['a thousand registries (C08)', { registries: many }, 'E_CONFIG', /1000 registries/],
    ['a negative priority (C08)', registry({ priority: -1 }), 'E_CONFIG', /\$\.registries\[0\]\.priority .*, not -1/],
    ['url and location that differ (O18)', registry({ url: '../folders/other' }), 'E_CONFIG', /"location" and "url"/],
    ['branch and ref that differ', registry({ branch: 'a', ref: 'b' }), 'E_CONFIG', /"ref" and "branch"/],
    ['a checksum that is none', registry({ checksum: 'md5-x' }), 'E_CONFIG', /checksum/],
    ['a key twice', '{"registries":[],"registries":[]}', 'E_CONFIG_PARSE', /"registries" twice/],
    ['__proto__ as a key', '{"__proto__":{}}', 'E_CONFIG_PARSE', /__proto__/],
    ['what is no JSON', '{ "registries": [ }', 'E_CONFIG_PARSE', /haal\.json:1:19/],
    ['a list of numbers', '[1, 2]', 'E_CONFIG', /\$\[0\]/],
    ['text where artifacts belong', { artifacts: 'skill/a' }, 'E_CONFIG', /artifacts/],
    [
      'a user name in an address (C03)',
      registry({ location: 'https://ada:hunter2@acme.test/x' }),
      'E_URL_CREDENTIALS',
      /acme/,
    ],
    [
      'a token in an address (C03)',
      registry({ location: 'https://acme.test/x?token=hunter2' }),
      'E_URL_CREDENTIALS',
      /acme/,
    ],
    ['a program as an address', registry({ location: 'ext::sh -c touch% pwned' }), 'E_TRANSPORT', /run a program/],
    [
      'an option as an address',
      registry({ type: 'git', location: '--upload-pack=touch pwned' }),
      'E_TRANSPORT',
      /run a program/,
    ],
    ['an address of no kind', registry({ location: 'gopher://acme.test/x' }), 'E_TRANSPORT', /gopher/],
  ]

  test.each(wrong)('[S5 A1] with %s is refused', async (_what, config, code, says) => {
    const { haal, project } = await configured(config)
    const { stderr, stdout } = await haal('install a').fails(code, code === 'E_NAME' ? 6 : 2)
    expect(stderr).toMatch(says)
    expect(`${stdout}${stderr}`).not.toMatch(/hunter2/)
    await project.lacks('.haal', 'haal.lock')
  })

  test('[U3 U6] a misspelt key is told where it is why a command fails, or why a list is empty', async () => {
    const { haal } = await configured({ registryconfig: { registries: {} } })
    const slip =
      /^warning: haal\.json has the key "registryconfig", which haal does not use; did you mean "registryConfig"\?/m
    expect((await haal('install a').fails('E_NO_REGISTRY', 3)).stderr).toMatch(slip)
    expect((await haal('registry list').succeeds()).stderr).toMatch(slip)
    expect((await haal('list --available --json').fails('E_NO_REGISTRY', 3)).stdout).toMatch(/^\{.*\}\n$/)
  })

  test.each([
    [{ locaton: './acme' }, 'E_CONFIG', 2, 'did you mean "location" by "locaton"?'],
    [{}, 'E_CONFIG', 2, 'give "location": a path, a URL or org/repo'],
    ...[{}, { ref: 'v3' }].map(
      (more) =>
        [
          { location: 'acme/skills', ...more },
          'E_REGISTRY_UNAVAILABLE',
          7,
          'check the path; a GitHub repository is https://github.com/acme/skills',
        ] as const,
    ),
  ] as const)('[U6] of a registry that is written %j the next move is told', async (entry, code, exit, hint) => {
    const { haal } = await configured({ registries: [{ name: 'acme', ...entry }] })
    expect((await haal('list --available').fails(code, exit)).stderr).toContain(`  hint: ${hint}\n`)
  })

  test('[A21] keys that haal does not use are a warning, and stay', async () => {
    const { haal, project } = await configured({ ...registry({ note: 'x' }), colour: 'red', autoInstall: true })
    const { stderr } = await haal('install a').succeeds()
    expect(stderr).toMatch(/"colour".*W_CONFIG_KEY/)
    expect(stderr).toMatch(/autoInstall.*W_AUTO_INSTALL/)
    expect(project.json('haal.json')).toMatchObject({
      colour: 'red',
      registries: [{ note: 'x' }],
      artifacts: { 'skill/a': '*' },
    })
  })

  test('[O2] comments and the order of keys survive an install', async () => {
    const text = `{
  // where everything comes from
  "targets": [],
  "registries": [{ "name": "acme", "location": "../folders/acme" }],
  "routes": [{ "kind": "tool", "registry": "acme" }],
  /* what we use */
  "artifacts": {
    // nothing yet
  }
}
`
    const { haal, project } = await configured(text)
    await haal('install a').succeeds()
    const now = project.read('haal.json')
    for (const line of ['// where everything comes from', '/* what we use */', '// nothing yet'])
      expect(now).toContain(line)
    expect(now).toContain('[{ "name": "acme", "location": "../folders/acme" }]')
    expect(now.indexOf('targets')).toBeLessThan(now.indexOf('registries'))
    await haal('uninstall a').succeeds()
    expect(project.read('haal.json').replace(/\s+/g, ' ')).toBe(text.replace(/\s+/g, ' '))
  })

  test('[S11] code is run only where the person names it', async () => {
    const { haal, project, root } = await configured(registry({}))
    const mark = `import fs from 'node:fs'\nfs.writeFileSync(${JSON.stringify(root.at('ran'))}, '')\n`
    await project.remove('haal.json')
    await project.write({
      'haal.config.mjs': `${mark}export default ${JSON.stringify(registry({}))}\n`,
      '.haalrc.js': mark,
      'haal.js': mark,
      '.config/config.mjs': mark,
      '.config/config.cjs': `require('node:fs').writeFileSync(${JSON.stringify(root.at('ran'))}, '')\n`,
      'package.json': { name: 'x', type: 'module' },
    })
    await haal('install a').fails('E_NO_REGISTRY', 3)
    await root.lacks('ran')
    await haal('install a --config haal.config.mjs').succeeds()
    expect(root.exists('ran')).toBe(true)
  })

  test('[A1] is found under every name that haal knows', async () => {
    const list = registry({})
    const yaml = 'registries:\n  - name: acme\n    location: ../folders/acme\n'
    const ways: Files[] = [
      { 'haal.yaml': yaml },
      { '.haalrc': yaml },
      { '.haalrc.json': list },
      { '.config/haal.json': { registries: [{ name: 'acme', location: '../../folders/acme' }] } },
      { 'package.json': { name: 'x', haal: list } },
      { '.haal/registries.json': [{ name: 'acme', url: '../../folders/acme' }] },
    ]
    for (const way of ways) {
      const { haal, project } = await configured('{}')
      await project.remove('haal.json')
      await project.write(way)
      await haal('install a --dry-run').changesNothing()
    }
  })
})

describe('the state folder', () => {
  test('[S5] that is a link, a dangling link or a file is refused, and what it leads to is untouched (F01)', async () => {
    const places: Files[] = [
      { '.haal': { link: '../other' } },
      { '.haal': { link: '../nowhere' } },
      { '.haal': 'a file' },
      { '.haal/.state': { link: '../../other' } },
      { '.haal/skills': { link: '../../other' } },
    ]
    for (const place of places) {
      const { haal, project, root } = await configured(registry({}))
      await root.write({ 'other/skills/a/x': 'theirs' })
      await project.write(place)
      expect((await haal('install a').fails('E_STATE_UNSAFE', 2)).stderr).toMatch(/\.haal/)
      expect(Object.keys(root.tree('other'))).toEqual(['skills', 'skills/a', 'skills/a/x'])
    }
  })

  test('[S5] has files of haal’s that are links: what these lead to is untouched (F01)', async () => {
    const { haal, project, root } = await configured(registry({}))
    await haal('install a').succeeds()
    await root.write({ 'other/file': 'theirs' })
    for (const name of ['boot.json', 'names', '.gitignore']) {
      await project.remove(`.haal/.state/${name}`)
      await project.write({ [`.haal/.state/${name}`]: { link: '../../../other/file' } })
    }
    for (const line of ['list', 'list --available', 'uninstall a']) await haal(line).succeeds()
    await root.has({ 'other/file': 'theirs' })
    await project.remove('.haal/.state/.gitignore')
    await project.write({ '.haal/.state/.gitignore': { link: '../../../other' } })
    await haal('install a').succeeds()
    await project.has({ '.haal/.state/.gitignore': '*\n', '.haal/.state/names': /available/ })
  })

  test('[S5 L7] that has become a link is refused by an install with nothing to do, too (F01)', async () => {
    const { haal, project } = await configured(registry({}))
    await haal('install a').succeeds()
    fs.renameSync(project.at('.haal'), project.at('moved'))
    fs.symlinkSync(project.at('moved'), project.at('.haal'), 'junction')
    await haal('install').fails('E_STATE_UNSAFE', 2)
  })

  test.skipIf(process.platform === 'win32')(
    '[S5] haal.json behind a link is written where it is, in the project',
    async () => {
      const { haal, project, root } = await configured(registry({}))
      const text = project.read('haal.json')
      await project.remove('haal.json')
      await project.write({ 'config/haal.json': text, 'haal.json': { link: 'config/haal.json' } })
      await haal('install a').succeeds()
      expect(fs.readlinkSync(project.at('haal.json'))).toBe('config/haal.json')
      await project.has({ 'config/haal.json': /"skill\/a"/ })
      await haal('uninstall a').succeeds()
      expect(project.json('config/haal.json')).toEqual(registry({}))
      await root.write({ 'other/haal.json': text, 'project/.git/haal.json': text })
      for (const link of ['../other/haal.json', '.git/haal.json']) {
        fs.unlinkSync(project.at('haal.json'))
        await project.write({ 'haal.json': { link } })
        const { stderr } = await haal('install a').fails('E_STATE_UNSAFE', 2)
        expect(stderr).toContain('haal.json is a link that leads out of the project, or into git’s own folder')
      }
      await root.has({ 'other/haal.json': text, 'project/.git/haal.json': text })
      await project.lacks('.haal/skills')
    },
  )

  test('[L11] leftovers of a dead process are cleared away (F14)', async () => {
    const { haal, project } = await configured(registry({}))
    await haal('install a').succeeds()
    const clean = Object.keys(project.tree())
    await project.write({
      '.haal/.haal-new-dead-1/SKILL.md': 'x',
      '.haal/skills/.haal-old-dead-1/SKILL.md': 'x',
      '.haal/.state/journal.json.tmp': 'x',
      '.haal/.state/journal.json': '',
    })
    await haal('install').succeeds()
    await haal('list').succeeds()
    const left = Object.keys(project.tree()).filter((at) => !clean.includes(at))
    expect(left.filter((at) => /journal|tmp/.test(at))).toEqual([])
    await haal('verify').succeeds()
  })

  test('[L2] a journal of a newer haal is refused and left alone (F14)', async () => {
    const { haal, project } = await configured(registry({}))
    await haal('install a').succeeds()
    await project.write({ '.haal/.state/journal.json': { journalVersion: 99, version: 99 } })
    const done = await haal('install').outcome()
    expect(done.exit).toBe(2)
    expect(project.exists('.haal/.state/journal.json')).toBe(true)
  })
})

describe.skipIf(process.platform === 'win32')('what can never be read to its end', () => {
  const odd: [what: string, make: (at: string) => void][] = [
    ['a link to a device', (at) => fs.symlinkSync('/dev/zero', at)],
    ['a pipe', (at) => void execFileSync('mkfifo', [at])],
  ]
  const names = ['haal.json', 'haal.lock', '.haal/.state/journal.json']

  test.each(odd.flatMap(([what, make]) => names.map((name) => [what, name, make] as const)))(
    '[S5 U3] %s in the place of %s is told at once',
    async (_what, name, make) => {
      const { haal, project } = await configured(registry({}))
      await haal('install a').succeeds()
      fs.rmSync(project.at(name), { force: true })
      make(project.at(name))
      for (const verb of ['install', 'list'])
        expect((await haal(verb).fails('E_DISK', 2)).stderr).toContain(`${name}: is a pipe, a device or a socket`)
    },
  )

  test('[S5 U3] a lockfile beyond all measure is told at once', async () => {
    const { haal, project } = await configured(registry({}))
    await haal('install a').succeeds()
    fs.truncateSync(project.at('haal.lock'), 300 * 2 ** 20)
    expect((await haal('list').fails('E_DISK', 2)).stderr).toContain('haal.lock: is larger than any file of this sort')
  })

  test('[P11] an audit log that is a pipe which nobody reads stops the command', async () => {
    const { haal, project } = await configured({ ...registry({}), policy: 'policy.json' })
    execFileSync('mkfifo', [project.at('audit.pipe')])
    const audit = { file: project.at('audit.pipe'), required: true }
    await project.write({ 'policy.json': { policyVersion: 1, name: 'acme', version: 1, audit } })
    const { stderr } = await haal('install a').fails('E_POLICY_AUDIT', 5)
    expect(stderr).toContain('is a pipe that nobody reads')
  })
})
