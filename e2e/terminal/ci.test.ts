import fs from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { agent, skill, type World, world } from '../world/index.js'
import { sarifSchema } from './sarif-schema.js'

const isSarif = new Ajv({ strict: false, formats: { uri: true } }).compile(sarifSchema)

async function installed(): Promise<World> {
  const at = await world()
  await at.folder('corp', { 'skills/review/SKILL.md': skill('review'), 'agents/reviewer.md': agent('reviewer') })
  await at.haal('install review reviewer').succeeds()
  return at
}

interface Log {
  runs: {
    tool: { driver: { rules: { id: string }[] } }
    results: {
      ruleId: string
      ruleIndex: number
      locations: { physicalLocation: { artifactLocation: { uri: string } } }[]
    }[]
  }[]
}

/** The one log that a line prints, checked. */
async function log(at: World, line: string, exit: number): Promise<Log['runs'][number]> {
  const done = await at.haal(line).outcome()
  expect(done.exit, done.stderr).toBe(exit)
  const document = JSON.parse(done.stdout)
  expect(isSarif(document), JSON.stringify(isSarif.errors)).toBe(true)
  const [run] = (document as Log).runs
  if (run === undefined) throw new Error('no run')
  for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
  return run
}

const found = ({ results }: Log['runs'][number]) =>
  results.map(({ ruleId, locations }) => `${ruleId} ${locations[0]?.physicalLocation.artifactLocation.uri}`)

describe('for a code scanner', () => {
  test('[U3 O28] verify --format sarif lists every difference at its file', async () => {
    const at = await installed()
    expect(found(await log(at, 'verify --format sarif', 0))).toEqual([])
    await at.project.write({ '.haal/agents/reviewer.md': 'mine\n', '.haal/skills/review/ein name.md': 'mine\n' })
    await at.project.remove('.haal/skills/review/SKILL.md')
    expect(found(await log(at, 'verify --format sarif', 9))).toEqual([
      'changed .haal/agents/reviewer.md',
      'missing .haal/skills/review/SKILL.md',
      'added .haal/skills/review/ein%20name.md',
    ])
  })

  test('[U3 P9] policy check --format sarif lists every refusal with its code', async () => {
    const at = await installed()
    expect(found(await log(at, 'policy check --format sarif', 0))).toEqual([])
    const deny = [{ match: 'agent/*', reason: 'agents are reviewed first \u202e' }]
    await at.store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny } } })
    const run = await log(at, 'policy check --format sarif', 5)
    expect(found(run)).toEqual(['E_POLICY_ARTIFACT haal.lock'])
    expect(JSON.stringify(run)).toContain('agents are reviewed first \u202e')
  })

  test('[U3 P4] what could not be looked at is a log that says so, without results', async () => {
    const at = await world()
    const failed = async (line: string, exit: number) => {
      const { stdout, stderr, ...done } = await at.haal(line).outcome()
      expect(done.exit, stderr).toBe(exit)
      const document = JSON.parse(stdout)
      expect(isSarif(document), JSON.stringify(isSarif.errors)).toBe(true)
      expect(document.runs).toHaveLength(1)
      expect(document.runs[0]).not.toHaveProperty('results')
      expect(stdout, 'as docs/ci.md looks for it').toContain('"executionSuccessful":false')
      expect(stderr).toMatch(/^error: /)
      return document.runs[0].invocations
    }
    const message = { text: 'there is no haal.lock to verify against (install something: haal install)' }
    expect(await failed('verify --format sarif', 9)).toEqual([
      {
        executionSuccessful: false,
        exitCode: 9,
        toolExecutionNotifications: [{ descriptor: { id: 'E_NO_LOCK' }, level: 'error', message }],
      },
    ])
    await at.store.write({ 'policy.json': '{ "policyVersion": 1' })
    expect(await failed('policy check --format sarif', 5)).toMatchObject([{ executionSuccessful: false, exitCode: 5 }])
  })

  test('[U3] the action of docs/ci.md uploads each log as a category of its own', () => {
    const page = fs.readFileSync(path.resolve(import.meta.dirname, '../../docs/ci.md'), 'utf8')
    const uploads = page.split(/^ *- uses: /m).filter((step) => step.startsWith('github/codeql-action/upload-sarif@'))
    const given = (key: string) => uploads.map((step) => new RegExp(`^ *${key}: (.*)$`, 'm').exec(step)?.[1])
    expect(given('sarif_file')).toEqual(['verify', 'policy'].map((log) => `\${{ runner.temp }}/haal/${log}.sarif`))
    expect(given('category')).toEqual(['haal-verify', 'haal-policy'])
  })

  test('[S10] nothing in it acts on a terminal', async () => {
    const at = await installed()
    await at.store.write({
      'policy.json': {
        policyVersion: 1,
        artifacts: { deny: [{ match: 'agent/*', reason: '\u001b[2J\u009b31m\u202e' }] },
      },
    })
    const { stdout } = await at.haal('policy check --format sarif').outcome()
    expect(stdout).toMatch(/^[\u0020-\u007e]*\n$/)
  })

  test('[U2 U3] two documents at once, or another format, are not understood', async () => {
    const at = await installed()
    await at.haal('verify --format sarif --json').fails('E_USAGE', 2)
    await at.haal('policy check --format sarif --json').fails('E_USAGE', 2)
    await at.haal('verify --format junit').fails('E_USAGE', 2)
  })
})

