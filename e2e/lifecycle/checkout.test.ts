import { describe, expect, test } from 'vitest'
import { skill, world } from '../world/index.js'

describe('an older haal.json and haal.lock over what a newer one had put there', () => {
  async function checkedOut() {
    const made = await world()
    const skills = ['a', 'b', 'c'].map((name) => [`skills/${name}/SKILL.md`, skill(name, 'first')])
    const acme = await made.folder('acme', Object.fromEntries(skills))
    await made.haal('install a').succeeds()
    const then = { 'haal.json': made.project.read('haal.json'), 'haal.lock': made.project.read('haal.lock') }
    const checkout = () => made.project.write(then)
    return { ...made, acme, checkout }
  }

  test('[L8] are told what they get, although it lies there already', async () => {
    const { haal, acme, checkout } = await checkedOut()
    await haal('install b').succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'second') })
    await haal('update a').succeeds()
    await checkout()
    expect((await haal('update a').succeeds()).stdout).toMatch(/^~ skill\/a .* → /)
    expect((await haal('install b').succeeds()).stdout).toMatch(/^\+ skill\/b /)
    await haal('install').changesNothing()
  })

  test('[P3] get nothing that policy forbids by now', async () => {
    const { haal, project, checkout, root } = await checkedOut()
    await haal('install b c').succeeds()
    await checkout()
    await root.write({ 'policy.json': { policyVersion: 1, artifacts: { deny: [{ match: 'skill/b', reason: 'no' }] } } })
    const lock = project.read('haal.lock')
    await haal('install b', { env: { HAAL_POLICY: root.at('policy.json') } }).fails('E_POLICY_ARTIFACT', 5)
    expect(project.read('haal.lock')).toBe(lock)
  })

  for (const [line, before] of [
    ['install', 'claude'],
    ['install --frozen', 'claude'],
    ['install', undefined],
    ['install --frozen', undefined],
  ] as const)
    test(`[T1 T5] take back with haal ${line} what only later tools were given, beside ${before ?? 'none'}`, async () => {
      const { folder, haal, project } = await world()
      await folder('acme', {
        'skills/a/SKILL.md': skill('a', 'first'),
        'mcp/docs/mcp.json': { mcpServers: { docs: { command: 'docs' } } },
      })
      if (before) await haal(['target', 'add', before]).succeeds()
      await project.write({ '.cursor/mcp.json': { own: 1 } })
      await haal('install a docs').succeeds()
      const then = { 'haal.json': project.read('haal.json'), 'haal.lock': project.read('haal.lock') }
      await haal('target add cursor').succeeds()
      await project.write(then)
      const { stdout } = await haal(line).succeeds()
      expect(stdout).toMatch(/^~ skill\/a .*no longer for cursor/m)
      await project.lacks('.cursor/skills')
      await project.has({ '.cursor/mcp.json': { own: 1 } })
      await haal('install').changesNothing()
      await haal('rollback').succeeds()
      await project.has({ '.cursor/skills/a/SKILL.md': /first/ })
    })

  test('[T1 L16] tell of a value that was edited in a file of a tool, and leave it', async () => {
    const { folder, haal, project } = await world()
    const docs = (command: string) => ({ 'mcp/docs/mcp.json': { mcpServers: { docs: { command } } } })
    const acme = await folder('acme', docs('first'))
    await haal('target add claude').succeeds()
    await haal('install docs').succeeds()
    const then = { 'haal.json': project.read('haal.json'), 'haal.lock': project.read('haal.lock') }
    await acme.write(docs('second'))
    await haal('update --approve *').succeeds()
    await project.write({ ...then, '.mcp.json': { mcpServers: { docs: { command: 'mine' } } } })
    const { stderr } = await haal('install --approve *').succeeds()
    expect(stderr).toMatch(/\.mcp\.json \(mcpServers\.docs\): left as you changed it; see haal diff mcp\/docs/)
    await project.has({ '.mcp.json': /mine/, '.haal/mcp/docs/mcp.json': /first/ })
    expect((await haal('install').changesNothing()).stderr).toMatch(/\.mcp\.json.*left as you changed it/)
  })

  describe.each(['install', 'install --frozen'])('where something was edited, with haal %s', (line) => {
    async function edited(at: string) {
      const made = await world()
      const { folder, haal, project } = made
      await folder('acme', {
        'skills/a/SKILL.md': skill('a', 'first'),
        'skills/b/SKILL.md': skill('b', 'first'),
        'skills/b/notes.md': 'from haal',
        'mcp/docs/mcp.json': { mcpServers: { docs: { command: 'docs' } } },
      })
      await haal('target add claude').succeeds()
      await project.write({ '.mcp.json': { own: 1 } })
      await haal('install a').succeeds()
      const first = { 'haal.json': project.read('haal.json'), 'haal.lock': project.read('haal.lock') }
      await haal('install b docs').succeeds()
      const second = { 'haal.json': project.read('haal.json'), 'haal.lock': project.read('haal.lock') }
      await haal('target add cursor').succeeds()
      await project.write({ [at]: 'mine' })
      return { ...made, first, second }
    }

    test('[O3 L16 T1] the rest of what a tool was given goes, and the edited file is told', async () => {
      const { haal, project, second } = await edited('.cursor/skills/b/SKILL.md')
      await project.write(second)
      expect((await haal(line).succeeds()).stderr).toContain('.cursor/skills/b/SKILL.md: kept, because you changed')
      await project.has({ '.cursor/skills/b/SKILL.md': 'mine', '.haal/skills/b/notes.md': 'from haal' })
      await project.lacks('.cursor/skills/b/notes.md', '.cursor/skills/a')
      await haal('install').changesNothing()
    })

    test.each(['.haal/skills/b/SKILL.md', '.haal/mcp/docs/mcp.json'])(
      '[O3 L16 T1] the rest of what is locked no more goes, out of the folders of tools as well: %s',
      async (at) => {
        const { haal, project, first } = await edited(at)
        await project.write(first)
        expect((await haal(line).succeeds()).stderr).toContain(`${at}: kept, because you changed`)
        await project.has({ [at]: 'mine', '.mcp.json': { own: 1 } })
        await project.lacks('.haal/skills/b/notes.md', '.claude/skills/b', '.cursor/skills')
        await haal('install').changesNothing()
      },
    )
  })
})

