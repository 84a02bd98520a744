import { generateKeyPairSync } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Files, manifest, needs, registryJson, skill, type World, world } from './world/index.js'
import { libraryOf } from './world/library.js'

const published = path.resolve(import.meta.dirname, 'world/agentos')
const load = path.join(published, 'load.mjs')
const key = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const real = needs('agentos', 'unshare')

interface Report {
  extensionManifest: { packs: { module: string; identifier: string; priority: number; options: object }[] }
  personaSource: string
  skillsDir: string
  loads: { artifact: string; as: string }[]
  problems: { artifact: string; problem: string; says: string; names: string[]; mend: string | null }[]
}

describe('what haal installs, in the real AgentOS', () => {
  real(
    '[A45] a tool, a guardrail and a workflow load and work; update and rollback show in a fresh process',
    async () => {
      const at = await world()
      const registry = await at.folder('acme', whole('1.0.0'))
      await at.haal('install --all').succeeds()
      expect(await inAgentos(at)).toMatchObject({
        packs: ['com.acme.shout', 'com.acme.greet', 'com.acme.onboard'],
        failed: [],
        tools: { greet: 'hello from 1.0.0, you said: my SSN is 123-45-6789' },
        guardrails: { shout: 'MY SSN IS 123-45-6789' },
        workflows: ['onboard'],
      })
      await registry.write(whole('2.0.0'))
      await at.haal('update').succeeds()
      expect(await inAgentos(at)).toMatchObject({ tools: { greet: expect.stringContaining('hello from 2.0.0') } })
      await at.haal('rollback').succeeds()
      expect(await inAgentos(at)).toMatchObject({ tools: { greet: expect.stringContaining('hello from 1.0.0') } })
    },
  )

  real('[A46] personas load in PersonaLoader, and skills in SkillRegistry, a skill.md too', async () => {
    const at = await world()
    const { location } = await at.folder('acme', whole('1.0.0'), { listed: false })
    await at.project.write({ 'haal.json': { registryConfig: { registries: { acme: { type: 'file', location } } } } })
    await at.haal('install persona/* skill/*').succeeds()
    expect(await inAgentos(at)).toMatchObject({
      personas: [
        ['guide', 'Guide'],
        ['scribe', 'Scribe'],
      ],
      skills: [
        ['brief', 'Be brief.'],
        ['long', 'Take your time.'],
      ],
    })
    const { loads, problems } = await at.haal('agentos').json<Report>()
    expect(loads.filter(({ as }) => as === 'persona').map(({ artifact }) => artifact)).toEqual([
      'persona/guide',
      'persona/scribe',
    ])
    expect(problems).toEqual([])
  })

  real('[A45 A46] the whole runtime starts with them, calls the tool, knows the workflow and the persona', async () => {
    const at = await world()
    await at.folder('acme', whole('1.0.0'))
    await at.haal('install --all').succeeds()
    expect(await inAgentos(at, 'runtime')).toEqual({
      output: 'hello from 1.0.0, you said: my SSN is 123-45-6789',
      workflows: ['onboard'],
      personas: ['guide', 'scribe'],
    })
  })

  real('[A45] published packs load as they come from npm', async () => {
    const at = await world()
    const npm = await at.npm()
    for (const name of ['agentos-ext-pii-redaction', 'agentos-ext-skills']) {
      await npm.publish(`@framers/${name}`, '1.0.0', contentOf(name))
      at.list({ name, type: 'npm', location: `@framers/${name}` })
    }
    await at.haal('install --all').succeeds()
    withPackages(at)
    const { failed, guardrails, tools } = await inAgentos(at)
    expect(failed).toEqual([])
    expect(Object.values(guardrails)).toEqual([expect.stringMatching(/\[(SSN|PERSON)\]/)])
    expect(Object.keys(tools)).toEqual(expect.arrayContaining(['pii_scan', 'skills_list']))
  })

  real('[A47] a published pack that needs npm packages is left out until they are there', async () => {
    const at = await world()
    await at.folder('acme', {
      'registry.json': registryJson([{ name: 'CLI', version: '1.2.0', path: 'curated/cli-executor' }]),
      ...below('registry/curated/cli-executor', contentOf('agentos-ext-cli-executor')),
    })
    await at.haal('install tool/cli-executor').succeeds()
    const { problems } = await at.haal('agentos').json<Report>()
    expect(problems).toEqual([
      {
        artifact: 'tool/cli-executor',
        problem: 'packages',
        says: 'needs the npm packages mammoth, pdf-parse, xlsx',
        names: ['mammoth', 'pdf-parse', 'xlsx'],
        mend: 'npm install "mammoth@^1.8.0" "pdf-parse@^1.1.1" "xlsx@^0.18.5"',
      },
    ])
    expect(await inAgentos(at)).toMatchObject({ packs: [] })
    withPackages(at)
    expect(await inAgentos(at)).toMatchObject({ packs: ['tool/cli-executor'], failed: [] })
  })

  real('[A17] the skills that AgentOS publishes install and load', async () => {
    const at = await world()
    const npm = await at.npm()
    await npm.publish('@framers/agentos-skills', '0.10.1', contentOf('agentos-skills'))
    at.list({ name: 'official', type: 'npm', location: '@framers/agentos-skills' })
    await at.haal('install skill/apple-notes skill/agent-config').succeeds()
    const { skills } = await inAgentos(at)
    expect(skills.map(([name]) => name)).toEqual(['agent-config', 'apple-notes'])
  })
})

