import { describe, expect, test } from 'vitest'
import type { Ref } from '../../src/model/kinds.js'
import { judgeArtifact, judgePlace, judgeRegistry, judgeVersions, toolsAsked } from '../../src/policy/decide.js'
import type { ArtifactFacts } from '../../src/policy/facts.js'
import { refuse } from '../../src/policy/refuse.js'
import { failure } from '../failing.js'
import { artifactAttempts } from './artifact-attempts.js'
import { artifact, at, codesOf, corp, harmless, policy } from './made.js'
import { registryAttempts } from './registry-attempts.js'

describe('[O29] [P6] [C07] [P01] a registry under a policy', () => {
  test.each(registryAttempts.map((each) => [each.says, each] as const))('%s', (_says, { rules, registry, refused }) => {
    const codes = codesOf(judgeRegistry(policy(...rules), registry))
    expect(codes[0]).toBe(refused)
  })
})

describe('[P6] [P7] [O31] an artifact under a policy', () => {
  test.each(artifactAttempts.map((each) => [each.says, each] as const))(
    '%s',
    (_says, { rules, ref, facts, refused }) => {
      const codes = codesOf(judgeArtifact(policy(...rules), artifact(ref, facts)))
      expect(codes[0]).toBe(refused)
    },
  )
})

test('[P6] a refusal names the thing, the rule, its source, its reason and whom to ask', () => {
  const rules = {
    contact: 'security@acme.com',
    artifacts: { deny: [{ match: 'hook/*', reason: 'hooks are reviewed by security' }] },
  }
  const error = failure(() => refuse(judgeArtifact(policy(rules), artifact('hook/format'))))
  expect(error).toMatchObject({
    code: 'E_POLICY_ARTIFACT',
    exit: 5,
    message: 'hook/format: policy denies "hook/*": hooks are reviewed by security (artifacts.deny in /0/policy.json)',
    hint: 'ask security@acme.com; "haal policy show" prints every rule',
    details: {
      rule: 'artifacts.deny',
      source: '/0/policy.json',
      layer: 'machine',
      contact: 'security@acme.com',
      about: 'hook/format',
    },
  })
})

test('[P6] an artifact of a refused registry is refused in the name of the registry rule', () => {
  const error = failure(() => refuse(judgeArtifact(policy({ registries: { allow: [] } }), artifact('skill/x'))))
  expect(error.message).toBe(
    'skill/x from registry corp: https://git.corp.com/ai/skills.git is not in the list of allowed registries (registries.allow in /0/policy.json)',
  )
  expect(error.hint).toBe('haal policy show')
  expect(error.details).not.toHaveProperty('refusals')
})

test('[P6] several rules that say no are all in the details', () => {
  const rules = { artifacts: { deny: ['skill/x'], pinned: { 'skill/x': '2.0.0' } } }
  const error = failure(() => refuse(judgeArtifact(policy(rules), artifact('skill/x'))))
  expect(error.message).toContain('; and 1 more')
  expect(error.details.refusals).toMatchObject([{ rule: 'artifacts.deny' }, { rule: 'artifacts.pinned' }])
})

test('[P7] a bound name is refused from another registry whether or not its own answers: only the location counts', () => {
  const rules = policy({ namespaces: [{ match: 'acme-*', registry: 'https://git.corp.com/ai/skills.git' }] })
  const elsewhere = artifact('skill/acme-x', {
    registry: at('https://hub.example', { verified: true, checksum: true }),
  })
  expect(codesOf(judgeArtifact(rules, elsewhere))).toEqual(['E_POLICY_NAMESPACE'])
})

test('[P7] so is what its own files call by a bound name, and a plugin that has such a part', () => {
  const rules = policy({ namespaces: [{ match: 'acme-*', registry: 'https://git.corp.com/ai/skills.git' }] })
  const registry = at('https://hub.example')
  const judged = (ref: Ref, more: Partial<ArtifactFacts>) =>
    judgeArtifact(rules, artifact(ref, { registry, ...more })).map(({ about, reason }) => `${about}: ${reason}`)
  expect(judged('skill/x', { content: { ...harmless, called: ['skill/acme-security'] } })).toEqual([
    expect.stringMatching(
      /^skill\/x: it has something that calls itself skill\/acme-security, and names like "acme-\*" come from/,
    ),
  ])
  expect(judged('plugin/x', { contains: ['agent/acme-y', 'skill/other'] })).toEqual([
    expect.stringMatching(/^plugin\/x: it contains agent\/acme-y, and names like "acme-\*" come from/),
  ])
  expect(judged('bundle/x', { contains: ['skill/acme-y'] })).toEqual([])
  expect(judged('plugin/x', { contains: ['agent/acme-y'], registry: corp })).toEqual([])
})

