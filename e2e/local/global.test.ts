import { describe, expect, test } from 'vitest'
import { agent, skill, world } from '../world/index.js'

describe('--global', () => {
  test('[L20] keeps the same state for the user instead of the project', async () => {
    const { folder, haal, home, project } = await world()
    const acme = await folder(
      'acme',
      { 'skills/a/SKILL.md': skill('a', 'v1'), 'agents/r.md': agent('r') },
      { listed: false },
    )
    await haal(['install', 'a', '--global', '--from', acme.path]).succeeds()
    await home.has({
      '.haal/skills/a/SKILL.md': skill('a', 'v1'),
      'haal.json': /"skill\/a"/,
      'haal.lock': /"skill\/a"/,
    })
    expect(Object.keys(project.tree())).toEqual([])
    expect((await haal('list --global').succeeds()).stdout).toMatch(/^skill\/a /)
    expect((await haal('list').succeeds()).stdout).toBe(
      'nothing is installed; see what there is: haal list --available\n',
    )
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await haal('update --global').succeeds()
    await haal('verify --global').succeeds()
    await haal('install --frozen --global').changesNothing()
    await haal('rollback --global').succeeds()
    await home.has({ '.haal/skills/a/SKILL.md': /v1/ })
    await haal('uninstall a --global').succeeds()
    await home.lacks('.haal/skills')
  })

  test('[L20] init makes the user’s haal.json, whatever the project has', async () => {
    const { haal, home, project } = await world()
    await project.write({ 'haal.json': { artifacts: {} } })
    await haal('init --global --registry acme/skills').succeeds()
    await home.has({ 'haal.json': /acme\/skills/ })
    expect(project.json('haal.json')).toEqual({ artifacts: {} })
    await haal('init --global').fails('E_CONFLICT', 4)
  })

  test('[L20] a project below the home folder does not take the user’s artifacts for its own', async () => {
    const { folder, haal, home, root } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
    await haal(['install', 'a', '--global', '--from', acme.path]).succeeds()
    await root.write({ 'home/work/x': '' })
    expect((await haal('list', { cwd: '../home/work' }).succeeds()).stdout).toBe(
      'nothing is installed; see what there is: haal list --available\n',
    )
    expect((await haal('list', { cwd: '../home' }).succeeds()).stdout).toMatch(/skill\/a/)
    expect(home.exists('work/.haal')).toBe(false)
  })
})

describe('where a command works', () => {
  test('[U3] the nearest folder upwards with haal.json is the project; --cwd names another', async () => {
    const { folder, haal, project, root } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') })
    await project.write({ 'src/deep/x': '' })
    await haal('install a', { cwd: 'src/deep' }).succeeds()
    expect(project.exists('.haal/skills/a')).toBe(true)
    await project.lacks('src/deep/.haal', 'src/deep/haal.lock')
    await root.write({ 'elsewhere/haal.json': { registries: [{ name: 'acme', location: '../folders/acme' }] } })
    await haal('install a --cwd ../elsewhere').succeeds()
    expect(root.exists('elsewhere/.haal/skills/a')).toBe(true)
    await haal('list --cwd ../nowhere').fails('E_USAGE', 2)
  })

  test('[A12] --config names the file to read and to write', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
    await project.write({ 'conf/team.json': { registries: [{ name: 'acme', location: '../../folders/acme' }] } })
    await haal('install a --config conf/team.json').succeeds()
    expect(project.json('conf/team.json')).toMatchObject({ artifacts: { 'skill/a': '*' } })
    await project.lacks('haal.json')
    await haal('install --frozen --config conf/team.json').changesNothing()
    await haal('install --config conf/none.json').fails('E_CONFIG', 2)
  })

  test.each(['list', 'verify', 'history', 'agentos', 'cache info', 'completion bash', 'registry keygen key', 'doctor'])(
    '[U3] haal %s says that the file of --config is not there',
    async (line) => {
      const { haal, project } = await world()
      await project.write({ 'conf/other.json': {} })
      const { stderr } = await haal(`${line} --config conf/none.json`).fails('E_CONFIG', 2)
      expect(stderr).toContain('error: conf/none.json does not exist\n')
      expect((await haal(`${line} --config conf`).fails('E_CONFIG', 2)).stderr).toContain('error: conf is a folder\n')
    },
  )

  test('[O2] --from adds its registry to haal.json once, and is used from there', async () => {
    const { folder, haal, project } = await world()
    await folder('Acme_Skills', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') }, { listed: false })
    await haal('install a --from ../folders/Acme_Skills').succeeds()
    await haal('install b --from ../folders/Acme_Skills').succeeds()
    const { registries, artifacts } = project.json<{ registries: unknown[]; artifacts: object }>('haal.json')
    expect(registries).toHaveLength(1)
    expect(artifacts).toEqual({ 'skill/a': '*', 'skill/b': '*' })
    await haal('install --frozen').changesNothing()
    await haal('install --from ../folders/Acme_Skills').fails('E_USAGE', 2)
  })

  test('[O2 U2] a registry that --from adds is told, where it is added and only then', async () => {
    const { folder, haal } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') }, { listed: false })
    const from = (line: string) => haal(`install ${line} --from ../folders/acme`)
    expect((await from('a --dry-run').succeeds()).stdout).toMatch(
      /^haal\.json: would add the registry acme\n\+ skill\/a/,
    )
    expect(await from('a --dry-run').json()).toMatchObject({ added: { file: 'haal.json', registry: 'acme' } })
    expect((await from('a').succeeds()).stdout).toMatch(/^haal\.json: added the registry acme\n\+ skill\/a/)
    expect((await from('b').succeeds()).stdout).not.toContain('acme\n')
    expect(await from('b').json()).not.toHaveProperty('added')
  })

  test('[A12 O2] a path that --from or registry add writes starts at the folder of the file it is written to', async () => {
    const { folder, haal, project } = await world()
    await folder('acme', { 'skills/a/SKILL.md': skill('a') }, { listed: false })
    await folder('more', { 'skills/b/SKILL.md': skill('b') }, { listed: false })
    await project.write({ '.config/haal.json': {} })
    await haal('install a --from ../folders/acme').succeeds()
    await haal('registry add ../folders/more').succeeds()
    expect(project.json('.config/haal.json')).toMatchObject({
      registries: [{ location: '../../folders/acme' }, { location: '../../folders/more' }],
    })
    await haal('install b').succeeds()
    await haal('update').succeeds()
  })

  test('[A13 L6] --offline is enough for folders, for all that local registries can do', async () => {
    const { folder, haal } = await world()
    const acme = await folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1') })
    for (const line of ['list --available', 'install a', 'verify', 'install --frozen'])
      await haal(`${line} --offline`).succeeds()
    await acme.write({ 'skills/a/SKILL.md': skill('a', 'v2') })
    await haal('update --offline').succeeds()
    await haal('rollback --offline').succeeds()
  })
})
