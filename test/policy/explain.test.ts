import { expect, test } from 'vitest'
import { HaalError } from '../../src/model/errors.js'
import { emptyLock } from '../../src/model/lock.js'
import { judgeArtifact } from '../../src/policy/decide.js'
import { checked, describe as describePolicy, explain } from '../../src/policy/explain.js'
import { allowedIn, refusedIn } from '../../src/policy/record.js'
import { refuse } from '../../src/policy/refuse.js'
import { failure } from '../failing.js'
import { artifact, at, bytesA, corp, keyA, lockOf, planOf, policy } from './made.js'

test('[P9] the rules about an artifact are named with their source and effect', () => {
  const rules = policy(
    {
      registries: { allow: [{ origin: 'https://git.corp.com' }] },
      namespaces: [{ match: 'acme-*', registry: 'https://git.corp.com/ai/skills.git' }],
      artifacts: { allow: ['skill/*'], required: { 'skill/acme-x': '^1.0.0' }, pinned: { 'skill/acme-x': '1.0.0' } },
    },
    { artifacts: { allow: ['skill/b'], deny: [{ match: 'skill/acme-*', reason: 'not yet' }, 'hook/*'] } },
  )
  expect(explain(rules, { ref: 'skill/acme-x' }, corp)).toEqual([
    { rule: 'registries.allow', source: '/0/policy.json', effect: 'allows https://git.corp.com' },
    { rule: 'namespaces', source: '/0/policy.json', effect: 'only from https://git.corp.com/ai/skills.git' },
    { rule: 'artifacts.required', source: '/0/policy.json', effect: 'requires ^1.0.0' },
    { rule: 'artifacts.pinned', source: '/0/policy.json', effect: 'pins it to 1.0.0' },
    { rule: 'artifacts.allow', source: '/0/policy.json', effect: 'allows "skill/*"' },
    {
      rule: 'artifacts.allow',
      source: '/1/policy.json',
      effect: 'refuses it: it is not in the list of allowed artifacts',
    },
    { rule: 'artifacts.deny', source: '/1/policy.json', effect: 'denies "skill/acme-*": not yet' },
  ])
  expect(explain(rules, { ref: 'skill/b' }).map(({ effect }) => effect)).toEqual([
    'allows "skill/*"',
    'allows "skill/b"',
  ])
})

test('[P9] a registry that policy refuses is named too', () => {
  const rules = policy({ registries: { deny: [{ origin: 'https://hub.example', reason: 'not ours' }] } })
  expect(explain(rules, { ref: 'skill/x' }, at('https://hub.example'))).toEqual([
    {
      rule: 'registries.deny',
      source: '/0/policy.json',
      effect: 'refuses: policy denies https://hub.example: not ours',
    },
  ])
  expect(explain(rules, { ref: 'skill/x' })).toEqual([])
})

test('[P9] the merged policy is shown rule by rule, as it is written, with its source and what is in force', () => {
  const shown = describePolicy(
    policy(
      {
        name: 'acme',
        contact: 'sec@acme.com',
        artifacts: { deny: [{ match: 'hook/*', reason: 'reviewed' }] },
        content: { maxFileBytes: 10, executables: 'approve', minimumAgeHours: 1 },
      },
      {
        registries: { allow: [{ origin: 'https://a.corp', path: '/x/*' }, { npm: '@a/*' }] },
        content: { maxFileBytes: 20, executables: 'allow', minimumAgeHours: 2 },
      },
    ),
  )
  expect(shown.sources).toMatchObject([
    { layer: 'machine', source: '/0/policy.json', contact: 'sec@acme.com' },
    { layer: 'user', source: '/1/policy.json', contact: null },
  ])
  expect(shown.rules[0]?.layer).toBe('user')
  expect(shown.rules.map(({ rule, value, source, reason, inForce }) => [rule, value, source, reason, inForce])).toEqual(
    [
      ['registries.allow', ['https://a.corp/x/*', 'npm:@a/*'], '/1/policy.json', null, true],
      ['artifacts.deny', 'hook/*', '/0/policy.json', 'reviewed', true],
      ['content.executables', 'approve', '/0/policy.json', null, true],
      ['content.executables', 'allow', '/1/policy.json', null, false],
      ['content.minimumAgeHours', 1, '/0/policy.json', null, false],
      ['content.minimumAgeHours', 2, '/1/policy.json', null, true],
      ['content.maxFileBytes', 10, '/0/policy.json', null, true],
      ['content.maxFileBytes', 20, '/1/policy.json', null, false],
    ],
  )
  expect(shown.warnings.map(({ code }) => code)).toEqual(['W_POLICY_WIDENS', 'W_POLICY_WIDENS'])
})

