import { describe, expect, test } from 'vitest'
import { type Files, skill, type World, world } from '../world/index.js'

const files: Files = {
  'skills/a/SKILL.md': skill('a'),
  'skills/b/SKILL.md': skill('b'),
  'skills/c/SKILL.md': skill('c'),
}

/** Every command that reads haal.lock. */
const readers = ['list', 'verify', 'diff', 'outdated', 'info a', 'why a', 'history', 'policy check']
const writers = [
  'install',
  'install b',
  'install --frozen',
  'update',
  'uninstall a',
  'pin a',
  'unpin a',
  'rollback',
  'copy a out/',
]

const installed = async () => {
  const made = await world()
  const acme = await made.folder('acme', files)
  await made.haal('install a').succeeds()
  await made.haal('install b').succeeds()
  return { ...made, acme }
}

/** What git leaves where two branches have each installed something. */
function conflicted(ours: string, theirs: string): string {
  const [one, two] = [ours.split('\n'), theirs.split('\n')]
  let head = 0
  while (one[head] === two[head]) head += 1
  let tail = 0
  while (one.at(-1 - tail) === two.at(-1 - tail)) tail += 1
  const middle = (lines: string[]) => lines.slice(head, lines.length - tail)
  const whole = ['<<<<<<< HEAD', ...middle(one), '=======', ...middle(two), '>>>>>>> theirs']
  return [...one.slice(0, head), ...whole, ...one.slice(one.length - tail)].join('\n')
}

describe('haal.lock', () => {
  test('[L3] with conflict markers is a clear error from every command, and haal install resolves it', async () => {
    const { haal, project } = await installed()
    const base = project.read('haal.lock')
    await haal('install c').succeeds()
    const [ours, manifest] = [project.read('haal.lock'), project.json<{ artifacts: object }>('haal.json')]
    await haal('rollback').succeeds()
    await haal('uninstall b').succeeds()
    const theirs = project.read('haal.lock')
    expect(base).not.toBe(theirs)
    await project.write({ 'haal.lock': conflicted(ours, theirs) })
    for (const line of [...readers, ...writers.filter((each) => each !== 'install' && each !== 'install b')]) {
      if (line === 'history') continue
      const { stderr } = await haal(line).fails('E_LOCK_PARSE', 2)
      expect(stderr).toMatch(/conflict/)
      expect(stderr).toMatch(/hint: .*haal install/)
    }
    await project.write({ 'haal.json': { ...manifest, artifacts: { 'skill/a': '*', 'skill/c': '*' } } })
    await haal('install').succeeds()
    const { artifacts } = project.json<{ artifacts: object }>('haal.lock')
    expect(Object.keys(artifacts)).toEqual(['skill/a', 'skill/c'])
    await haal('verify').succeeds()
    await haal('install --frozen').changesNothing()
  })

  test('[L3] with conflict markers between which nothing differs, haal install writes it anew', async () => {
    const { haal, project } = await installed()
    const whole = project.read('haal.lock')
    await project.write({ 'haal.lock': `${whole}<<<<<<< HEAD\n=======\n>>>>>>> theirs\n` })
    await haal('install --dry-run').changesNothing()
    await haal('install').succeeds()
    expect(project.read('haal.lock')).toBe(whole)
    await haal('install').changesNothing()
  })

  test('[L3] with markers that nothing sound lies between, haal install says what helps, not to run it', async () => {
    const { haal, project } = await installed()
    await project.write({ 'haal.lock': `<<<<<<< HEAD\n${project.read('haal.lock')}` })
    const { stderr } = await haal('list').fails('E_LOCK_PARSE', 2)
    expect(stderr).toMatch(/hint: .*haal install/)
    const second = await haal('install').fails('E_LOCK_PARSE', 2)
    expect(second.stderr).toMatch(/hint: restore the lockfile from git, or delete it/)
    await project.remove('haal.lock')
    await haal('install').succeeds()
    await haal('verify').succeeds()
  })

  test('[L3] conflict markers in haal.json are a clear error from every command', async () => {
    const { haal, project } = await installed()
    const text = project.read('haal.json')
    await project.write({ 'haal.json': conflicted(text.replace('"*"', '"^1"'), text.replace('"*"', '"^2"')) })
    for (const line of [...writers, ...readers.filter((each) => each !== 'history')]) {
      const { stderr } = await haal(line).fails('E_CONFIG_PARSE', 2)
      expect(stderr).toMatch(/conflict/)
    }
  })

  test('[L2] a newer lockfileVersion is refused by every command, with what to do', async () => {
    const { haal, project } = await installed()
    await project.write({
      'haal.lock': project.read('haal.lock').replace('"lockfileVersion": 1', '"lockfileVersion": 2'),
    })
    for (const line of [...readers, ...writers]) {
      if (line === 'history') continue
      const { stderr } = await haal(line).fails('E_LOCK_VERSION', 2)
      expect(stderr).toMatch(/hint: .*npm install/)
    }
  })

  test('[L2] keys that this haal does not know are kept by every command', async () => {
    const { haal, project, acme } = await installed()
    const lock = project.json<{ artifacts: Record<string, object>; registries: Record<string, object> }>('haal.lock')
    const more = {
      ...lock,
      registries: { acme: { ...lock.registries.acme, later: true } },
      future: { x: 1 },
      artifacts: { ...lock.artifacts, 'skill/a': { ...lock.artifacts['skill/a'], soon: ['y'] } },
    }
    await project.write({ 'haal.lock': more })
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'second'), 'skills/b/SKILL.md': skill('b', 'second') })
    for (const line of [
      'install',
      'update a',
      'install c',
      'update b',
      'pin b',
      'unpin b',
      'copy a out/',
      'uninstall b',
      'rollback',
    ]) {
      await haal(line).succeeds()
      expect(project.json('haal.lock'), line).toMatchObject({
        future: { x: 1 },
        artifacts: { 'skill/a': { soon: ['y'] } },
        registries: { acme: { later: true } },
      })
    }
  })
})

