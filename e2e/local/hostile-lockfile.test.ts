import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { documentOf, skill, world } from '../world/index.js'

interface Lock {
  lockfileVersion: number
  registries: Record<string, Record<string, unknown>>
  artifacts: Record<string, Record<string, unknown>>
  [key: string]: unknown
}

/** A project with skill/a installed, and a way to tamper with its lockfile. */
async function locked() {
  const at = await world()
  const acme = await at.folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1') })
  await at.folder('evil', { 'skills/a/SKILL.md': skill('a', 'v1') }, { listed: false })
  await at.haal('install a').succeeds()
  const tamper = async (change: (lock: Lock) => unknown) => {
    const lock = at.project.json<Lock>('haal.lock')
    change(lock)
    await at.project.write({ 'haal.lock': lock })
  }
  const artifact = (change: Record<string, unknown>) =>
    tamper(({ artifacts }) => Object.assign(artifacts['skill/a'] ?? {}, change))
  return { ...at, acme, tamper, artifact }
}

const verbs = ['install', 'install --frozen', 'update', 'uninstall a', 'verify', 'list']

describe('a lockfile that was tampered with', () => {
  test('[S4 S5] that sends haal to another address is refused by install and frozen (L01)', async () => {
    const { haal, project, tamper } = await locked()
    await tamper(({ registries }) => Object.assign(registries.acme ?? {}, { location: '../folders/evil' }))
    await project.remove('.haal/skills')
    await haal('install --frozen').fails('E_LOCK_SOURCE', 2)
    await haal('install').fails('E_LOCK_SOURCE', 2)
  })

  test('[S4] that has another address for a registry than the primary lists is refused before anything comes from there (L01)', async () => {
    const at = await world()
    for (const name of ['second', 'evil']) await at.folder(name, { 'skills/b/SKILL.md': skill('b') }, { listed: false })
    await at.folder('acme', {
      'skills/a/SKILL.md': skill('a'),
      'registries.json': [{ name: 'second', url: '../second' }],
    })
    await at.haal('install b').succeeds()
    const lock = at.project.json<Lock>('haal.lock')
    Object.assign(lock.registries.second ?? {}, { location: '../folders/evil' })
    await at.project.write({ 'haal.lock': lock })
    await at.project.remove('.haal/skills')
    await at.store.remove('store')
    const { stderr } = await at.haal('install --frozen').fails('E_LOCK_SOURCE', 2)
    expect(stderr).toMatch(/has registry "second" at \.\.\/folders\/evil/)
  })

  test('[S4] what is one folder, however it is written, is no other address, and haal.lock has it as haal.json', async () => {
    const { haal, project, store } = await locked()
    const said = () => project.json<Lock>('haal.lock').registries.acme?.location
    const { registries: _was, ...rest } = project.json<object & { registries: object }>('haal.json')
    const absolute = path.resolve(project.path, '../folders/acme')
    for (const location of [absolute, '../folders/acme', pathToFileURL(absolute).href]) {
      await project.write({ 'haal.json': { registries: [{ name: 'acme', location }], ...rest } })
      await haal('install --frozen').changesNothing()
      await haal('install').succeeds()
      expect(said()).toBe(location)
      await haal('install').changesNothing()
    }
    await project.remove('.haal/skills')
    await store.remove('store')
    await haal('install').succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': skill('a', 'v1') })
    await project.write({ 'haal.json': { registries: [{ name: 'acme', location: `${absolute}/../evil` }], ...rest } })
    await haal('install').fails('E_LOCK_SOURCE', 2)
  })

  test('[S4] what only a link makes one folder is another address', async () => {
    const { haal, project } = await locked()
    const { registries: _was, ...rest } = project.json<object & { registries: object }>('haal.json')
    const registries = [{ name: 'acme', location: '../folders/link' }]
    await project.write({ 'haal.json': { registries, ...rest }, '../folders/link': { link: 'acme' } })
    await haal('install').fails('E_LOCK_SOURCE', 2)
  })

  test('[S4 U3] that names another type of registry at the same address is told by the types (L01)', async () => {
    const { haal, tamper } = await locked()
    await tamper(({ registries }) => Object.assign(registries.acme ?? {}, { type: 'npm' }))
    const { stderr } = await haal('install').fails('E_LOCK_SOURCE', 2)
    expect(stderr).toContain('haal.lock has registry "acme" of type npm, the configuration of type file')
  })

  test('[S4] that names a registry which nobody configured is refused (L01)', async () => {
    const { haal, tamper } = await locked()
    await tamper((lock) => {
      lock.registries.evil = { type: 'file', location: '../folders/evil' }
      Object.assign(lock.artifacts['skill/a'] ?? {}, { registry: 'evil' })
    })
    await haal('install --frozen').fails('E_LOCK_SOURCE', 2)
    await haal('install').fails('E_LOCK_SOURCE', 2)
  })

  test('[A8] whose address carries a password or token is refused without repeating it (hostile L01)', async () => {
    for (const location of ['https://me:canary77@x.example/y', 'https://x.example/y?token=canary77']) {
      const { haal, tamper } = await locked()
      await tamper(({ registries }) =>
        Object.assign(registries, { q: { type: 'git', location, revision: 'a'.repeat(40) } }),
      )
      for (const flags of ['', '--json']) {
        const { stderr, stdout } = await haal(`install ${flags}`).fails('E_LOCK_SOURCE', 2)
        expect(stdout + stderr).not.toContain('canary77')
      }
      await tamper(({ registries: { q: _q, ...rest } }) => Object.assign(rest.acme ?? {}, { type: 'git', location }))
      const { stderr, stdout } = await haal('install --json').fails('E_LOCK_SOURCE', 2)
      expect(stdout + stderr).not.toContain('canary77')
    }
  })

  test('[S5] whose digest is missing, empty, a list, a number or SHA-1 is refused by every command (L02)', async () => {
    const { artifact, haal } = await locked()
    for (const integrity of [
      undefined,
      '',
      [],
      7,
      null,
      'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
      `sha256-${'a'.repeat(64)}`,
    ]) {
      await artifact({ integrity })
      await haal('install --frozen').fails('E_LOCK_INTEGRITY', 2)
    }
    for (const verb of verbs) await haal(verb).fails('E_LOCK_INTEGRITY', 2)
  })

  test('[S5 L6] with one digit of a digest changed is a wrong digest, which --force does not pass (L03)', async () => {
    const { artifact, haal, project, store } = await locked()
    const { integrity } = project.json<Lock>('haal.lock').artifacts['skill/a'] ?? {}
    const [first = ''] = String(integrity).slice(7)
    await artifact({ integrity: `sha256-${first === 'A' ? 'B' : 'A'}${String(integrity).slice(8)}` })
    await project.remove('.haal/skills')
    for (const line of ['install --frozen', 'install', 'install --force']) await haal(line).fails('E_INTEGRITY', 6)
    await store.remove('store')
    await haal('install --frozen --force').fails('E_INTEGRITY', 6)
  })

  test('[L6] that lists more or less than haal.json asks for is a frozen difference (L05)', async () => {
    const { haal, project } = await locked()
    const asked = project.json<object>('haal.json')
    await project.write({ 'haal.json': { ...asked, artifacts: {} } })
    expect((await haal('install --frozen').fails('E_FROZEN', 9)).stderr).toMatch(/haal\.lock has skill\/a/)
    await project.write({ 'haal.json': { ...asked, artifacts: { 'skill/a': '*', 'skill/b': '*' } } })
    expect((await haal('install --frozen').fails('E_FROZEN', 9)).stderr).toMatch(/asks for skill\/b/)
  })

  const texts: [what: string, text: (lock: string) => string][] = [
    ['__proto__ in it', (lock) => lock.replace('"artifacts": {', '"artifacts": { "__proto__": {},')],
    ['a key twice', (lock) => lock.replace('"lockfileVersion": 1', '"lockfileVersion": 1, "lockfileVersion": 1')],
    ['Windows line ends', (lock) => lock.replaceAll('\n', '\r\n')],
    ['a byte order mark', (lock) => `\ufeff${lock}`],
    ['no bytes at all', () => ''],
    ['half of its bytes', (lock) => lock.slice(0, lock.length / 2)],
    ['a list', () => '[]\n'],
    ['nothing but null', () => 'null\n'],
    ['depth', () => `${'['.repeat(2000)}\n`],
  ]

  test.each(texts)('[S5] with %s is refused by every command, with what to do (L07)', async (what, text) => {
    const { haal, project } = await locked()
    await project.write({ 'haal.lock': text(project.read('haal.lock')) })
    const code = what === 'depth' ? 'E_LIMIT_DEPTH' : 'E_LOCK_PARSE'
    for (const verb of ['install', 'install --frozen', 'list']) await haal(verb).fails(code, what === 'depth' ? 6 : 2)
  })

  test('[L3] with git’s conflict markers is an error of every command; install resolves what both sides agree on', async () => {
    const { acme, haal, project } = await locked()
    await acme.write({ 'skills/b/SKILL.md': skill('b'), 'skills/c/SKILL.md': skill('c') })
    const base = project.read('haal.lock')
    await haal('install b').succeeds()
    const ours = project.read('haal.lock')
    await haal('uninstall b').succeeds()
    await haal('install c').succeeds()
    const theirs = project.read('haal.lock')
    expect(base).not.toBe(ours)
    await project.write({
      'haal.lock': `<<<<<<< HEAD\n${ours}=======\n${theirs}>>>>>>> other\n`,
      'haal.json': {
        ...project.json<object>('haal.json'),
        artifacts: { 'skill/a': '*', 'skill/b': '*', 'skill/c': '*' },
      },
    })
    for (const verb of ['list', 'verify', 'install --frozen', 'update', 'uninstall a'])
      expect((await haal(verb).fails('E_LOCK_PARSE', 2)).stderr, verb).toMatch(
        /conflict markers\n +hint: .*haal install/,
      )
    await haal('install').succeeds()
    expect(Object.keys(project.json<Lock>('haal.lock').artifacts)).toEqual(['skill/a', 'skill/b', 'skill/c'])
    await haal('install --frozen').changesNothing()
  })

  test('[L3] haal.json with conflict markers is an error of every command', async () => {
    const { haal, project } = await locked()
    const text = project.read('haal.json')
    await project.write({ 'haal.json': `<<<<<<< HEAD\n${text}=======\n${text}>>>>>>> other\n` })
    for (const verb of ['install', 'install --frozen', 'update', 'uninstall a', 'list --available'])
      expect((await haal(verb).fails('E_CONFIG_PARSE', 2)).stderr, verb).toMatch(
        /haal\.json:1 has git conflict markers/,
      )
  })

  const places: [what: string, change: Record<string, unknown>][] = [
    ['a path out', { path: '../../etc' }],
    ['a target out', { targets: ['claude:../../home/.bashrc'] }],
    ['a target that is absolute', { targets: ['/etc/passwd'] }],
    ['a copy out', { copies: ['../../home/.bashrc'] }],
    ['a file out', { file: '../../../home/.bashrc' }],
    ['an entry out', { entry: '../../x.js' }],
    ['a name out', { as: '../x' }],
  ]

  test.each(places)('[S5] with %s is refused, and nothing there is touched (L10)', async (_what, change) => {
    const { artifact, haal, home } = await locked()
    await home.write({ '.bashrc': 'mine' })
    await artifact(change)
    for (const verb of ['install --frozen', 'uninstall a']) await haal(verb).fails('E_LOCK_PATH', 2)
    await home.has({ '.bashrc': 'mine' })
  })

  test('[S5] with an artifact named after a way out is refused (L10)', async () => {
    const { haal, project } = await locked()
    await project.write({ 'haal.lock': project.read('haal.lock').replace('"skill/a"', '"skill/../../x"') })
    await haal('uninstall a').fails('E_LOCK_PATH', 2)
    await haal('install').fails('E_LOCK_PATH', 2)
  })
})