test('[P9] [P10] an "allow" that a project may not give is shown as not in force', () => {
  const { rules } = describePolicy(policy({}, {}, {}, { content: { executables: 'allow' } }))
  expect(rules).toMatchObject([{ rule: 'content.executables', value: 'allow', layer: 'project', inForce: false }])
})

test('[P9] rules of several parts are shown as a policy writes them', () => {
  const { rules } = describePolicy(
    policy({
      haal: { min: '1.0.0' },
      registries: { require: { verified: true, checksum: false, signature: [{ registry: 'corp', keys: [keyA] }] } },
      namespaces: [{ match: 'acme-*', registry: 'acme/skills', reason: 'ours' }],
      artifacts: { pinned: { 'skill/x': '1.0.0' } },
      audit: { file: '/a' },
    }),
  )
  expect(rules.every(({ inForce }) => inForce)).toBe(true)
  expect(rules.map(({ rule, value, reason }) => [rule, value, reason])).toEqual([
    ['haal', { min: '1.0.0' }, null],
    ['registries.require.verified', true, null],
    ['registries.require.checksum', false, null],
    ['registries.require.signature', { registry: 'corp', keys: [keyA], threshold: 1 }, null],
    ['namespaces', { match: 'acme-*', registry: 'acme/skills' }, 'ours'],
    ['artifacts.pinned', { artifact: 'skill/x', to: '1.0.0' }, null],
    ['audit', { file: '/a', required: false }, null],
  ])
})

test('[P9] a check lists every refusal', () => {
  const refusals = judgeArtifact(policy({ contact: 'sec', artifacts: { deny: ['skill/x'] } }), artifact('skill/x'))
  expect(checked(refusals, 3)).toEqual({
    ok: false,
    checked: 3,
    refusals: [
      {
        code: 'E_POLICY_ARTIFACT',
        about: 'skill/x',
        rule: 'artifacts.deny',
        layer: 'machine',
        source: '/0/policy.json',
        reason: 'policy denies "skill/x"',
        contact: 'sec',
      },
    ],
  })
  expect(checked([], 3)).toEqual({ ok: true, checked: 3, refusals: [] })
})

const now = { time: '2026-01-02T03:04:05.000Z', command: 'install skill/x' }

test('[P11] an allowed plan is one decision for each change, none for what stays', () => {
  const plan = planOf(lockOf({ 'skill/old': {}, 'skill/keep': {} }), lockOf({ 'skill/keep': {}, 'skill/x': {} }))
  expect(allowedIn(plan, now)).toEqual([
    {
      ...now,
      decision: 'allowed',
      about: 'skill/old',
      action: 'remove',
      version: '1.0.0',
      integrity: bytesA,
      registry: 'corp',
    },
    {
      ...now,
      decision: 'allowed',
      about: 'skill/x',
      action: 'add',
      version: '1.0.0',
      integrity: bytesA,
      registry: 'corp',
    },
  ])
  expect(allowedIn(planOf(emptyLock, emptyLock), now)).toEqual([])
})

test('[P11] a refusal is one decision for each rule that said no', () => {
  const rules = policy({ artifacts: { deny: ['skill/x'], allow: [] } })
  const error = failure(() => refuse(judgeArtifact(rules, artifact('skill/x'))))
  expect(refusedIn(error, now)).toEqual([
    {
      ...now,
      decision: 'refused',
      about: 'skill/x',
      code: 'E_POLICY_ARTIFACT',
      rule: 'artifacts.deny',
      source: '/0/policy.json',
      reason: 'policy denies "skill/x"',
    },
    {
      ...now,
      decision: 'refused',
      about: 'skill/x',
      code: 'E_POLICY_ARTIFACT',
      rule: 'artifacts.allow',
      source: '/0/policy.json',
      reason: 'it is not in the list of allowed artifacts',
    },
  ])
})

test('[P11] a policy that cannot be read and a missing approval are decisions; other failures are none', () => {
  expect(refusedIn(new HaalError('E_POLICY_LOAD', 'policy /p is empty'), now)).toEqual([
    { ...now, decision: 'refused', about: 'policy', code: 'E_POLICY_LOAD', reason: 'policy /p is empty' },
  ])
  expect(
    refusedIn(new HaalError('E_APPROVAL', 'skill/x runs', { details: { artifact: 'skill/x' } }), now),
  ).toMatchObject([{ about: 'skill/x', code: 'E_APPROVAL' }])
  expect(refusedIn(new HaalError('E_SIG_MISSING', 'unsigned'), now)).toHaveLength(1)
  expect(refusedIn(new HaalError('E_NOT_FOUND', 'no such thing'), now)).toEqual([])
})