test('[P6] what its own files call by a denied name or id is denied', () => {
  const rules = policy({ artifacts: { deny: ['com.x.y', 'skill/evil'] } })
  const judged = (ref: Ref, called: Ref[]) =>
    judgeArtifact(rules, artifact(ref, { content: { ...harmless, called }, contains: [] })).map(({ reason }) => reason)
  const calls = (ref: Ref, text: string) => [`it has something that calls itself ${ref}, and policy denies "${text}"`]
  expect(judged('tool/x', ['tool/com.x.y'])).toEqual(calls('tool/com.x.y', 'com.x.y'))
  expect(judged('skill/x', ['skill/Evil'])).toEqual(calls('skill/Evil', 'skill/evil'))
  expect(judged('plugin/x', ['plugin/y', 'skill/evil'])).toEqual(calls('skill/evil', 'skill/evil'))
  expect(judged('agent/x', ['agent/evil'])).toEqual([])
})

test('[O29] a redirect or an entry that points elsewhere is judged by its place alone', () => {
  const rules = policy({ registries: { allow: [{ origin: 'https://git.corp.com' }], require: { verified: true } } })
  expect(judgePlace(rules, { name: 'r', at: { via: 'url', url: 'https://git.corp.com/x.tgz' } })).toEqual([])
  expect(codesOf(judgePlace(rules, { name: 'r', at: { via: 'url', url: 'https://cdn.example/x.tgz' } }))).toEqual([
    'E_POLICY_REGISTRY',
  ])
})

test.each([
  ['https://me:hunter2@cdn.example/x?sig=hunter2#hunter2', 'https://cdn.example/x'],
  ['ssh://hunter2@git.example/x', 'ssh://git.example/x'],
  ['hunter2@git.example:x', 'git.example:x'],
])('[O29] a refused address is named without what may be secret in it: %s', (url, shown) => {
  const error = failure(() =>
    refuse(judgePlace(policy({ registries: { allow: [] } }), { name: 'r', at: { via: 'git', url } })),
  )
  expect(error.message).toContain(`: ${shown} is not in the list`)
  expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2')
})

test.each([
  [{ via: 'npm', name: '@acme/skills' }, '@acme/skills'],
  [{ via: 'npm', name: '@acme/skills', registry: 'https://registry.npmjs.org/' }, '@acme/skills'],
  [{ via: 'npm', name: '@acme/x', registry: 'https://me:hunter2@npm.acme/a/' }, '@acme/x from https://npm.acme/a/'],
  [{ via: 'file', path: '/srv/a?b#c@d' }, '/srv/a?b#c@d'],
  [{ via: 'github', host: 'github.com', repo: 'acme/skills' }, 'acme/skills'],
] as const)('[O29] a refused registry is named as the configuration has it: %j', (at, shown) => {
  const error = failure(() => refuse(judgePlace(policy({ registries: { allow: [] } }), { name: 'r', at })))
  expect(error.message).toContain(`: ${shown} is not in the list`)
})

test('[P6] a content rule refuses what nobody told it', () => {
  const { content: _untold, ...facts } = artifact('skill/x')
  expect(codesOf(judgeArtifact(policy({ content: { licenses: ['MIT'] } }), facts))).toEqual(['E_POLICY_CONTENT'])
  expect(judgeArtifact(policy({ content: { executables: 'allow', minimumAgeHours: 0 } }), facts)).toEqual([])
})

test('[P6] a skill nobody looked into is refused where it might hold what is denied, not for a name it cannot have', () => {
  const { content: _untold, ...facts } = artifact('skill/x')
  const codes = (...deny: string[]) => codesOf(judgeArtifact(policy({ artifacts: { deny } }), facts))
  expect(codes('hook/x')).toEqual(['E_POLICY_ARTIFACT'])
  expect(codes('mcp/*')).toEqual(['E_POLICY_ARTIFACT'])
  expect(codes('hook/y', 'agent/x')).toEqual([])
})

