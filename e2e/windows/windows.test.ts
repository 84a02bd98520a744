import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { agent, type Files, skill, type World, world } from '../world/index.js'

/* haal under a Windows Node, as scripts/windows.mjs runs it; this test itself runs on Linux and sees what lies on the disk in the end. */

const bin = path.resolve(import.meta.dirname, '../../bin/haal.js')
const strike = path.join(import.meta.dirname, 'strike.cjs')

const files: Files = {
  'skills/review/SKILL.md': skill('review', 'v1'),
  'skills/review/references/deep/list.md': 'nested\n',
  'skills/test/SKILL.md': skill('test', 'v1'),
  'agents/reviewer.md': agent('reviewer'),
}

/** As Windows names a place of this machine. */
function windows(at: string): string {
  return `Z:${at.replaceAll('/', '\\')}`
}

/** haal on this machine, in a folder of the world that has a store of its own. */
function onLinux({ root }: World, folder: string, line: string): void {
  execFileSync(process.execPath, [bin, ...line.split(' ')], {
    cwd: root.at(folder),
    env: { PATH: process.env.PATH ?? '', HOME: root.at('home'), HAAL_HOME: root.at('linux-home') },
  })
}

/** A project with a registry and Claude, and the same project once more for Linux. */
async function both(content: Files = files, entry: Record<string, unknown> = {}) {
  const at = await world()
  const acme = await at.folder('acme', content, { entry })
  await at.project.write({ 'haal.json': { ...at.project.json<object>('haal.json'), targets: ['claude'] } })
  await at.root.write({ 'linux/haal.json': at.project.read('haal.json') })
  return { ...at, acme, linux: at.root.below('linux') }
}

/** What haal leaves nowhere but in the middle of its work. */
function debrisIn({ project }: World): string[] {
  return Object.keys(project.tree()).filter((file) => /\.haal-(new|old|own)-|journal|\.tmp$|mutex\//.test(file))
}

describe('a project on Windows', () => {
  test('[U8 L1 O2] is in every byte the project that Linux makes', async () => {
    const made = await both()
    const { haal, project, linux } = made
    await haal('install --all').succeeds()
    onLinux(made, 'linux', 'install --all')
    for (const file of ['haal.lock', 'haal.json']) expect(project.read(file)).toBe(linux.read(file))
    for (const folder of ['.haal/skills', '.haal/agents', '.claude'])
      expect(project.tree(folder), folder).toEqual(linux.tree(folder))
    expect(project.exists('.claude/skills/review/references/deep/list.md')).toBe(true)
    expect(project.read('haal.lock')).not.toContain('\\')
  })

  test('[U8 L6] is installed from the lockfile that Linux made, and the other way round', async () => {
    const made = await both()
    const { haal, project, linux, root } = made
    onLinux(made, 'linux', 'install --all')
    await project.write({ 'haal.json': linux.read('haal.json'), 'haal.lock': linux.read('haal.lock') })
    await haal('install --frozen').succeeds()
    expect(project.read('haal.lock')).toBe(linux.read('haal.lock'))
    await haal('verify').succeeds()
    await root.write({ 'back/haal.json': project.read('haal.json'), 'back/haal.lock': project.read('haal.lock') })
    onLinux(made, 'back', 'install --frozen')
    expect(root.below('back').tree('.claude')).toEqual(project.tree('.claude'))
  })

  test.each(['folder', 'archive'] as const)('[U8 L1 L6] has the executable bits of a script in a %s', async (how) => {
    const at = await world()
    const content = { ...files, 'skills/review/run.sh': { body: '#!/bin/sh\n', mode: 0o755 } }
    if (how === 'folder') await at.folder('acme', content)
    else await at.archive('acme', content, { listed: true })
    await at.root.write({ 'linux/haal.json': at.project.read('haal.json') })
    await at.haal('install review').succeeds()
    onLinux(at, 'linux', 'install review')
    expect(at.project.read('haal.lock')).toBe(at.root.read('linux/haal.lock'))
    await at.haal('verify').succeeds()
    await at.store.remove('store')
    await at.haal('verify').succeeds()
    await at.haal('install --frozen').succeeds()
  })

  test('[U8 P10] gets no script with an update that nobody has approved', async () => {
    const { haal, project, acme } = await both()
    await haal('install review').succeeds()
    await acme.write({ 'skills/review/run.sh': '#!/bin/sh\n' })
    expect((await haal('update').fails('E_APPROVAL', 5)).stderr).toMatch(/run\.sh/)
    await haal('update --approve review').succeeds()
    expect(project.exists('.claude/skills/review/run.sh')).toBe(true)
  })

  test('[U8 L8 O3] goes from version to version and back, and is empty in the end', async () => {
    const { haal, project, acme } = await both()
    const before = project.tree()
    await haal('install review reviewer').succeeds()
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'v2') })
    expect((await haal('update').succeeds()).stdout).toMatch(/~ skill\/review/)
    await project.has({ '.haal/skills/review/SKILL.md': /v2/, '.claude/skills/review/SKILL.md': /v2/ })
    await haal('rollback').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /v1/, '.claude/skills/review/SKILL.md': /v1/ })
    const { generations } = await haal('history').json<{ generations: { command: string }[] }>()
    expect(generations.map(({ command }) => command)).toEqual(['rollback', 'update', 'install'])
    await haal('uninstall review reviewer --yes').succeeds()
    expect(Object.keys(project.tree()).filter((file) => !file.startsWith('.haal'))).toEqual(
      [...Object.keys(before), 'haal.lock'].sort(),
    )
  })

  test('[U8 O28] is listed with paths as they are written in every project', async () => {
    const { haal } = await both()
    await haal('install review').succeeds()
    const { artifacts } = await haal('list').json<{ artifacts: object[] }>()
    expect(artifacts).toEqual([
      expect.objectContaining({
        path: '.haal/skills/review',
        modified: false,
        targets: ['claude:.claude/skills/review'],
      }),
    ])
    expect(await haal('verify').json()).toMatchObject({ ok: true, problems: [] })
  })
})

