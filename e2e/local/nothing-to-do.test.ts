import fs from 'node:fs'
import { expect, test } from 'vitest'
import { world } from '../world/index.js'

/** Many, each as carefully looked at as if it were alone. */
const count = 260
const rules = Array.from({ length: count }, (_, i) => `rules/r${i}.md`)

async function large() {
  const at = await world()
  await at.folder('acme', Object.fromEntries(rules.map((file) => [file, `# ${file}\n`])))
  await at.haal('install --all').succeeds()
  return at
}

test('[L7 F1] a large project that is as locked is left alone, with as many words as a small one', async () => {
  const { haal } = await large()
  const { stdout } = await haal('install').changesNothing()
  expect(stdout).toMatch(new RegExp(`${count}`))
  expect((await haal('install').json<{ changes: unknown[] }>()).changes).toHaveLength(count)
})

test('[L7 F1] an artifact that is gone comes back, in a large project too', async () => {
  const { haal, project } = await large()
  await project.remove('.haal/rules/r7.md')
  await haal('install').succeeds()
  await project.has({ '.haal/rules/r7.md': /rules\/r7/ })
})

test('[L7 F1] what a person adds beside the artifacts of a large project is left alone', async () => {
  const { haal, project } = await large()
  await project.write({ '.haal/rules/mine.md': 'mine\n' })
  await haal('install').changesNothing()
})

test('[L7 P1 F1] a policy that came since then is judged by', async () => {
  const { haal, store } = await large()
  await haal('install').changesNothing()
  await store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny: ['rule/r7'] } } })
  await haal('install').fails('E_POLICY_ARTIFACT', 5)
})

test('[L7 P1 T1 F1] a policy and tools that haal.json names since then are seen to', async () => {
  const { haal, project } = await large()
  const asked = project.json<object>('haal.json')
  await project.write({
    'p.json': { policyVersion: 1, artifacts: { deny: ['rule/r7'] } },
    'haal.json': { ...asked, policy: './p.json' },
  })
  await haal('install').fails('E_POLICY_ARTIFACT', 5)
  await project.write({ 'haal.json': { ...asked, targets: ['claude'] } })
  await haal('install').succeeds()
  await project.has({ '.claude/rules/r7.md': /rules\/r7/ })
})

test('[L7 F1] without its note of that haal finds out again that there is nothing to do', async () => {
  const { haal, store } = await large()
  await store.remove('settled')
  await haal('install').changesNothing()
})

test('[L16 F1] an edit in a large project is told by an install that has nothing else to do', async () => {
  const { haal, project } = await large()
  await project.write({ '.haal/rules/r7.md': 'mine\n' })
  const { stderr } = await haal('install').changesNothing()
  expect(stderr).toMatch(/\.haal\/rules\/r7\.md: left/)
})

/** A project with tools: whole files and folders of theirs, and one that they share with a person. */
async function withTools() {
  const at = await world()
  await at.folder('acme', {
    'skills/review/SKILL.md': '---\nname: review\ndescription: Reviews.\n---\n',
    'skills/review/more/notes.md': 'notes\n',
    'rules/tone.md': '# Tone\n',
    'mcp/search/mcp.json': { mcpServers: { search: { url: 'https://search.example/mcp' } } },
  })
  const { registries } = at.project.json<{ registries: unknown }>('haal.json')
  await at.project.write({ 'haal.json': { registries, targets: ['claude', 'cursor'] } })
  await at.haal('install skill/review rule/tone mcp/search').succeeds()
  return at
}

/** What haal opens of artifacts is written into `opened`. */
async function watched(root: Awaited<ReturnType<typeof world>>['root']) {
  await root.write({
    'opened.cjs': `
      const fs = require('node:fs')
      const note = (name) => {
        const real = fs[name]
        fs[name] = (file, ...rest) => {
          if (/store|acme|skills|rules|mcp/.test(String(file))) fs.appendFileSync(${JSON.stringify(root.at('opened'))}, file + '\\n')
          return real(file, ...rest)
        }
      }
      note('openSync')
      note('readFileSync')
    `,
    opened: '',
  })
  return { NODE_OPTIONS: `--require ${root.at('opened.cjs')}` }
}

test('[L7 T1 F1] where tools have all that they shall have, too, nothing of any artifact is opened to see that', async () => {
  const { haal, project, root } = await withTools()
  const env = await watched(root)
  await haal('install', { env }).changesNothing()
  expect(root.read('opened')).toBe('')
  await haal('list').succeeds()
  await haal('install', { env }).changesNothing()
  expect(root.read('opened')).toBe('')
  await project.write({ '.claude/skills/review/SKILL.md': 'mine\n' })
  await haal('install', { env }).succeeds()
  expect(root.read('opened')).not.toBe('')
})