describe('what a merge brought back that the haal.lock it kept does not know', () => {
  const a = skill('a', 'first')

  /** `a` was put there for another branch. */
  async function merged(...tools: string[]) {
    const made = await world()
    const { folder, haal, project } = made
    await folder('acme', { 'skills/a/SKILL.md': a, 'skills/b/SKILL.md': skill('b', 'first') })
    for (const tool of tools) await haal(['target', 'add', tool]).succeeds()
    await haal('install a').succeeds()
    await haal('uninstall a').succeeds()
    await haal('install b').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': a })
    return made
  }

  for (const line of ['install', 'install --frozen'])
    test(`[O3 T1] goes with haal ${line}, out of the folders of tools as well`, async () => {
      const { haal, project } = await merged('claude')
      await project.write({ '.claude/skills/a/SKILL.md': a })
      const { stdout } = await haal(line).succeeds()
      expect(stdout).toMatch(/^- skill\/a /m)
      await project.lacks('.haal/skills/a', '.claude/skills/a')
      await haal('verify').succeeds()
      await haal('install').changesNothing()
    })

  test('[O3 L7] goes where no tool is named, after an install that found nothing to do, too', async () => {
    const { haal, project } = await merged()
    await project.remove('.haal/skills/a')
    await haal('install').changesNothing()
    await project.write({ '.haal/skills/a/SKILL.md': a })
    await haal('install').succeeds()
    await project.lacks('.haal/skills/a')
    await project.has({ '.haal/skills/b/SKILL.md': /first/ })
  })

  test('[O3 L16] stays where a person has edited it, and where nobody knows that haal put it there', async () => {
    const { haal, project } = await merged('claude')
    await project.write({
      '.haal/skills/a/notes.md': 'mine',
      '.haal/skills/c/SKILL.md': skill('c', 'mine'),
      '.claude/skills/a/SKILL.md': a,
    })
    await haal('install').changesNothing()
    await project.has({ '.haal/skills/c/SKILL.md': /mine/, '.claude/skills/a/SKILL.md': /first/ })
  })

  test('[O3] a copy that was made by name stays, though haal had put the same there', async () => {
    const { haal, project } = await merged('claude')
    await project.remove('.haal/skills/a')
    await haal('copy a .claude/skills').succeeds()
    await haal('install').changesNothing()
    await project.has({ '.claude/skills/a/SKILL.md': /first/ })
  })
})