describe('a path on Windows', () => {
  test.each<[what: string, spelled: (at: string) => string]>([
    ['a drive', windows],
    ['a drive and slashes', (at) => `z:${at}`],
    ['backslashes', () => '..\\folders\\acme'],
  ])('[U8] with %s names a registry', async (_what, spelled) => {
    const { haal, project, acme } = await both()
    const registries = [{ name: 'acme', type: 'file', location: spelled(acme.path) }]
    await project.write({ 'haal.json': { registries } })
    await haal('install review').succeeds()
    await haal('install --frozen').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /v1/ })
  })

  test.each(['..\\folders\\acme', 'Z:\\'])('[U8] %s names a source on the command line', async (spelled) => {
    const { haal, project, acme } = await both()
    await project.write({ 'haal.json': {} })
    const source = spelled === 'Z:\\' ? windows(acme.path) : spelled
    await haal(['install', 'review', '--from', source]).succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /v1/ })
    await haal('update').succeeds()
  })

  test('[U8 O4] of a copy outside the project is remembered so that the lockfile can be read again', async () => {
    const { haal, project, root } = await both()
    await haal('install review').succeeds()
    await haal(['copy', 'review', '..\\out\\']).succeeds()
    await root.has({ 'out/review/SKILL.md': /v1/ })
    expect(project.read('haal.lock')).toContain(`"Z:${root.at('out/review')}"`)
    await haal('diff review').succeeds()
    await haal('uninstall review --yes').succeeds()
    await root.has({ 'out/review/SKILL.md': /v1/ })
  })

  test('[U8 L15] of the store is below %LOCALAPPDATA%', async () => {
    const { haal, home } = await both()
    await haal('install review', { env: { HAAL_HOME: undefined } }).succeeds()
    expect(home.exists('AppData/Local/haal/data/store')).toBe(true)
  })

  test('[U8 L20] to the home folder with a small drive letter does not make a project of it', async () => {
    const { haal, root, acme } = await both()
    await haal(['install', 'review', '--global', '--from', windows(acme.path)]).succeeds()
    await root.write({ 'home/work/x': '' })
    const folder = windows(root.at('home/work')).replace('Z:', 'z:')
    expect((await haal(['list', '-C', folder]).succeeds()).stdout).toContain('nothing is installed')
  })

  test('[U8 L16 T4] in other letters is the same place', async () => {
    const { haal, project } = await both()
    await project.write({ '.claude/Skills/REVIEW/skill.md': 'mine' })
    await haal('install review').fails('E_CONFLICT', 4)
    await haal('install review --force --yes').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /v1/ })
    expect(Object.keys(project.tree('.haal/.state/saved')).filter((file) => file.endsWith('skill.md'))).toHaveLength(1)
    await haal('verify').succeeds()
  })
})

