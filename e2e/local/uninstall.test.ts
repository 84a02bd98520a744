import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agent, type Files, skill, world } from '../world/index.js'

const two: Files = { 'skills/a/SKILL.md': skill('a'), 'skills/a/notes/deep/x.md': 'x', 'skills/b/SKILL.md': skill('b') }

describe('uninstall', () => {
  test('[O3] removes exactly what was recorded and the folders it emptied', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { ...two, 'agents/r.md': agent('r') })
    await project.write({ '.haal/skills/mine/SKILL.md': 'mine', 'README.md': 'project' })
    await haal('install a r').succeeds()
    await haal('uninstall a r').succeeds()
    await project.lacks('.haal/skills/a', '.haal/agents')
    await project.has({ '.haal/skills/mine/SKILL.md': 'mine', 'README.md': 'project' })
    expect(project.json('haal.lock')).toEqual({ artifacts: {}, lockfileVersion: 1, registries: {} })
    expect(project.json('haal.json')).not.toHaveProperty('artifacts.skill/a')
  })

  test.runIf(process.platform === 'linux')(
    '[O3 O28] keeps, and tells of, what lies in a folder whose name is not UTF-8',
    async () => {
      const { folder, haal, project } = await world()
      await folder('acme', two)
      await haal('install a').succeeds()
      const own = Buffer.concat([Buffer.from(project.at('.haal/skills/a/own')), Buffer.of(0xff)])
      const mine = Buffer.concat([own, Buffer.from('/mine')])
      fs.mkdirSync(own)
      fs.writeFileSync(mine, 'mine')
      expect((await haal('verify').outcome()).stdout).toMatch(/^added +skill\/a +\.haal\/skills\/a\/own\ufffd$/m)
      expect((await haal('uninstall a').succeeds()).stderr).toMatch(/\.haal\/skills\/a\/own\ufffd: kept.*W_KEPT/)
      expect(fs.readFileSync(mine, 'utf8')).toBe('mine')
    },
  )

  test('[O3] gives back the haal.json that init wrote, to the letter', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', two, { listed: false })
    await haal('init --registry ../folders/acme --target claude').succeeds()
    const before = project.read('haal.json')
    await haal('install a b').succeeds()
    await haal('pin a').succeeds()
    await haal('uninstall a b').succeeds()
    expect(project.read('haal.json')).toBe(before)
    await project.lacks('.claude', '.haal/skills')
  })

  test('[O3 L4] what haal.json asks for and is not there yet comes too, and is listed, as its help says', async () => {
    for (const [line, says] of [
      ['uninstall a', /^- skill\/a .*\n\+ skill\/b .*\n2 changes/],
      ['pin a', /^= skill\/a .*pinned.*\n\+ skill\/b .*\n2 changes/],
    ] as const) {
      const { folder, haal, project } = await world()
      await folder('acme', two)
      await haal('install a').succeeds()
      const asked = project.json<object>('haal.json')
      await project.write({ 'haal.json': { ...asked, artifacts: { 'skill/a': '*', 'skill/b': '*' } } })
      expect((await haal(`${line} --dry-run`).succeeds()).stdout).toMatch(says)
      expect((await haal(line).succeeds()).stdout).toMatch(says)
      await haal('install').changesNothing()
    }
    const { haal } = await world()
    expect((await haal('help uninstall').succeeds()).stdout).toContain('also brings what haal.json asks for')
  })

  const all = { 'skill/a': '*', 'skill/b': '*', 'skill/c': '*' }
  const inVain: [artifacts: Record<string, string>, code: string, exit: number, registries: object[]][] = [
    [{ ...all, 'skill/nowhere': '*' }, 'E_NOT_FOUND', 3, []],
    [{ ...all, 'skill/b': '^9' }, 'E_NO_VERSION', 3, []],
    [{ 'skill/*': '^9' }, 'E_NO_VERSION', 3, []],
    [{ 'skill/a': '*', 'skill/b': '*', 'other:skill/c': '*' }, 'E_NOT_FOUND', 3, []],
    [{ 'skill/a': '*', 'other:skill/*': '^1' }, 'E_NO_VERSION', 3, []],
    [{ ...all, 'down:skill/d': '*' }, 'E_REGISTRY_UNAVAILABLE', 7, [{ name: 'down', location: '../folders/down' }]],
  ]
  for (const [artifacts, code, exit, more] of inVain)
    test(`[O3 L17 S3] what cannot be had (${code}) stays as it is while another is taken out or pinned`, async () => {
      const { folder, haal, project } = await world()
      await folder('acme', { ...two, 'skills/c/SKILL.md': skill('c') })
      await folder('other', { 'skills/b/SKILL.md': skill('b', 'of the other', { version: '9.0.0' }) })
      await haal('install a b c').succeeds()
      const before = project.json<{ artifacts: Record<string, object> }>('haal.lock')
      const { registries } = project.json<{ registries: object[] }>('haal.json')
      await project.write({ 'haal.json': { registries: [...registries, ...more], artifacts } })
      await haal('install').fails(code, exit)
      for (const line of ['pin a', 'unpin a', 'uninstall a']) {
        if (line === 'uninstall a' && !('skill/a' in artifacts)) continue
        const { stdout, stderr } = await haal(line).succeeds()
        expect(stdout).toMatch(/^1 change,/m)
        expect(stderr).toMatch(/all else stays as locked: .*W_UNRESOLVED/)
        const { 'skill/a': a, ...rest } = before.artifacts
        const left =
          line === 'uninstall a' ? rest : { 'skill/a': line === 'pin a' ? { ...a, pinned: true } : a, ...rest }
        expect(project.json('haal.lock')).toEqual({ ...before, artifacts: left })
      }
      await haal('install').fails(code, exit)
    })

  test('[O3 P1] what policy of the primary requires stays where not all can be had, whether the primary answers or not', async () => {
    const { archive, haal, project, store } = await world()
    const acme = await archive('acme', {
      ...two,
      'skills/c/SKILL.md': skill('c'),
      'policy.json': JSON.stringify({ policyVersion: 1, artifacts: { required: { 'skill/c': '*' } } }),
    })
    await project.write({ 'haal.json': { registries: [{ name: 'acme', location: acme }] } })
    await haal('install a b').succeeds()
    const asked = project.json<{ artifacts: object }>('haal.json')
    await project.write({ 'haal.json': { ...asked, artifacts: { ...asked.artifacts, 'skill/nowhere': '*' } } })
    await store.remove('registry-policies.json')
    await haal('uninstall c').fails('E_POLICY_REQUIRED', 5)
    await haal('uninstall a').succeeds()
    await store.remove('registry-policies.json', 'cache')
    fs.rmSync(acme)
    expect((await haal('pin b').succeeds()).stdout).toMatch(/^1 change,/m)
    await project.has({ '.haal/skills/c/SKILL.md': /c/ })
  })

  test('[P1 O3] what policy of the primary requires stays on a machine that has not read that policy, until it has', async () => {
    const { archive, haal, project, store } = await world()
    const required = { artifacts: { required: { 'skill/c': '*' } } }
    const made = (policy: object) => archive('acme', { ...two, 'skills/c/SKILL.md': skill('c'), ...policy })
    const acme = await made({ 'policy.json': JSON.stringify({ policyVersion: 1, ...required }) })
    await project.write({ 'haal.json': { registries: [{ name: 'acme', location: acme }] } })
    await haal('install a b').succeeds()
    await store.remove('registry-policies.json')
    for (const line of ['install', 'pin b', 'unpin b', 'uninstall a']) {
      await haal(line).succeeds()
      await project.has({ '.haal/skills/c/SKILL.md': /c/ })
    }
    await haal('uninstall c').fails('E_REQUIRED_BY', 4)
    await made({})
    await haal('update').succeeds()
    await project.lacks('.haal/skills/c')
  })

  test('[O3] without the haal.json that asked for it nothing is taken away', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', two)
    await haal('install a b').succeeds()
    await project.remove('haal.json')
    for (const line of ['uninstall a', 'update', 'install', 'install --frozen', 'pin a', 'target add claude']) {
      const { stderr } = await haal(line).fails('E_CONFIG', 2)
      expect(stderr).toContain('there is no haal.json, but haal.lock has 2 artifacts that it asked for')
    }
    await haal('verify').succeeds()
    expect((await haal('doctor').outcome()).stdout).toMatch(/^bad {2}configuration {2}there is no haal\.json/m)
    await haal('init').succeeds()
    await haal('update').succeeds()
    await project.lacks('.haal/skills')
  })

  test('[O3] keeps and reports files that the user changed or added, and nothing else', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', two)
    await haal('install a').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'edited', '.haal/skills/a/own.md': 'own' })
    const { stderr } = await haal('uninstall a').succeeds()
    expect(stderr).toMatch(/\.haal\/skills\/a\/SKILL\.md, \.haal\/skills\/a\/own\.md: kept.*W_KEPT/)
    await project.has({ '.haal/skills/a/SKILL.md': 'edited', '.haal/skills/a/own.md': 'own' })
    await project.lacks('.haal/skills/a/notes')
  })

  test('[O3 L16] keeps everything where the store has lost what to compare an edited artifact with', async () => {
    const { folder, haal, project, store } = await world()
    await folder('acme', two)
    await haal('install a b').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'edited', '.haal/skills/b/own.md': 'own' })
    for (const name of ['a', 'b']) {
      if (store.exists('store')) await store.remove('store')
      const { stderr } = await haal(`uninstall ${name}`).succeeds()
      expect(stderr).toContain(`.haal/skills/${name}: kept, because you changed`)
    }
    await project.has({ '.haal/skills/a/SKILL.md': 'edited', '.haal/skills/a/notes/deep/x.md': 'x' })
    await project.has({ '.haal/skills/b/SKILL.md': skill('b'), '.haal/skills/b/own.md': 'own' })
  })

  test('[O3] a file that is missing is all the edit there is: the rest goes, and nothing is said to be kept', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', two)
    await haal('install a').succeeds()
    await project.remove('.haal/skills/a/SKILL.md')
    expect((await haal('uninstall a').succeeds()).stderr).toBe('')
    await project.lacks('.haal/skills')
  })

  test('[O3] with --force the edited files are put aside and the place is said', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', two)
    await haal('install a').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'edited' })
    const { stderr, stdout } = await haal('uninstall a --force --yes').succeeds()
    await project.lacks('.haal/skills/a')
    const place = /\.haal\/\.state\/saved\/\S+?(?=[\s,;:]|$)/.exec(`${stdout}${stderr}`)?.[0] ?? 'nowhere'
    expect(Object.keys(project.tree(place)).join()).toMatch(/SKILL\.md/)
  })

  test('[O3] what is not installed is an error; of several names one wrong changes nothing', async () => {
    const { folder, haal } = await world()
    await folder('acme', two)
    await haal('install a').succeeds()
    await haal('uninstall b').fails('E_NOT_INSTALLED', 3)
    await haal('uninstall a b').fails('E_NOT_INSTALLED', 3)
  })

  test('[O32] rollback after an uninstall that kept an edited file is a conflict that says what to do', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', two)
    await haal('install a').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'edited' })
    await haal('uninstall a').succeeds()
    const { stderr } = await haal('rollback').fails('E_CONFLICT', 4)
    expect(stderr).toMatch(/\.haal\/skills\/a is yours, not haal’s/)
    expect(stderr).toMatch(/hint: .*--force/)
    await haal('rollback --force --yes').succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': skill('a'), '.haal/skills/a/notes/deep/x.md': 'x' })
  })
})