describe('haal agentos', () => {
  test('[A45] packs come in the order of registries, the primary last and with the highest priority', async () => {
    const at = await world()
    await at.folder('first', oneTool('com.acme.one', 'one'))
    await at.folder('second', oneTool('com.acme.two', 'two'))
    await at.haal('install one two').succeeds()
    const { extensionManifest } = await at.haal('agentos').json<Report>()
    expect(extensionManifest.packs).toEqual([
      { module: at.project.at('.haal/tools/two/index.mjs'), identifier: 'com.acme.two', priority: 10, options: {} },
      { module: at.project.at('.haal/tools/one/index.mjs'), identifier: 'com.acme.one', priority: 20, options: {} },
    ])
  })

  test('[A45 A46] the entry point of each artifact is in the lockfile', async () => {
    const at = await world()
    await at.folder('acme', whole('1.0.0'))
    await at.haal('install --all').succeeds()
    const { artifacts } = at.project.json<{ artifacts: Record<string, { entry?: string; loadable?: boolean }> }>(
      'haal.lock',
    )
    const entries = Object.entries(artifacts).filter(([, { entry }]) => entry !== undefined)
    expect(entries.map(([ref, { entry, loadable }]) => [ref, entry, loadable])).toEqual([
      ['guardrail/shout', 'main.js', true],
      ['persona/guide', 'persona.json', true],
      ['persona/scribe', 'src/own.json', true],
      ['tool/greet', 'lib/greet.mjs', true],
      ['workflow/onboard', 'dist/index.js', true],
    ])
  })

  test('[A46 A47] what cannot be loaded is told with what is missing, a secret by its name', async () => {
    const at = await world()
    await at.folder('acme', {
      ...oneTool('com.acme.one', 'one', { requiredSecrets: ['telegram.botToken', 'constructor'] }),
      ...below('registry/curated/source', { 'manifest.json': manifest('source'), 'src/index.ts': 'export {}' }),
      ...below('registry/curated/needy', {
        'index.js': 'export {}',
        'package.json': { name: 'needy', dependencies: { axios: '^1.7.7', left: '~2' } },
      }),
      ...below('registry/curated/siblings', {
        'index.js': 'export {}',
        'package.json': { name: 'siblings', dependencies: { axios: '^1', own: 'workspace:*' } },
      }),
      'personas/mute/persona.json': { id: 'mute', name: 'Mute' },
    })
    await at.haal('install --all').succeeds()
    const { problems, loads } = await at.haal('agentos').json<Report>()
    expect(loads).toEqual([{ artifact: 'tool/one', as: 'pack' }])
    expect(problems.map(({ artifact, problem, names, mend }) => [artifact, problem, names, mend])).toEqual([
      ['persona/mute', 'persona', [], null],
      ['tool/needy', 'packages', ['axios', 'left'], 'npm install "axios@^1.7.7" "left@~2"'],
      [
        'tool/one',
        'secrets',
        ['telegram.botToken', 'constructor'],
        'set TELEGRAM_BOT_TOKEN, CONSTRUCTOR, or give secrets to AgentOS',
      ],
      ['tool/siblings', 'packages', ['axios', 'own'], 'npm install "axios@^1"'],
      ['tool/source', 'source-only', [], null],
    ])
    expect(problems[0]?.says).toBe('cannot be loaded: persona/mute: persona.json has no version, baseSystemPrompt')
    const answered = await at.haal('agentos', { env: { TELEGRAM_BOT_TOKEN: 'x', CONSTRUCTOR: 'y' } }).json<Report>()
    expect(answered.problems.map(({ artifact }) => artifact)).not.toContain('tool/one')
  })

  test('[A47] people are told what mends it, and nothing is written', async () => {
    const at = await world()
    await at.folder('acme', oneTool('com.acme.one', 'one'))
    await at.haal('install one').succeeds()
    expect((await at.haal('agentos').changesNothing()).stdout).toBe('pack  tool/one\nAgentOS loads 1 artifact\n')
    await at.project.remove('.haal/tools/one')
    const { stdout } = await at.haal('agentos').changesNothing()
    expect(stdout).toBe(
      'x tool/one  is not where it was installed\n    haal install\nAgentOS loads 0 artifacts; 1 it cannot load\n',
    )
    const { picture } = await at.screen('haal agentos', { columns: 30 }).end()
    expect(picture).toMatch(/^x tool\/one {2}is not where it\n {4}was installed\n/)
  })

  test('[A46] a skill.md gets a place as SKILL.md when AgentOS is asked for, and keeps it', async () => {
    const at = await world()
    const registry = await at.folder('acme', { 'skills/brief/skill.md': skill('brief', 'v1') })
    await at.haal('install brief').succeeds()
    await at.project.lacks('.agentos')
    const { skillsDir, problems } = await at.haal('agentos').json<Report>()
    expect([skillsDir, problems]).toEqual([at.project.at('.agentos/skills'), []])
    await at.haal('agentos').changesNothing()
    await at.haal('install --frozen').changesNothing()
    await registry.write({ 'skills/brief/skill.md': skill('brief', 'v2') })
    await at.haal('update').succeeds()
    await at.project.has({ '.agentos/skills/brief/SKILL.md': /v2/, '.haal/skills/brief/skill.md': /v2/ })
    await at.haal('rollback').succeeds()
    await at.project.has({ '.agentos/skills/brief/SKILL.md': /v1/ })
    await at.haal('uninstall brief').succeeds()
    await at.project.lacks('.agentos', '.haal/skills')
  })

  test('[A46 P6] where policy forbids that place, nothing is written and the skill is told', async () => {
    const at = await world()
    await at.folder('acme', { 'skills/brief/skill.md': skill('brief') })
    await at.haal('install brief').succeeds()
    await at.store.write({ 'policy.json': { policyVersion: 1, targets: { allow: ['claude'] } } })
    const { stdout } = await at.haal('agentos --json').changesNothing()
    expect(JSON.parse(stdout).result).toMatchObject({
      skillsDir: at.project.at('.haal/skills'),
      problems: [{ artifact: 'skill/brief', problem: 'skill-name', mend: 'haal target add agentos' }],
    })
    await at.haal('target add agentos').fails('E_POLICY_TARGET', 5)
  })

  test.each([
    ['is broken', '{', 'E_POLICY_LOAD', 5],
    ['asks for another haal', { policyVersion: 1, haal: { min: '99.0.0' } }, 'E_POLICY_TOOL', 5],
    [
      'asks for a signature',
      { policyVersion: 1, registries: { require: { signature: [{ registry: '*', keys: [key] }] } } },
      'E_SIG_MISSING',
      6,
    ],
  ])('[A46 P4] where policy %s, nothing is written and the skill is told', async (_what, policy, code, exit) => {
    const at = await world()
    await at.folder('acme', { 'skills/brief/skill.md': skill('brief') })
    await at.haal('install brief').succeeds()
    await at.store.write({ 'policy.json': policy })
    const { stdout } = await at.haal('agentos --json').changesNothing()
    expect(JSON.parse(stdout).result.problems).toMatchObject([{ artifact: 'skill/brief', problem: 'skill-name' }])
    await at.haal('target add agentos').fails(code, exit)
  })

  test('[A45] the names of haal/agentos answer the same, for any project', async () => {
    const at = await world()
    await at.folder('acme', whole('1.0.0'))
    await at.haal('install --all').succeeds()
    const report = await at.haal('agentos').json<Report>()
    const { extensionManifest, personaSource, skillsDir } = await libraryOf('agentos')
    const where = { cwd: at.project.path, home: at.store.path, env: {} }
    expect(await extensionManifest(where)).toEqual(report.extensionManifest)
    expect(await personaSource(where)).toBe(report.personaSource)
    expect(await skillsDir(where)).toBe(report.skillsDir)
    const options = { 'com.acme.greet': { loud: true }, 'guardrail/shout': { quiet: true } }
    const { packs } = await extensionManifest({ ...where, options })
    expect(packs.map((pack) => pack.options)).toEqual([{ quiet: true }, { loud: true }, {}])
  })
})

