import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { needs, skill, type World, world } from '../world/index.js'

async function installed() {
  const at = await world()
  const acme = await at.folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1'), 'skills/b/SKILL.md': skill('b', 'v1') })
  await at.haal('install a b').succeeds()
  return { ...at, acme }
}

const entriesOf = ({ store }: Pick<World, 'store'>) =>
  Object.entries(store.tree('store')).flatMap(([at, line]) => (line.startsWith('file') ? [store.at('store', at)] : []))

const damages: [what: string, damage: (file: string) => void][] = [
  ['cut short', (file) => fs.truncateSync(file, 10)],
  ['emptied', (file) => fs.truncateSync(file, 0)],
  ['changed in one bit', (file) => flip(file, 3)],
  ['changed in its last byte', (file) => flip(file, -1)],
]

function flip(file: string, at: number): void {
  const bytes = fs.readFileSync(file)
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  fs.chmodSync(file, 0o644)
  fs.writeFileSync(file, bytes)
}

/** A Windows Node under Wine runs in no namespace of its own, and Windows has no word for a file in the place of a folder. */
const onWindows = process.env.HAAL_TEST_WINDOWS === '1'
const onUnix: ReturnType<typeof needs> = onWindows
  ? (title) => test.skip(`${title} (skipped: Wine has no namespaces)`, () => undefined)
  : needs('mount')
const inTheWay = onWindows
  ? /file\\store\S*: no such file or folder\n {2}hint: make the folder that it belongs into/
  : /file\/store\S*: is not in a folder\n {2}hint: move away what is in the way/

describe('the store', () => {
  test.each(damages)('[L15] an entry that was %s is dropped and fetched again (F11)', async (_what, damage) => {
    const at = await installed()
    const tree = at.project.tree('.haal/skills')
    for (const file of entriesOf(at)) damage(file)
    await at.project.remove('.haal/skills')
    await at.haal('install --frozen').succeeds()
    expect(at.project.tree('.haal/skills')).toEqual(tree)
    await at.root.remove('folders/acme')
    await at.project.remove('.haal/skills')
    await at.haal('install --frozen').succeeds()
  })

  test('[L15] entries swapped for each other are found out (F11)', async () => {
    const at = await installed()
    const [one = '', two = ''] = entriesOf(at)
    const [a, b] = [fs.readFileSync(one), fs.readFileSync(two)]
    fs.writeFileSync(one, b)
    fs.writeFileSync(two, a)
    const tree = at.project.tree('.haal/skills')
    await at.project.remove('.haal/skills')
    await at.haal('install --frozen').succeeds()
    expect(at.project.tree('.haal/skills')).toEqual(tree)
  })

  test('[L15] where the registry has gone on, a damaged entry is an error that names it', async () => {
    const at = await installed()
    for (const file of entriesOf(at)) damages[0]?.[1](file)
    await at.acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await at.project.remove('.haal/skills')
    const { stderr } = await at.haal('install --frozen --offline').fails('E_INTEGRITY', 6)
    expect(stderr).toMatch(/skill\/a/)
  })

  test('[L15] what only looks goes on without a damaged entry, or fetches it again', async () => {
    const at = await installed()
    const damageAll = () => {
      for (const file of entriesOf(at)) fs.truncateSync(file, 10)
    }
    damageAll()
    await at.project.write({ '.haal/skills/a/SKILL.md': 'mine' })
    expect((await at.haal('diff a').succeeds()).stdout).toMatch(/^\+mine/m)
    damageAll()
    await at.root.remove('folders/acme')
    expect((await at.haal('info b').succeeds()).stdout).toMatch(/^skill\/b [\s\S]*installed/)
  })

  test('[L15] a damaged entry keeps no tool from getting, or giving back, what is made from it', async () => {
    const at = await installed()
    await at.acme.write({ 'agents/c.md': skill('c', 'v1') })
    await at.haal('target add codex').succeeds()
    await at.haal('install agent/c').succeeds()
    const damageAll = () => {
      for (const file of entriesOf(at)) flip(file, 3)
    }
    damageAll()
    await at.haal('target add gemini').succeeds()
    damageAll()
    await at.project.remove('.codex', '.haal/agents')
    await at.haal('install').succeeds()
    await at.haal('verify').succeeds()
    damageAll()
    await at.haal('uninstall agent/c').succeeds()
    expect(at.project.exists('.codex/agents/c.toml')).toBe(false)
  })

  test('[L6 O3 O28] one that is lost makes no edit of what tools have of an artifact in parts', async () => {
    const { folder, haal, project, store } = await world()
    await folder('acme', {
      'agents/reviewer/AGENT.md': skill('reviewer', 'v1'),
      'agents/reviewer/notes.md': 'notes',
      'plugins/kit/.claude-plugin/plugin.json': { name: 'kit', version: '1.0.0' },
      'plugins/kit/skills/help/SKILL.md': skill('help', 'v1'),
    })
    await haal('target add cursor').succeeds()
    await haal('install --all').succeeds()
    await store.remove('store')
    await haal('verify').succeeds()
    await haal('install --frozen').changesNothing()
    await project.write({ '.cursor/skills/help/SKILL.md': 'mine' })
    const { stdout } = await haal('verify').fails('E_DRIFT', 9)
    expect(stdout).toMatch(/^changed {2}plugin\/kit {2}\.cursor\/skills\/help\/SKILL\.md$/m)
    await haal('uninstall *').succeeds()
    await project.lacks('.cursor/agents')
    await project.has({ '.cursor/skills/help/SKILL.md': 'mine' })
  })

  test('[L14] two projects that share it are both right, also at once', async () => {
    const at = await installed()
    const other = path.join(at.root.path, 'second')
    await at.root.write({ 'second/haal.json': at.project.read('haal.json') })
    await at.store.remove('store')
    await at.project.remove('.haal', 'haal.lock')
    const runs = [at.haal('install --yes'), at.haal('install --yes', { cwd: other })]
    for (const { exit, stderr } of await Promise.all(runs.map((run) => run.outcome()))) expect(exit, stderr).toBe(0)
    expect(at.root.tree('second/.haal/skills')).toEqual(at.project.tree('.haal/skills'))
    expect(at.project.read('haal.lock')).toBe(at.root.read('second/haal.lock'))
    await at.haal('verify').succeeds()
    await at.haal('verify', { cwd: other }).succeeds()
    expect(entriesOf(at)).toHaveLength(2)
  })

  onUnix('[L12] a folder that cannot be written is an error that names it, and the old state', async () => {
    const at = await installed()
    await at.acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    const sealed = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    const under = ['unshare', '-rm', 'sh', '-c', sealed, at.project.at('.haal/skills')]
    const { stderr } = await at.haal('update', { under }).fails('E_DISK', 2, { writes: ['haal/store'] })
    expect(stderr).toMatch(/\.haal\/skills\/\S+: the file system is read-only/)
    await at.haal('verify').succeeds()
  })

  test('[L12] a file in its place is an error where something has to come in, and none where nothing has to', async () => {
    const at = await installed()
    await at.root.write({ file: 'x' })
    const env = { HAAL_HOME: at.root.at('file') }
    expect((await at.haal('list', { env }).succeeds()).stdout).toContain('skill/a')
    await at.acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    const { stderr } = await at.haal('update', { env }).fails('E_DISK', 2)
    expect(stderr).toMatch(inTheWay)
  })
})
