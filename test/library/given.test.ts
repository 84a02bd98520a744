import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createHaal, HaalError } from '../../src/index.js'
import { acme, ground, skill } from './ground.js'

const file = (folder: string) => ({ type: 'file' as const, location: folder })

describe('what a program gives', () => {
  test('[U9] works without haal.json, and what is asked by name is kept there; registries are not', async () => {
    const at = ground()
    at.write('registries/acme/skills/review/SKILL.md', skill('review'))
    const haal = await at.haal()
    await haal.install('review')
    expect(JSON.parse(at.read('project/haal.json'))).toEqual({ artifacts: { 'skill/review': '^1.0.0' } })
    await haal.pin('review')
    expect(JSON.parse(at.read('project/haal.json')).pins).toEqual({ 'skill/review': '1.0.0' })
  })

  test('[U9] artifacts are installed and not written: what is no longer given goes', async () => {
    const at = ground()
    for (const name of ['review', 'brief']) at.write(`registries/acme/skills/${name}/SKILL.md`, skill(name))
    const both = await at.haal({ artifacts: { 'skill/review': '*', 'skill/brief': '^1.0.0' } })
    expect((await both.install()).changes.map(({ artifact }) => artifact)).toEqual(['skill/brief', 'skill/review'])
    expect(at.exists('project/haal.json')).toBe(false)
    const one = await at.haal({ artifacts: { 'skill/review': '*' } })
    expect((await one.install()).changes).toMatchObject([{ action: 'remove', artifact: 'skill/brief' }])
  })

  test('[U9] joins what haal.json asks for, and leaves that as it is', async () => {
    const at = ground()
    for (const name of ['review', 'brief']) at.write(`registries/acme/skills/${name}/SKILL.md`, skill(name))
    const text = '{\n  // ours\n  "artifacts": { "skill/brief": "*" }\n}\n'
    at.write('project/haal.json', text)
    const haal = await at.haal({ artifacts: { 'skill/review': '*' } })
    await haal.install()
    expect((await haal.list()).artifacts.map(({ artifact }) => artifact)).toEqual(['skill/brief', 'skill/review'])
    expect(at.read('project/haal.json')).toBe(text)
  })

  test('[U9] takes the place of the registries and routes of haal.json, whose own commands then refuse to edit them', async () => {
    const at = ground()
    at.write('registries/acme/skills/review/SKILL.md', skill('review', 'acme'))
    at.write('registries/other/skills/review/SKILL.md', skill('review', 'other'))
    at.write('project/haal.json', {
      registries: { other: file('../registries/other') },
      defaultRegistries: { skill: 'other' },
    })
    const haal = await at.haal()
    expect((await haal.registry.list()).registries.map(({ name }) => name)).toEqual(['acme'])
    const from = path.join(at.root, 'registries/other')
    const edits = [
      () => haal.registry.add(from),
      () => haal.registry.remove('acme'),
      () => haal.install('review', { from }),
    ]
    for (const edit of edits)
      await expect(edit()).rejects.toMatchObject({ code: 'E_USAGE', hint: expect.stringContaining('createHaal') })
    expect((await haal.install('review')).changes).toMatchObject([{ registry: 'acme' }])
  })

  test('[U9 T1] targets place what is installed, and are not written either', async () => {
    const at = ground()
    at.write('registries/acme/skills/review/SKILL.md', skill('review'))
    const haal = await at.haal({ targets: ['claude'], artifacts: { 'skill/review': '*' } })
    await haal.install()
    expect(at.exists('project/.claude/skills/review/SKILL.md')).toBe(true)
    expect(at.exists('project/haal.json')).toBe(false)
    await expect(haal.target.add('cursor')).rejects.toMatchObject({ code: 'E_USAGE' })
  })

  test('[P1] a policy that does not exist is missed where it was named', async () => {
    const haal = await ground().haal({ policy: './nowhere.json' })
    await expect(haal.policy.show()).rejects.toMatchObject({
      code: 'E_POLICY_LOAD',
      message: expect.stringMatching(/nowhere\.json does not exist, and the program that runs haal names it/),
    })
  })

  test('[U9 P1] a policy joins those that are there: each can forbid, none allows more', async () => {
    const at = ground()
    for (const name of ['review', 'brief']) at.write(`registries/acme/skills/${name}/SKILL.md`, skill(name))
    const denies = (match: string) => ({ policyVersion: 1, artifacts: { deny: [{ match, reason: 'not here' }] } })
    at.write('project/haal.json', { policy: './policy.json' })
    at.write('project/policy.json', denies('skill/brief'))
    at.write('project/own.json', denies('skill/review'))
    const haal = await at.haal({ policy: './own.json' })
    for (const name of ['review', 'brief'])
      await expect(haal.install(name)).rejects.toMatchObject({ code: 'E_POLICY_ARTIFACT', exit: 5 })
    const { sources } = await haal.policy.show()
    expect(sources.map(({ layer }) => layer)).toEqual(['environment', 'project'])
  })

  test('[U9] a token is used without being bound first, and stands in no file', async () => {
    const at = ground()
    const registries = [{ name: 'corp', type: 'url' as const, location: 'http://127.0.0.1:9', token: 'canary-5f1d' }]
    const haal = await at.haal({ registries, artifacts: { 'skill/review': '*' } })
    await expect(haal.install()).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      message: expect.not.stringContaining('canary'),
    })
    expect((await haal.registry.list()).registries).toMatchObject([
      { name: 'corp', source: expect.stringContaining('createHaal') },
    ])
  })
})