describe('what a person has edited', () => {
  test('[L16] is never overwritten without --force, and with it is kept aside and its place printed', async () => {
    const { folder, haal, project } = await world()
    const acme = await folder('acme', two)
    await haal('install a').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'edited' })
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    const { stderr } = await haal('update').fails('E_CONFLICT', 4)
    expect(stderr).toMatch(/\.haal\/skills\/a was edited/)
    expect(stderr).toMatch(/hint: see the edits: haal diff skill\/a; .*--force/)
    await haal('install --frozen').fails('E_FROZEN', 9)
    const forced = await haal('update --force --yes').succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': /v2/ })
    const place = /\.haal\/\.state\/saved\/\S+?(?=[\s,;:]|$)/.exec(`${forced.stdout}${forced.stderr}`)?.[0] ?? 'nowhere'
    const saved = Object.keys(project.tree(place)).find((at) => at.endsWith('SKILL.md')) ?? ''
    await project.has({ [`${place}/${saved}`]: 'edited' })
  })

  test('[L16] install leaves it, and says so', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', two)
    await haal('install a b').succeeds()
    await project.write({ '.haal/skills/a/SKILL.md': 'edited' })
    const { stdout, stderr } = await haal('install').changesNothing()
    expect(`${stdout}${stderr}`).toMatch(/\.haal\/skills\/a\/SKILL\.md.*W_KEPT/)
    expect((await haal('list').succeeds()).stdout).toMatch(/^skill\/a .*modified\nskill\/b .*acme\n$/)
    await haal('install --force --yes').succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': skill('a') })
  })

  test("[T4] a file of the user's where an artifact goes is a conflict, and --force keeps it aside", async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { ...two, 'agents/r.md': agent('r') })
    await project.write({ '.haal/skills/a/SKILL.md': 'mine', '.haal/agents/r.md': 'mine' })
    await haal('install a').fails('E_CONFLICT', 4)
    const { stderr } = await haal('install r').fails('E_CONFLICT', 4)
    expect(stderr).toMatch(/: \.haal\/agents\/r\.md is yours, not haal’s$/m)
    await haal('install a r --force --yes').succeeds()
    await project.has({ '.haal/skills/a/SKILL.md': skill('a'), '.haal/agents/r.md': agent('r') })
    const saved = Object.keys(project.tree('.haal/.state/saved')).filter((at) => /\.md$/.test(at))
    expect(saved).toHaveLength(2)
  })
})