describe('in GitHub Actions', () => {
  const env = { GITHUB_ACTIONS: 'true', CI: 'true' }

  test('[U3] a failure is an annotation, on stderr, beside what people read', async () => {
    const at = await installed()
    const { stderr, stdout } = await at.haal('install nothing-like-it', { env }).fails('E_NOT_FOUND', 3)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: no artifact "nothing-like-it"/)
    expect(stderr).toMatch(/^::error title=haal E_NOT_FOUND::no artifact "nothing-like-it" in corp%0A/m)
  })

  test('[U3] what verify and policy check find is one, too, but where a code scanner gets it', async () => {
    const at = await installed()
    await at.project.write({ '.haal/agents/reviewer.md': 'mine\n' })
    await at.store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny: ['skill/review'] } } })
    const said = async (line: string) => {
      const { stderr } = await at.haal(line, { env }).outcome()
      return stderr.split('\n').filter((each) => each.startsWith('::'))
    }
    for (const flags of ['', ' --json']) {
      expect(await said(`verify${flags}`)).toEqual([
        expect.stringMatching(
          /^::error title=haal verify::changed {2}agent\/reviewer {2}\S+reviewer\.md%0A1 difference/,
        ),
      ])
      expect(await said(`policy check${flags}`)).toEqual([
        expect.stringMatching(/^::error title=haal policy check::E_POLICY_ARTIFACT {2}skill\/review: policy denies/),
      ])
    }
    expect(await said('verify --format sarif')).toEqual([])
    expect(await said('verify skill/review')).toEqual([])
  })

  test('[U3 S10] nobody else can write one: neither a name that is asked for nor a description', async () => {
    const at = await world()
    await at.folder('corp', { 'skills/review/SKILL.md': skill('review', 'v1', { description: '::error::forged' }) })
    const listed = await at.haal('list --available', { env }).succeeds()
    expect(`${listed.stdout}${listed.stderr}`).not.toMatch(/^::/m)
    const { stderr } = await at.haal(['install', 'x\n::error::forged'], { env }).outcome()
    expect(stderr.match(/^::error/gm)).toHaveLength(1)
  })

  test('[U2] elsewhere nothing is annotated', async () => {
    const at = await installed()
    const { stderr } = await at.haal('install nothing-like-it', { env: { CI: 'true' } }).fails('E_NOT_FOUND', 3)
    expect(stderr).not.toContain('::error')
  })
})