describe('a lockfile that came with a pull', () => {
  /** A project that a second person has cloned and installed, whose .haal is in no repository; then the first one's next lockfile came. */
  async function pulled(change: (at: World) => Promise<unknown>) {
    const at = await world()
    const acme = await at.folder('acme', files)
    await at.haal('install a b').succeeds()
    const mine = at.root.below('mine')
    const pull = () =>
      mine.write({ 'haal.json': at.project.read('haal.json'), 'haal.lock': at.project.read('haal.lock') })
    await pull()
    await at.haal('install --cwd ../mine').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'second') })
    await change(at)
    await pull()
    return { ...at, mine }
  }

  for (const line of ['install', 'install --frozen', 'update', 'pin b'])
    test(`[L4 L6 L16] is followed by haal ${line}: what nobody has edited is no edit`, async () => {
      const { haal, mine } = await pulled(({ haal }) => haal('update').succeeds())
      const { stdout } = await haal(`${line} --cwd ../mine`).succeeds()
      expect(stdout).toMatch(/^~ skill\/a .*→/)
      await mine.has({ '.haal/skills/a/SKILL.md': skill('a', 'second') })
      await haal('verify --cwd ../mine').succeeds()
      expect((await haal('install --cwd ../mine').changesNothing()).stdout).toMatch(/^nothing to do/)
      await haal('rollback --cwd ../mine').succeeds()
    })

  for (const line of ['install', 'install --frozen', 'uninstall b'])
    test(`[L4 O3] takes away what it no longer has with haal ${line}`, async () => {
      const { haal, mine } = await pulled(({ haal }) => haal('uninstall a').succeeds())
      expect((await haal('verify --cwd ../mine').outcome()).stdout).toContain(
        'haal --cwd ../mine install takes away what came from haal',
      )
      const { stdout } = await haal(`${line} --cwd ../mine`).succeeds()
      expect(stdout).toMatch(/^- skill\/a /)
      await mine.lacks('.haal/skills/a')
      await haal('verify --cwd ../mine').succeeds()
    })

  for (const line of ['install', 'install --frozen'])
    test(`[L4 T5] is followed by haal ${line} in tools’ folders, too, where .haal came with it`, async () => {
      const { folder, haal, project, root } = await world()
      const acme = await folder('acme', files)
      await haal('target add claude').succeeds()
      await haal('install a').succeeds()
      const mine = root.below('mine')
      const own = '.haal/skills/a/SKILL.md'
      const pull = () =>
        mine.write(Object.fromEntries(['haal.json', 'haal.lock', own].map((file) => [file, project.read(file)])))
      await pull()
      await haal('install --cwd ../mine').succeeds()
      await acme.write({ 'skills/a/SKILL.md': skill('a', 'second') })
      await haal('update').succeeds()
      await pull()
      expect((await haal(`${line} --cwd ../mine`).succeeds()).stderr).toBe('')
      await mine.has({ '.claude/skills/a/SKILL.md': /second/ })
      await haal('verify --cwd ../mine').succeeds()
    })

  for (const line of ['install', 'install --frozen'])
    test(`[L4 T5] is followed by haal ${line} in files that tools share with people, too`, async () => {
      const { folder, haal, project, root } = await world()
      const server = (command: string) => ({ mcpServers: { docs: { command } } })
      const guard = (command: string) => ({ hooks: { Stop: [{ hooks: [{ type: 'command', command }] }] } })
      const acme = await folder('acme', {
        'mcp/docs/mcp.json': server('one'),
        'mcp/gone/mcp.json': { mcpServers: { gone: { command: 'gone' } } },
        'hooks/guard/hooks.json': guard('one'),
      })
      await haal('target add claude').succeeds()
      await haal('install docs gone guard --approve * --yes').succeeds()
      const mine = root.below('mine')
      const isPulled = (file: string) =>
        /^(haal|\.haal\/(?!\.state))/.test(file) && project.tree()[file]?.startsWith('file')
      const pull = () =>
        mine.write(
          Object.fromEntries(
            Object.keys(project.tree())
              .filter(isPulled)
              .map((file) => [file, project.read(file)]),
          ),
        )
      await pull()
      await haal('install --cwd ../mine --approve * --yes').succeeds()
      await mine.write({ '.mcp.json': { ...mine.json<object>('.mcp.json'), own: 1 } })
      await acme.write({ 'mcp/docs/mcp.json': server('two'), 'hooks/guard/hooks.json': guard('two') })
      await haal('update --approve * --yes').succeeds()
      await haal('uninstall gone --yes').succeeds()
      await mine.remove('.haal/mcp/gone')
      await pull()
      expect((await haal(`${line} --cwd ../mine --approve * --yes`).succeeds()).stderr).toBe('')
      expect(mine.json('.mcp.json')).toEqual({ ...project.json<object>('.mcp.json'), own: 1 })
      expect(mine.json('.claude/settings.json')).toEqual(project.json('.claude/settings.json'))
      await haal('verify --cwd ../mine').succeeds()
    })

  test('[L14] is not taken for edits of a person: an install brings what lies there up to it', async () => {
    const { haal, root } = await pulled(({ haal }) => haal('update').succeeds())
    const verify = async () => (await haal('verify --cwd ../mine').fails('E_DRIFT', 9)).stdout
    const doctor = async () => (await haal('doctor --cwd ../mine').outcome()).stdout
    expect(await verify()).toMatch(/changed +skill\/a .*haal\.lock has changed since: haal --cwd ..\/mine install\n/s)
    expect(await doctor()).toMatch(
      /not as locked: .*hint: haal\.lock has changed since: haal --cwd ..\/mine install\n/s,
    )
    await haal('install --cwd ../mine').succeeds()
    await root.write({ 'mine/.haal/skills/a/SKILL.md': 'edited' })
    expect(await verify()).toMatch(/see the edits: haal --cwd ..\/mine diff/)
    expect(await doctor()).toMatch(/edited: /)
  })

  test('[L16] leaves edits alone', async () => {
    const { haal, mine } = await pulled(async ({ haal, root }) => {
      await root.write({ 'mine/.haal/skills/a/SKILL.md': 'edited', 'mine/.haal/skills/b/own.md': 'own' })
      await haal('update').succeeds()
      await haal('uninstall b').succeeds()
    })
    await haal('install --frozen --cwd ../mine').fails('E_FROZEN', 9)
    const { stderr } = await haal('install --cwd ../mine').succeeds()
    expect(stderr).toMatch(/skills\/a\/SKILL\.md: left as you changed it/)
    expect(stderr).toMatch(/skills\/b\/own\.md: kept, because you changed or added it/)
    await mine.has({ '.haal/skills/a/SKILL.md': 'edited', '.haal/skills/b/own.md': 'own' })
    await mine.lacks('.haal/skills/b/SKILL.md')
  })

  for (const line of ['uninstall b', 'pin b', 'target add claude'])
    test(`[L16] over an edit is told by haal ${line}, too`, async () => {
      const { haal, mine } = await pulled(async ({ haal, root }) => {
        await root.write({ 'mine/.haal/skills/a/SKILL.md': 'edited' })
        await haal('update').succeeds()
      })
      const { stderr } = await haal(`${line} --cwd ../mine`).succeeds()
      expect(stderr).toMatch(/skills\/a\/SKILL\.md: left as you changed it/)
      await mine.has({ '.haal/skills/a/SKILL.md': 'edited' })
    })

  test('[L3 L16] is followed where both sides had raised the same artifact', async () => {
    const { haal, mine, root } = await pulled(({ haal }) => haal('install').succeeds())
    await haal('update --cwd ../mine').succeeds()
    const ours = mine.read('haal.lock')
    await root.write({ 'folders/acme/skills/a/SKILL.md': skill('a', 'third') })
    await haal('update').succeeds()
    await mine.write({ 'haal.lock': conflicted(ours, root.read('project/haal.lock')) })
    await haal('install --cwd ../mine').succeeds()
    await mine.has({ '.haal/skills/a/SKILL.md': skill('a', 'third') })
  })
})