describe('what a person has put in the place of an artifact', () => {
  const instead: [what: string, body: string | { link: string }][] = [
    ['a link', { link: '../../../outside' }],
    ['a file', 'mine'],
  ]

  test.each(instead)(
    '[O3 L16] %s is not written through, kept when the artifact goes, and kept aside with --force',
    async (_what, body) => {
      const { folder, haal, project, root } = await world()
      const acme = await folder('acme', two)
      await root.write({ 'outside/SKILL.md': 'theirs' })
      await haal('install a').succeeds()
      await project.write({ '.haal/skills/a': null })
      await project.write({ '.haal/skills/a': body })
      expect((await haal('verify').outcome()).stdout).toMatch(/^changed +skill\/a +\.haal\/skills\/a$/m)
      const frozen = await haal('install --frozen').fails('E_FROZEN', 9)
      expect(frozen.stderr).toMatch(/differ: \.haal\/skills\/a differs \(foreign\)$/m)
      await acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
      await haal('update').fails('E_CONFLICT', 4)
      expect((await haal('uninstall a').succeeds()).stderr).toMatch(/\.haal\/skills\/a: kept/)
      expect(project.exists('.haal/skills/a')).toBe(true)
      await haal('install a').fails('E_CONFLICT', 4)
      await haal('install a --force --yes').succeeds()
      await root.has({ 'outside/SKILL.md': 'theirs' })
      await project.has({ '.haal/skills/a/SKILL.md': /v2/ })
      expect(Object.keys(project.tree('.haal/.state/saved')).some((at) => at.endsWith('skills/a'))).toBe(true)
    },
  )
})