test('[L7 T1 F1] what was written anew with the same bytes is opened until an install has found that out, and then no more', async () => {
  const { haal, project, root } = await withTools()
  const own = { mcpServers: { ...project.json<{ mcpServers: object }>('.mcp.json').mcpServers, mine: { url: 'x' } } }
  await project.write({
    '.claude/skills/review/SKILL.md': project.read('.claude/skills/review/SKILL.md'),
    '.haal/rules/tone.md': project.read('.haal/rules/tone.md'),
    '.mcp.json': own,
  })
  const env = await watched(root)
  await haal('install', { env }).succeeds()
  expect(root.read('opened')).toContain('tone.md')
  await haal('install').changesNothing()
  await root.write({ opened: '' })
  await haal('install', { env }).changesNothing()
  expect(root.read('opened')).toBe('')
})

test.each([
  ['what haal noted is gone', ({ store }: World) => store.remove('settled')],
  ['what was seen is gone', ({ project }: World) => project.remove('.haal/.state/seen')],
  [
    'haal.json is laid out in another way',
    ({ project }: World) => project.write({ 'haal.json': `${project.read('haal.json')}\n\n` }),
  ],
])('[L7 F1] where %s, an install notes anew that there is nothing to do, and a dry run does not', async (_, act) => {
  const at = await large()
  const noted = () => at.store.tree('settled')
  await act(at)
  const before = noted()
  await at.haal('install --dry-run').changesNothing()
  expect(noted()).toEqual(before)
  await at.haal('install').changesNothing()
  expect(noted()).not.toEqual(before)
})

type World = Awaited<ReturnType<typeof large>>

test('[L16 T1 F1] an edit in the folder of a tool is told by an install that has nothing else to do', async () => {
  const { haal, project } = await withTools()
  await project.write({ '.claude/skills/review/more/mine.md': 'mine\n' })
  expect((await haal('install').changesNothing()).stderr).toMatch(/\.claude\/skills\/review\/more\/mine\.md: left/)
})

test.each([
  '.claude/skills/review/more/notes.md',
  '.claude/skills/review',
  '.claude/rules/tone.md',
  '.cursor/rules/tone.mdc',
  '.mcp.json',
  '.cursor/mcp.json',
])('[L7 T1 F1] %s of a tool comes back where it is gone', async (place) => {
  const { haal, project } = await withTools()
  const trees = () => ['.claude', '.cursor', '.haal/skills', '.haal/rules'].map((folder) => project.tree(folder))
  const [before, shared] = [trees(), project.read('.mcp.json')]
  await project.remove(place)
  await haal('install --force').succeeds()
  expect(trees()).toEqual(before)
  expect(project.read('.mcp.json')).toBe(shared)
})

test('[L7 T5 F1] a value of a person’s in a file that tools share with them changes nothing', async () => {
  const { haal, project } = await withTools()
  const own = { mcpServers: { ...project.json<{ mcpServers: object }>('.mcp.json').mcpServers, mine: { url: 'x' } } }
  await project.write({ '.mcp.json': own })
  await haal('install').changesNothing()
  expect(project.json('.mcp.json')).toEqual(own)
})

test('[L7 T1 F1] a tool less in haal.json loses its places, and with it again has them', async () => {
  const { haal, project } = await withTools()
  const asked = project.json('haal.json')
  await project.write({ 'haal.json': { ...asked, targets: ['claude'] } })
  await haal('install --yes').succeeds()
  await project.lacks('.cursor/rules/tone.mdc')
  await project.write({ 'haal.json': asked })
  await haal('install').succeeds()
  await project.has({ '.cursor/rules/tone.mdc': /Tone/ })
})

test('[L7 T1 F1] tools that another configuration gave are taken back by one that asks for the same without them', async () => {
  const { haal, project } = await withTools()
  const { targets, ...asked } = project.json('haal.json')
  await project.write({ 'haal.json': asked })
  await haal('install --yes').succeeds()
  await project.write({ 'team.json': { ...asked, targets } })
  await haal('install --config team.json').succeeds()
  await project.has({ '.claude/rules/tone.md': /Tone/ })
  await haal('install --yes').succeeds()
  await project.lacks('.claude/rules/tone.md')
})

test('[L7 T1 F1] what came for a tool with another HAAL_HOME, and a haal.lock that is no more, is taken back', async () => {
  const { haal, project, root } = await withTools()
  const [asked, lock] = [project.read('haal.json'), project.read('haal.lock')]
  await haal('target add windsurf', { env: { HAAL_HOME: root.at('other') } }).succeeds()
  await project.has({ '.windsurf/rules/tone.md': /Tone/ })
  await project.write({ 'haal.json': asked, 'haal.lock': lock })
  await haal('install --yes').succeeds()
  await project.lacks('.windsurf')
})