describe('--global', () => {
  test('[L20] keeps the same state for the user, and none in the project', async () => {
    const { folder, haal, project, home } = await world()
    const acme = await folder('acme', files)
    await home.write({ 'haal.json': { registries: [{ name: 'acme', type: 'file', location: acme.path }] } })
    const before = project.tree()
    await haal('install a b --global').succeeds()
    await haal('pin a --global').succeeds()
    await acme.write({ 'skills/b/SKILL.md': skill('b', 'second') })
    await haal('update --global').succeeds()
    await home.has({ '.haal/skills/b/SKILL.md': /second/ })
    await haal('rollback --global').succeeds()
    await home.has({ '.haal/skills/b/SKILL.md': skill('b') })
    await haal('copy b out/ --global').succeeds()
    await haal('uninstall b --global').succeeds()
    await haal('verify --global').succeeds()
    const { artifacts } = await haal('list --global --json').json<{ artifacts: { name: string; pinned: boolean }[] }>()
    expect(artifacts).toEqual([expect.objectContaining({ name: 'a', pinned: true })])
    await project.remove('out')
    expect(project.tree()).toEqual(before)
    expect((await haal('list').succeeds()).stdout).not.toMatch(/skill\/a/)
  })
})

describe('cache prune', () => {
  test('[L14] keeps what any generation of any known project needs, and nothing else that is old', async () => {
    const { haal, project, root, store, acme } = await installed()
    const config = { registries: [{ name: 'acme', type: 'file', location: acme.path }] }
    await root.write({ 'other/haal.json': config, 'gone/haal.json': config })
    await acme.write({ 'skills/c/SKILL.md': skill('c', 'in other') })
    await haal('install c --cwd ../other').succeeds()
    await haal('uninstall c --cwd ../other').succeeds()
    await acme.write({ 'skills/c/SKILL.md': skill('c', 'in gone') })
    await haal('install c --cwd ../gone').succeeds()
    await root.remove('gone')
    const entries = () => Object.keys(store.tree('store')).filter((file) => /\/[0-9a-f]{64}$/.test(file))
    expect(entries()).toHaveLength(4)
    await haal('cache prune').changesNothing()
    expect(entries()).toHaveLength(4)
    for (const entry of entries()) root.age(`haal/store/${entry}`)
    await haal('cache prune --dry-run').changesNothing()
    await haal('cache prune').succeeds()
    expect(entries()).toHaveLength(3)
    await haal('rollback --cwd ../other').succeeds()
    await root.has({ 'other/.haal/skills/c/SKILL.md': /in other/ })
    await haal('uninstall a').succeeds()
    await haal('rollback --to 2').succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': skill('a') })
  })

  test('[L14] names the project whose lockfile cannot be read, and removes nothing', async () => {
    const { haal, project, root, folder } = await world()
    await folder('acme', files)
    await root.write({ 'other/haal.json': project.json('haal.json') as Record<string, unknown> })
    await haal('install a --cwd ../other').succeeds()
    await haal('cache prune --dry-run').changesNothing()
    await root.write({ 'other/haal.lock': `<<<<<<< HEAD\n${root.read('other/haal.lock')}` })
    const { stderr } = await haal('cache prune').fails('E_LOCK_PARSE', 2)
    expect(stderr).toMatch(/error: \S+[/\\]other: the project cannot be read: haal\.lock:1 has git conflict markers/)
    expect(stderr).toMatch(/hint: in \S+[/\\]other: /)
  })

  test('[L14 U3] says what becomes of a generation that cannot be read', async () => {
    const { haal, project, folder } = await world()
    await folder('acme', files)
    await haal('install a').succeeds()
    await haal('install b').succeeds()
    await project.write({ '.haal/.state/generations/1.json': '{' })
    const { stderr } = await haal('cache prune').fails('E_NO_GENERATION', 3)
    expect(stderr).toMatch(/hint: to give that generation up, remove its file: \S+[/\\]generations[/\\]\n/)
    await project.remove('.haal/.state/generations/1.json')
    await haal('cache prune').succeeds()
  })

  test('cache clean empties the cache, and what is installed can still be rolled back', async () => {
    const { haal, project } = await installed()
    await haal('cache clean').succeeds()
    await haal('rollback').succeeds()
    await project.lacks('.haal/skills/b')
  })
})