describe('registryConfig', () => {
  const tools = (at: ReturnType<typeof ground>, ...registries: string[]) => {
    for (const name of registries) {
      const entry = (id: string, kind: string) => ({
        id: `${name}.${id}`,
        name: id,
        version: '1.0.0',
        path: `curated/${id}`,
        kind,
      })
      const curated = [entry('search', 'tool'), entry('plan', 'planning-strategy'), entry('guard', 'guardrail')]
      at.write(`registries/${name}/registry.json`, { extensions: { curated } })
      for (const { path: folder } of curated)
        at.write(`registries/${name}/registry/${folder}/index.mjs`, `export {} // ${name}`)
    }
    return Object.fromEntries(registries.map((name) => [name, file(path.join(at.root, 'registries', name))]))
  }

  test('[A30] the resolver comes before defaultRegistries, null falls through to these, then to "default", then to the order', async () => {
    const at = ground()
    const registries = tools(at, 'first', 'second', 'default')
    const asked: string[] = []
    const resolver = (kind: string) => {
      asked.push(kind)
      return kind === 'tool' ? 'second' : null
    }
    const routed = await at.haal({
      registryConfig: { registries, resolver, defaultRegistries: { tool: 'first', guardrail: 'first' } },
    })
    const { changes } = await routed.plan(['search', 'guard', 'plan'])
    expect(changes.map(({ artifact, registry }) => [artifact, registry])).toEqual([
      ['extension/plan', 'default'],
      ['guardrail/guard', 'first'],
      ['tool/search', 'second'],
    ])
    expect(asked).toContain('planning-strategy')
    const { default: _none, ...ordered } = registries
    const unrouted = await at.haal({ registryConfig: { registries: ordered, resolver: () => null } })
    expect((await unrouted.plan('search')).changes).toMatchObject([{ registry: 'first' }])
  })

  test('[A29] defaultRegistries takes any kind as key, and a kind without a value is not named', async () => {
    const at = ground()
    const registries = tools(at, 'first', 'second')
    const defaultRegistries = { 'planning-strategy': 'second', tool: undefined }
    const haal = await at.haal({ registryConfig: { registries, defaultRegistries } })
    const { changes } = await haal.plan(['plan', 'search'])
    expect(changes.map(({ artifact, registry }) => [artifact, registry])).toEqual([
      ['extension/plan', 'second'],
      ['tool/search', 'first'],
    ])
  })

  test('[A1] what a file may not say a program may not either, and the registry is named', async () => {
    const at = ground()
    const registries = { corp: { type: 'ftp', location: 'x' } } as never
    await expect(at.haal({ registryConfig: { registries } })).rejects.toThrow(/createHaal.*"corp".*"ftp"/)
    await expect(at.haal({ registries: [acme(at.root)], registryConfig: { registries: {} } })).rejects.toMatchObject({
      code: 'E_USAGE',
    })
  })
})

test('[U9 U3] what an option says wrong is for whoever writes the program, not for a terminal', async () => {
  const wrong = createHaal({ cwd: ground().root, pins: { 'skill/review': 1 } as never })
  await expect(wrong).rejects.toMatchObject({
    code: 'E_CONFIG',
    message: 'createHaal: $.pins["skill/review"] should be text, not 1',
    hint: 'correct it in the options that the program gives; their type is HaalOptions',
  })
})

test.each([[5], ['x'], [[]], [null]])('[U9 U3] registryConfig: %j is not passed over', async (registryConfig) => {
  await expect(createHaal({ cwd: ground().root, registryConfig: registryConfig as never })).rejects.toMatchObject({
    code: 'E_CONFIG',
    message: expect.stringContaining('$.registryConfig should be an object, not'),
  })
})

test('[U9] a home that is empty is none, as HAAL_HOME is', async () => {
  const at = ground()
  const haal = await at.haal({ home: '', env: { HOME: at.root, HAAL_HOME: path.join(at.root, 'named') } })
  expect((await haal.cache.info()).store.path).toBe(path.join(at.root, 'named', 'store'))
})

test('[U9] options that cannot be right are refused before anything is read', async () => {
  const nowhere = path.join(ground().root, 'nowhere')
  await expect(createHaal({ cwd: nowhere })).rejects.toThrow(HaalError)
  await expect(createHaal({ cwd: nowhere })).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 })
  await expect(createHaal({ config: './haal.config.mjs' })).rejects.toMatchObject({ code: 'E_USAGE' })
})

test('[U3 U9] a call that looks at what is installed says, too, that the file of `config` is not there', async () => {
  const haal = await ground().haal({ config: 'none.json' })
  await expect(haal.list()).rejects.toMatchObject({
    code: 'E_CONFIG',
    message: expect.stringMatching(/none\.json does/),
  })
})

test.each([[5], [null], [[undefined]], [{ name: 'x' }]])(
  '[U9] %j in the place of names is the program’s mistake, no bug in haal',
  async (names) => {
    const haal = await ground().haal()
    const error = { code: 'E_USAGE', exit: 2 }
    await expect(haal.install(names as never)).rejects.toMatchObject(error)
    await expect(haal.target.add(names as never)).rejects.toMatchObject(error)
  },
)