describe('a clone whose .haal/ came with it', () => {
  const review = (version: string) => ({
    'skills/review/SKILL.md': skill('review', version),
    'skills/review/run.sh': { body: `echo ${version}\n`, mode: 0o755 },
  })

  /** On a machine that has nothing of it in its store, and no generation. */
  async function cloned() {
    const made = await world()
    const acme = await made.folder('acme', { ...review('first'), 'skills/brief/SKILL.md': skill('brief', 'first') })
    await made.haal('install review brief').succeeds()
    await made.project.remove('.haal/.state')
    await made.store.remove('store')
    const { project } = made
    const state = () => ({
      ...{ json: project.json('haal.json'), lock: project.read('haal.lock') },
      tree: project.tree('.haal/skills'),
    })
    return { ...made, acme, state, was: state() }
  }

  test('[P10] is asked for no approval of what could run before', async () => {
    const { haal, acme, project } = await cloned()
    await acme.write(review('second'))
    await haal('update --dry-run').changesNothing()
    await haal('update').succeeds()
    await project.has({ '.haal/skills/review/run.sh': 'echo second\n' })
  })

  test('[O32 O33 L9] is rolled back to what it was, and forward again, though its registry is gone', async () => {
    const { haal, acme, state, was } = await cloned()
    await acme.write(review('second'))
    await haal('update').succeeds()
    const updated = state()
    await haal('uninstall brief').succeeds()
    await acme.remove('skills')
    await haal('rollback --to 1').succeeds()
    expect(state()).toEqual(updated)
    await haal('uninstall brief').succeeds()
    await haal('rollback brief').succeeds()
    expect(state()).toEqual(updated)
    await haal('rollback review').succeeds()
    expect(state().tree).toEqual(was.tree)
  })

  test.each(['update', 'uninstall review', 'pin review'])(
    '[L9 O32] its first change, haal %s, can be undone',
    async (line) => {
      const { haal, acme, state, was } = await cloned()
      await acme.write(review('second'))
      await haal(line).succeeds()
      const changed = state()
      expect(changed).not.toEqual(was)
      await haal('cache prune').succeeds()
      await acme.remove('skills')
      await haal('rollback').succeeds()
      expect(state()).toEqual(was)
      await haal('rollback').succeeds()
      expect(state()).toEqual(changed)
    },
  )

  test('[L9] what comes with a pull is no generation: rollback goes back to it, and from it to what was there before', async () => {
    const { haal, acme, project, state, was } = await cloned()
    const pull = (version: string, { lock }: typeof was) => {
      const files = Object.entries(review(version)).map(([file, content]) => [`.haal/${file}`, content])
      return project.write({ ...Object.fromEntries(files), 'haal.lock': lock })
    }
    await acme.write(review('second'))
    await haal('update').succeeds()
    const second = state()
    await haal('rollback').succeeds()
    await pull('second', second)
    await haal('uninstall brief').succeeds()
    await haal('rollback').succeeds()
    expect(state()).toEqual(second)
    await pull('first', was)
    await haal('rollback').succeeds()
    expect(state()).toEqual(second)
  })
})