describe('what a person has on Windows', () => {
  test('[U8 L16 O3] an edit stops an update, and is kept aside with --force', async () => {
    const { haal, project, acme } = await both()
    await haal('install review').succeeds()
    await project.write({ '.haal/skills/review/references/deep/list.md': 'mine\n' })
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'v2') })
    await haal('update').fails('E_CONFLICT', 4)
    const { problems } = JSON.parse((await haal('verify --json').outcome()).stdout).result
    expect(problems).toEqual([
      {
        artifact: 'skill/review',
        path: '.haal/skills/review/references/deep/list.md',
        problem: 'changed',
      },
    ])
    await haal('update --force --yes').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /v2/ })
    const saved = Object.keys(project.tree('.haal/.state/saved')).filter((file) => file.endsWith('list.md'))
    expect(saved.map((file) => project.read(`.haal/.state/saved/${file}`))).toEqual(['mine\n'])
  })

  test('[U8 L12] a file that another program keeps open is waited for; then all is undone', async () => {
    const made = await both()
    const { haal, node, project, acme } = made
    await haal('install review').succeeds()
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'v2') })
    const before = project.tree()
    const holding =
      "fs.openSync('haal.lock'); fs.writeFileSync('../held', ''); setInterval(() => fs.existsSync('../go') && process.exit(), 20)"
    const holder = node(['-e', holding]).child()
    const closed = once(holder, 'close')
    await until(() => made.root.exists('held'))
    const { stderr } = await haal('update').fails('E_DISK', 2, { writes: 'anything' })
    expect(stderr).toMatch(/haal\.lock/)
    expect(without(project.tree())).toEqual(without(before))
    expect(debrisIn(made)).toEqual([])
    await made.root.write({ go: '' })
    await closed
    await haal('update').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /v2/ })
  })
})

describe('a command that is killed on Windows', () => {
  test.each([
    ['before it has said what it will do', 'staging.json', 'v1'],
    ['before anything has changed', 'swapping.json', 'v1'],
    ['between two places', '.claude/skills/review', 'v1'],
    ['before haal.lock', 'haal.lock', 'v1'],
  ])('[U8 L11] %s is mended by the next', async (_when, struck, body) => {
    const made = await both()
    const { haal, project, acme } = made
    await haal('install review test').succeeds()
    const before = project.tree()
    await acme.write({ 'skills/review/SKILL.md': skill('review', 'v2'), 'skills/test/SKILL.md': skill('test', 'v2') })
    const env = { HAAL_TEST_STRIKE: struck, NODE_OPTIONS: `--require=${strike}` }
    expect((await haal('update', { env }).outcome()).exit).not.toBe(0)
    expect(debrisIn(made)).not.toEqual([])
    await haal('list').succeeds()
    expect(debrisIn(made)).toEqual([])
    await project.has({ '.haal/skills/review/SKILL.md': new RegExp(body) })
    expect(without(project.tree())).toEqual(without(before))
    await haal('verify').succeeds()
    await haal('update').succeeds()
    await project.has({ '.haal/skills/review/SKILL.md': /v2/, '.claude/skills/test/SKILL.md': /v2/ })
  })

  test('[U8 L11] from outside, as soon as it writes, is mended by the next', async () => {
    const made = await both()
    const { haal, project } = made
    await haal('install review').succeeds()
    const before = project.tree()
    const env = { HAAL_TEST_HOLD: 'swapping.json', NODE_OPTIONS: `--require=${strike}` }
    const child = haal('install --all', { env }).child()
    const closed = once(child, 'close')
    await until(() => made.root.exists('held'))
    process.kill(-(child.pid ?? Number.NaN), 'SIGKILL')
    await closed
    expect(debrisIn(made)).not.toEqual([])
    await haal('verify').succeeds()
    expect(debrisIn(made)).toEqual([])
    expect(without(project.tree())).toEqual(without(before))
    await haal('install --all').succeeds()
    await haal('verify').succeeds()
  })
})

test('[U8 L13] commands that run at once on Windows wait for each other', async () => {
  const { haal, project } = await both()
  await Promise.all(['install review', 'install test', 'install reviewer'].map((line) => haal(line).succeeds()))
  const { artifacts } = project.json<{ artifacts: object }>('haal.lock')
  expect(Object.keys(artifacts)).toEqual(['agent/reviewer', 'skill/review', 'skill/test'])
  await haal('verify').succeeds()
})

/** What a command that was undone may leave: names for completion, what has been seen. */
function without(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).filter(([file]) => !/^\.haal\/\.state\/(names|seen)$/.test(file)))
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setImmediate(next))
}

test('[S7] a share of another machine is asked when a person names it, and not because a project does', async () => {
  const { haal, project } = await both()
  const share = { name: 'share', type: 'file', location: '//haal.invalid/share/registry' }
  const policy = '//haal.invalid/share/policy.json'
  const cacheSettings = { directory: '//haal.invalid/share/cache' }
  for (const config of [{ registries: [share] }, { registries: [share], cacheSettings }]) {
    await project.write({ 'haal.json': config })
    const { stderr } = await haal('install review').fails('E_TRANSPORT', 2)
    expect(stderr).toContain('HAAL_TRUSTED_ORIGINS=file://haal.invalid')
  }
  await project.write({ 'haal.json': { registries: [share], policy } })
  await haal('install review').fails('E_POLICY_LOAD', 5)
  await project.write({ 'haal.json': { registries: [share] } })
  await haal('registry list').succeeds()
  await haal('trust share').succeeds()
  await haal('install review').fails('E_REGISTRY_UNAVAILABLE', 7)
})