interface Loaded {
  failed: string[]
  tools: Record<string, unknown>
  guardrails: Record<string, unknown>
  skills: string[][]
}

/** What the real runtime makes of it, in a fresh process without a network. */
async function inAgentos(at: World, mode = 'manager'): Promise<Loaded> {
  const file = at.root.at('tmp/agentos.json')
  fs.writeFileSync(file, JSON.stringify(await at.haal('agentos').json()))
  await at.node([load, file, `${file}.out`, mode], { network: false }).succeeds()
  return JSON.parse(fs.readFileSync(`${file}.out`, 'utf8'))
}

/** A registry of everything that AgentOS loads, written as its own packs are. `says` tells versions apart. */
function whole(says: string): Files {
  const entry = (name: string, version: string, more = {}) => ({ id: `com.acme.${name}`, name, version, ...more })
  return {
    'registry.json': registryJson(
      [
        entry('greet', says, { path: 'curated/tools/greet' }),
        entry('shout', '1.0.0', { path: 'curated/safety/shout', kind: 'guardrail' }),
        entry('onboard', '1.0.0', { path: 'curated/onboard', kind: 'workflow' }),
      ],
      {
        personas: {
          curated: ['guide', 'scribe'].map((id) => ({
            id,
            name: id,
            version: '1.0.0',
            path: `curated/personas/${id}`,
          })),
        },
        skills: { curated: ['brief', 'long'].map((name) => ({ name, version: '1.0.0', path: `skills/${name}` })) },
      },
    ),
    ...below('registry/curated/tools/greet', {
      'manifest.json': manifest('com.acme.greet', says, { entryPoint: './lib/greet.mjs' }),
      'lib/greet.mjs': pack(`{ id: 'greet', kind: 'tool', payload: {
        id: 'greet', name: 'greet', displayName: 'Greet', description: 'Greets',
        inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
        execute: async ({ text }) => ({ success: true, output: 'hello from ${says}, you said: ' + text }) } }`),
    }),
    ...below('registry/curated/safety/shout', {
      'package.json': { name: 'shout', version: '1.0.0', type: 'module', exports: './main.js' },
      'main.js': pack(`{ id: 'shout', kind: 'guardrail', payload: {
        evaluateInput: async ({ input }) => ({ action: 'sanitize', modifiedText: input.textInput.toUpperCase() }) } }`),
    }),
    ...below('registry/curated/onboard', {
      'package.json': { name: 'onboard', version: '1.0.0', type: 'module' },
      'dist/index.js': pack(`{ id: 'onboard', kind: 'workflow', payload: { definition: { id: 'onboard',
        displayName: 'Onboard', tasks: [{ id: 'hello', name: 'hello', executor: { type: 'human' } }] } } }`),
    }),
    ...below('registry/curated/personas', {
      'guide/persona.json': { id: 'guide', name: 'Guide', version: '1.0.0', baseSystemPrompt: 'You guide.' },
      'guide/package.json': { name: 'guide', private: true },
      'scribe/src/own.json': { id: 'scribe', name: 'Scribe', version: '1.0.0', baseSystemPrompt: 'You write.' },
    }),
    'skills/brief/skill.md': skill('brief', 'Be brief.'),
    'skills/long/SKILL.md': skill('long', 'Take your time.'),
  }
}

function pack(descriptor: string): string {
  return `export const createExtensionPack = () => ({ name: 'pack', version: '1.0.0', descriptors: [${descriptor}] })\n`
}

function oneTool(id: string, name: string, more: Record<string, unknown> = {}): Files {
  const files = { 'manifest.json': manifest(id, '1.0.0', more), 'index.mjs': pack('') }
  return {
    'registry.json': registryJson([{ id, name, version: '1.0.0', path: `curated/${name}` }]),
    ...below(`registry/curated/${name}`, files),
  }
}

function below(folder: string, files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([file, body]) => [`${folder}/${file}`, body]))
}

/** The packages of AgentOS, where Node.js looks for them from the project. */
function withPackages(at: World): void {
  fs.symlinkSync(path.join(published, 'node_modules'), at.project.at('node_modules'))
}

/** The files of a published package. */
function contentOf(name: string): Files {
  const root = path.join(published, 'node_modules/@framers', name)
  const files = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
  const own = paths.filter((file) => !file.startsWith('node_modules'))
  return Object.fromEntries(own.map((file) => [file, fs.readFileSync(path.join(root, file))]))
}