describe('[P6] a refused content is named by what is wrong with it', () => {
  const rows: [says: string, rules: object, has: Partial<typeof harmless>, reason: string][] = [
    [
      'a few of many',
      { hiddenUnicode: 'deny' },
      { hidden: ['a', 'b', 'c', 'd', 'e'] },
      'it has characters that people cannot see: a, b, c and 2 more',
    ],
    ['all of a few', { executables: 'deny' }, { surface: ['a', 'b', 'c'] }, 'it brings something that runs: a, b, c'],
    ['its age', { minimumAgeHours: 72 }, { ageHours: 71.9 }, 'it must be 72 hours old, and is 71'],
    ['an age in the future', { minimumAgeHours: 72 }, { ageHours: -5 }, 'it must be 72 hours old, and is 0'],
    ['its largest file', { maxFileBytes: 99 }, {}, 'SKILL.md has 100 bytes, more than 99'],
    ['its size', { maxArtifactBytes: 199 }, {}, 'it has 200 bytes, more than 199'],
    ['its licence', { licenses: [] }, {}, 'its licence "MIT" is not in the list of allowed licences'],
  ]
  test.each(rows)('%s', (_says, rules, has, reason) => {
    const refusals = judgeArtifact(
      policy({ content: rules }),
      artifact('skill/x', { content: { ...harmless, ...has } }),
    )
    expect(refusals.map((each) => each.reason)).toEqual([reason])
  })

  test('an age and a licence that nobody states', () => {
    const { ageHours: _age, licence: _licence, ...content } = harmless
    const refusals = judgeArtifact(
      policy({ content: { minimumAgeHours: 72, licenses: ['MIT'] } }),
      artifact('skill/x', { content }),
    )
    expect(refusals.map(({ reason }) => reason)).toEqual([
      'it states no licence',
      'it must be 72 hours old, and its age is not known',
    ])
  })
})

describe('[O38] [P6] versions of haal and of tools', () => {
  const rows: [says: string, rules: object, haal: string, tools: object, refused: string[]][] = [
    ['haal within its bounds', { haal: { min: '1.0.0', max: '1.x' } }, '1.4.0', {}, []],
    ['haal too old', { haal: { min: '1.0.0' } }, '0.9.9', {}, ['E_POLICY_TOOL']],
    ['haal too new', { haal: { max: '1.x' } }, '2.0.0', {}, ['E_POLICY_TOOL']],
    ['a prerelease of haal is older than its release', { haal: { min: '1.0.0' } }, '1.0.0-rc.1', {}, ['E_POLICY_TOOL']],
    ['a prerelease of the next haal', { haal: { max: '1.x' } }, '2.0.0-beta.1', {}, ['E_POLICY_TOOL']],
    ['a prerelease within bounds', { haal: { min: '1.0.0', max: '1.x' } }, '1.2.0-beta.1', {}, []],
    [
      'a tool within its bounds',
      { tools: { git: { min: '2.39.0' } } },
      '1.0.0',
      { git: { version: 'git version 2.39.5 (Apple Git-154)', used: true } },
      [],
    ],
    [
      'a tool on Windows',
      { tools: { git: { min: '2.39.0' } } },
      '1.0.0',
      { git: { version: 'git version 2.47.0.windows.1', used: true } },
      [],
    ],
    [
      'a tool too old',
      { tools: { git: { min: '2.39.0' } } },
      '1.0.0',
      { git: { version: 'git version 2.30.2', used: true } },
      ['E_POLICY_TOOL'],
    ],
    [
      'a tool that is missing',
      { tools: { git: { min: '2.39.0' } } },
      '1.0.0',
      { git: { version: null, used: true } },
      ['E_POLICY_TOOL'],
    ],
    [
      'a tool that says no version',
      { tools: { git: { min: '2.39.0' } } },
      '1.0.0',
      { git: { version: 'hello', used: true } },
      ['E_POLICY_TOOL'],
    ],
    ['a tool that nobody looked for', { tools: { git: { min: '2.39.0' } } }, '1.0.0', {}, ['E_POLICY_TOOL']],
    [
      'a tool that is not used here',
      { tools: { claude: { min: '2.0.0' } } },
      '1.0.0',
      { claude: { version: null, used: false } },
      [],
    ],
  ]
  test.each(rows)('%s', (_says, rules, haal, tools, refused) => {
    expect(codesOf(judgeVersions(policy({ ...rules }), haal, { ...tools }))).toEqual(refused)
  })

  test('the stricter of two policies counts', () => {
    const rules = policy({ haal: { min: '1.0.0' } }, { haal: { min: '1.5.0' } }, { haal: { min: '1.1.0' } })
    expect(judgeVersions(rules, '1.2.0').map(({ source }) => source.from)).toEqual(['/1/policy.json'])
    expect(judgeVersions(rules, '1.5.0')).toEqual([])
  })

  test.each([
    [{ min: '2.0.0' }, 'policy asks for at least 2.0.0, this is 1.0.0'],
    [{ max: '0.9' }, 'policy asks for at most 0.9, this is 1.0.0'],
    [{ min: '2.0.0', max: '2.x' }, 'policy asks for at least 2.0.0 and at most 2.x, this is 1.0.0'],
  ])('a refusal says what is asked for: %j', (haal, reason) => {
    expect(judgeVersions(policy({ haal }), '1.0.0').map((each) => each.reason)).toEqual([reason])
  })

  test('only tools that policy names are asked for', () => {
    expect(toolsAsked(policy({ tools: { git: { min: '2' } } }, { tools: { git: { max: '3' }, claude: {} } }))).toEqual([
      'git',
      'claude',
    ])
    expect(toolsAsked(policy({}))).toEqual([])
  })
})