test('[L9 T1 F1] after a rollback an install brings the tools what haal.json asks for', async () => {
  const { haal, project } = await withTools()
  await haal('uninstall tone --yes').succeeds()
  await haal('rollback').succeeds()
  await project.has({ '.claude/rules/tone.md': /Tone/, '.haal/.state/seen': /\.claude\/rules\/tone\.md/ })
  await haal('install').changesNothing()
})

test('[L7 L20 T1 F1] what --global gave tools is not where an install in the home folder gives it', async () => {
  const { haal, home } = await world()
  await home.write({
    'acme/agents/reviewer.md': '---\nname: reviewer\ndescription: Reviews.\n---\n',
    'haal.json': { registries: [{ name: 'acme', location: './acme' }], targets: ['opencode'] },
  })
  await haal('install reviewer --global').succeeds()
  await home.has({ '.config/opencode/agents/reviewer.md': /Reviews/ })
  await haal('install --yes', { cwd: '../home' }).succeeds()
  await home.has({ '.opencode/agents/reviewer.md': /Reviews/ })
})

test('[L7 T1 F1] a link comes to be a copy again, whatever list has seen of it in another haal.json', async () => {
  const { haal, project } = await withTools()
  const asked = project.read('haal.json')
  await haal('install').changesNothing()
  await project.remove('.claude/skills/review')
  fs.symlinkSync(project.at('.haal/skills/review'), project.at('.claude/skills/review'), 'junction')
  await project.write({ 'haal.json': `${asked}\n` })
  await haal('list').succeeds()
  await project.write({ 'haal.json': asked })
  await haal('install').succeeds()
  expect(project.tree('.claude/skills')).toEqual(project.tree('.haal/skills'))
})

test('[L7 T5 F1] what is edited behind a link is found after a list, too', async () => {
  const { haal, project } = await world().then(async (at) => {
    await at.folder('acme', {
      'mcp/search/mcp.json': { mcpServers: { search: { url: 'https://search.example/mcp' } } },
    })
    await at.project.write({
      'haal.json': { ...at.project.json<object>('haal.json'), targets: ['claude'] },
      'shared/mcp.json': {},
    })
    fs.symlinkSync(at.project.at('shared/mcp.json'), at.project.at('.mcp.json'))
    return at
  })
  await haal('install mcp/search').succeeds()
  await haal('install').changesNothing()
  await haal('list').succeeds()
  await project.write({ 'shared/mcp.json': {} })
  expect((await haal('list').succeeds()).stdout).toMatch(/missing/)
  await haal('install').succeeds()
  await project.has({ 'shared/mcp.json': /search\.example/ })
})

test('[S4 L7 F1] another address in .haal/registries.json is told where haal.json has an empty list', async () => {
  const { haal, project } = await world()
  const listed = (name: string) => ({ '.haal/registries.json': [{ name: 'acme', location: `../${name}` }] })
  for (const name of ['one', 'two']) await project.write({ [`${name}/rules/tone.md`]: `# ${name}\n` })
  await project.write({ 'haal.json': { registries: [], artifacts: { 'rule/tone': '*' } }, ...listed('one') })
  await haal('install').succeeds()
  await haal('install').changesNothing()
  await project.write(listed('two'))
  await haal('install').fails('E_LOCK_SOURCE', 2)
})

test('[L7 L14 F1] what another haal brings while one finds nothing to do is looked at by the next', async () => {
  const { haal, project, root, store } = await world().then(async (at) => {
    await at.folder('acme', { 'rules/one.md': '# One\n', 'rules/two.md': '# Two\n' })
    return at
  })
  await haal('install rule/one').succeeds()
  await store.remove('settled')
  await project.remove('.haal/.state/seen')
  await root.write({
    'meanwhile.cjs': `
      const fs = require('node:fs')
      const { openSync } = fs
      fs.openSync = (file, ...rest) => {
        if (/\\.haal.rules.one\\.md$/.test(String(file))) {
          fs.openSync = openSync
          const { NODE_OPTIONS, ...env } = process.env
          require('node:child_process').execFileSync(process.execPath, [process.argv[1], 'install', 'rule/two'], { env })
        }
        return openSync(file, ...rest)
      }
    `,
  })
  await haal('install', { env: { NODE_OPTIONS: `--require ${root.at('meanwhile.cjs')}` } }).succeeds()
  await project.has({ '.haal/rules/two.md': /Two/ })
  await project.write({ '.haal/rules/two.md': 'mine\n' })
  expect((await haal('install').succeeds()).stderr).toMatch(/\.haal\/rules\/two\.md: left/)
})