describe('other versions of the lockfile', () => {
  test('[L2] keys that this haal does not know are kept', async () => {
    const { acme, artifact, haal, project, tamper } = await locked()
    await artifact({ futureKey: { deep: [1, 2] } })
    await tamper((lock) => {
      lock.futureTop = 'x'
      Object.assign(lock.registries.acme ?? {}, { futureRegistry: true })
    })
    await acme.write({ 'skills/b/SKILL.md': skill('b') })
    await haal('install b').succeeds()
    expect(project.json('haal.lock')).toMatchObject({
      futureTop: 'x',
      registries: { acme: { futureRegistry: true } },
      artifacts: { 'skill/a': { futureKey: { deep: [1, 2] } }, 'skill/b': {} },
    })
    await haal('install').changesNothing()
  })

  test('[L2] a newer lockfileVersion is refused with the version to upgrade to', async () => {
    const { haal, tamper } = await locked()
    await tamper((lock) => {
      lock.lockfileVersion = 2
    })
    for (const verb of verbs)
      expect((await haal(verb).fails('E_LOCK_VERSION', 2)).stderr, verb).toMatch(/hint: .*haal@2/)
    const done = await haal('install --json').fails('E_LOCK_VERSION', 2)
    expect(documentOf(done).error).toMatchObject({ details: { lockfileVersion: 2 } })
  })
})
