import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Ref, splitRef } from '../../src/model/kinds.js'
import { emptyLock } from '../../src/model/lock.js'
import { approve, judgeLock } from '../../src/policy/approve.js'
import { asksForContent } from '../../src/policy/content.js'
import { judgeArtifact } from '../../src/policy/decide.js'
import type { ContentFacts, SignedFacts } from '../../src/policy/facts.js'
import { requiredBy } from '../../src/policy/required.js'
import { failure } from '../failing.js'
import { bytesA, bytesB, codesOf, corp, factsFrom, keyA, lockOf, planOf, policy, signedBy } from './made.js'
import { facts } from './random.js'

test('[P3] a plan that every rule lets pass comes back as it is', () => {
  const plan = planOf(emptyLock, lockOf({ 'skill/x': {} }))
  expect(approve(plan, policy({ artifacts: { allow: ['skill/*'] } }), factsFrom(plan.to.lock))).toBe(plan)
})

describe('[P3] [L10] [P11] everything that would be locked is judged, changed or not', () => {
  const noHooks = policy({ artifacts: { deny: [{ match: 'hook/*', reason: 'no hooks' }] } })
  const hooked = lockOf({ 'skill/x': {}, 'hook/h': {} })
  const plain = lockOf({ 'skill/x': {} })

  const rows: [says: string, plan: ReturnType<typeof planOf>][] = [
    ['an install', planOf(plain, hooked)],
    ['a frozen install, where nothing changes', planOf(hooked, hooked, { changes: [] })],
    ['an install that finds everything in place', planOf(hooked, hooked)],
    ['an install that removes something else as well', planOf(lockOf({ 'skill/old': {} }), hooked)],
    [
      'an update of something else',
      planOf(hooked, lockOf({ 'skill/x': { integrity: bytesB }, 'hook/h': {} }), { command: 'update' }),
    ],
    ['a rollback', planOf(plain, hooked, { command: 'rollback' })],
    ['a pin of something else', planOf(hooked, hooked, { command: 'pin', changes: [] })],
    [
      'a copy of something that is not locked',
      planOf(plain, plain, {
        command: 'copy',
        changes: [
          {
            action: 'copy',
            artifact: 'hook/h',
            from: null,
            to: { version: '1.0.0', revision: '', integrity: bytesA },
            registry: 'corp',
          },
        ],
      }),
    ],
  ]
  test.each(rows)('%s', (_says, plan) => {
    const error = failure(() => approve(plan, noHooks, factsFrom(plan.to.lock)))
    expect(error).toMatchObject({ code: 'E_POLICY_ARTIFACT', details: { about: 'hook/h', rule: 'artifacts.deny' } })
  })

  test('removing what is forbidden is allowed, also one of two at a time', () => {
    const two = lockOf({ 'hook/a': {}, 'hook/b': {} })
    const plan = planOf(two, lockOf({ 'hook/b': {} }))
    expect(approve(plan, noHooks, factsFrom(two))).toBe(plan)
  })

  test('a removal that puts files of something forbidden back is judged', () => {
    const two = lockOf({ 'hook/a': {}, 'hook/b': {} })
    const step = {
      place: '/p/.haal/hooks/b',
      shown: '.haal/hooks/b',
      after: { from: 'store', integrity: bytesA },
    } as const
    const plan = planOf(two, lockOf({ 'hook/b': {} }), { steps: [step] })
    expect(failure(() => approve(plan, noHooks, factsFrom(two))).code).toBe('E_POLICY_ARTIFACT')
  })
})

describe('[P6] a lockfile entry counts under every name it shows', () => {
  const denied = policy({ artifacts: { deny: ['skill/evil'] } })
  const rows: [says: string, more: object, refused: boolean][] = [
    ['the folder it came from', { path: 'skills/evil' }, true],
    ['the file it came from', { path: 'skills/evil.md' }, true],
    ['the name of its copies', { path: 'skills/x', as: 'evil' }, true],
    ['none of them', { path: 'skills/x', as: 'y' }, false],
  ]
  test.each(rows)('%s', (_says, more, refused) => {
    const lock = lockOf({ 'skill/nice': more })
    expect(codesOf(judgeLock(lock, denied, factsFrom(lock)))).toEqual(refused ? ['E_POLICY_ARTIFACT'] : [])
  })
})

describe('[P6] what a lockfile entry shows is judged where nobody tells more', () => {
  test('the tools it is placed in', () => {
    const lock = lockOf({ 'skill/x': { targets: ['claude:.claude/skills/x', 'cursor:.cursor/skills/x'] } })
    const refusals = judgeLock(lock, policy({ targets: { allow: ['claude'] } }), factsFrom(lock))
    expect(refusals.map(({ reason }) => reason)).toEqual(['cursor is not in the list of allowed tools'])
  })

  test('the members of a bundle', () => {
    const lock = lockOf({ 'bundle/all': { requires: ['skill/a', 'skill/evil'] } })
    expect(codesOf(judgeLock(lock, policy({ artifacts: { deny: ['skill/evil'] } }), factsFrom(lock)))).toEqual([
      'E_POLICY_ARTIFACT',
    ])
  })

  test('[S12] a signature that was left for later is missing now', () => {
    const lock = lockOf({ 'skill/x': {} })
    const signed = policy({ registries: { require: { signature: [{ registry: '*', keys: [keyA] }] } } })
    const judged = (signature: 'pending' | SignedFacts) =>
      codesOf(judgeLock(lock, signed, factsFrom(lock, { 'skill/x': { registry: { ...corp, signature } } })))
    expect(judged('pending')).toEqual(['E_SIG_MISSING'])
    expect(judged(signedBy(keyA))).toEqual([])
  })
})

describe('[P9] what nobody has approved is told of a lockfile, where policy asks for approval', () => {
  const content = { surface: ['script: run.sh'], hidden: [], largest: { path: '', bytes: 0 }, bytes: 0 }
  const judged = (rules: Readonly<Record<string, unknown>>, approved?: string[]) => {
    const lock = lockOf({ 'skill/x': approved === undefined ? {} : { approved } })
    return judgeLock(lock, policy(rules), factsFrom(lock, { 'skill/x': { content } }))
  }

  test.each<[string, Readonly<Record<string, unknown>>, string[] | undefined, string[]]>([
    ['nothing approved', { content: { executables: 'approve' } }, undefined, ['E_APPROVAL']],
    ['other bytes approved', { content: { executables: 'approve' } }, [`${bytesB} script: run.sh`], ['E_APPROVAL']],
    ['approved', { content: { executables: 'approve' } }, [`${bytesA} script: run.sh`], []],
    ['denied, which says it all', { content: { executables: 'deny' } }, undefined, ['E_POLICY_CONTENT']],
    ['no rule', {}, undefined, []],
  ])('%s', (_says, rules, approved, codes) => {
    expect(codesOf(judged(rules, approved))).toEqual(codes)
  })
})

describe('which contents have to be read', () => {
  const acme = { match: 'acme-*', registry: 'https://git.corp.com/ai/skills.git' }
  const rows: [says: string, rules: object, ref: Ref | undefined, asks: boolean][] = [
    ['none without a policy', {}, undefined, false],
    [
      'none for a rule that lets everything pass',
      { content: { executables: 'allow', hiddenUnicode: 'allow', minimumAgeHours: 0 } },
      undefined,
      false,
    ],
    ['all for a rule about content', { content: { maxFileBytes: 0 } }, 'skill/x', true],
    ['all for a list of allowed names', { artifacts: { allow: ['skill/*'] } }, 'skill/x', true],
    ['those of plugins for a denied name', { artifacts: { deny: ['skill/evil'] } }, 'plugin/x', true],
    [
      'those with a name of their own inside for a denied name',
      { artifacts: { deny: ['skill/evil'] } },
      'skill/x',
      true,
    ],
    ['no others for a denied name', { artifacts: { deny: ['skill/evil', 'rule/evil'] } }, 'rule/x', false],
    ['some for a denied name', { artifacts: { deny: ['skill/evil'] } }, undefined, true],
    ['all where hooks are denied', { artifacts: { deny: ['hook/*'] } }, 'skill/x', true],
    ['all where MCP servers are denied', { artifacts: { deny: ['mcp/*'] } }, 'skill/x', true],
    ['those with a name of their own inside for a namespace', { namespaces: [acme] }, 'skill/x', true],
    ['those of plugins for a namespace', { namespaces: [acme] }, 'plugin/x', true],
    ['no others for a namespace', { namespaces: [acme] }, 'hook/x', false],
    ['none of another kind than the namespace', { namespaces: [{ ...acme, match: 'skill/acme-*' }] }, 'agent/x', false],
    ['those of skills, which may be plugins, too', { artifacts: { deny: ['plugin/*'] } }, 'skill/x', true],
    ['those with an id of their own for a denied one', { artifacts: { deny: ['com.x.y'] } }, 'tool/x', true],
    ['none of another kind than a denied one', { artifacts: { deny: ['skill/evil'] } }, 'tool/x', false],
    ['never those of a bundle', { content: { licenses: [] } }, 'bundle/x', false],
  ]
  test.each(rows)('%s', (_says, rules, ref, asks) => {
    expect(asksForContent(policy({ ...rules }), ref)).toBe(asks)
  })

  test.each([
    [{ via: 'git', url: 'https://git.corp.com/ai/skills.git' }, false],
    [{ via: 'git', url: 'https://git.corp.com/ai/others.git' }, true],
    [{ via: 'git', url: 'https://git.corp.com./ai/skills.git' }, true],
    [undefined, true],
  ] as const)('[P7] for a namespace not where they come from the place that it is bound to: %j', (at, asks) => {
    expect(asksForContent(policy({ namespaces: [acme] }), 'skill/x', at)).toBe(asks)
    expect(
      asksForContent(policy({ namespaces: [acme, { ...acme, registry: 'https://b.corp/x' }] }), 'plugin/x', at),
    ).toBe(true)
  })

  /** Of a plugin its parts have names of their own, else a skill or agent has one; hooks have none. */
  const mayBeCalled = (name: Ref, ref: Ref) =>
    splitRef(ref).kind === 'plugin' || (splitRef(ref).kind !== 'hook' && splitRef(ref).kind === splitRef(name).kind)

  test('[P3 P6 P7] what is not asked for would change no judgement', () => {
    const match = fc.constantFrom('acme-*', 'skill/acme-*', 'agent/*', 'plugin/*')
    const registry = fc.constantFrom('https://a.corp/x', 'https://b.corp/x/y.git', '/opt/a', 'npm:@acme/x')
    const bound = fc.array(fc.record({ match, registry }), { minLength: 1, maxLength: 2 })
    const names = fc.array(fc.constantFrom<Ref>('skill/acme-x', 'agent/acme-y', 'skill/a'), { maxLength: 2 })
    const property = fc.property(bound, facts, names, (namespaces, { content, contains: parts = [], ...bare }, all) => {
      const under = policy({ namespaces })
      fc.pre(!asksForContent(under, bare.ref, bare.registry.at))
      const called = all.filter((name) => mayBeCalled(name, bare.ref))
      const contains = splitRef(bare.ref).kind === 'plugin' ? parts : []
      const told = { ...bare, contains, content: { ...(content as ContentFacts), called } }
      expect(judgeArtifact(under, bare)).toEqual(judgeArtifact(under, told))
    })
    fc.assert(property, { numRuns: 200 })
  })
})

describe('[O30] [P6] required artifacts', () => {
  const baseline = policy({ artifacts: { required: { 'skill/baseline': '^2.0.0' } } })
  const have = lockOf({ 'skill/baseline': { version: '2.1.0' } })

  test('are what an install adds', () => {
    expect(requiredBy(baseline)).toEqual([{ artifact: 'skill/baseline', range: '^2.0.0' }])
  })

  test('are asked for in one range where several policies require them', () => {
    const ranges = (...list: string[]) =>
      requiredBy(policy(...list.map((range) => ({ artifacts: { required: { 'skills/baseline': range } } }))))[0]?.range
    expect(ranges('^2.0.0', '^2.0.0')).toBe('^2.0.0')
    expect(ranges('*', '^2.0.0')).toBe('^2.0.0')
    expect(ranges('^2.0.0', '<2.3.0 || ^4.0.0')).toBe('>=2.0.0 <3.0.0-0 <2.3.0 || >=2.0.0 <3.0.0-0 >=4.0.0 <5.0.0-0')
    expect(ranges('autumn', '^2.0.0')).toBe('autumn')
  })

  const rows: [says: string, plan: ReturnType<typeof planOf>, refused: boolean][] = [
    ['present', planOf(emptyLock, have), false],
    ['missing', planOf(emptyLock, lockOf({ 'skill/x': {} })), true],
    [
      'missing in a frozen install',
      planOf(lockOf({ 'skill/x': {} }), lockOf({ 'skill/x': {} }), { changes: [] }),
      true,
    ],
    ['of another version', planOf(emptyLock, lockOf({ 'skill/baseline': { version: '1.9.0' } })), true],
    ['of another kind', planOf(emptyLock, lockOf({ 'hook/baseline': { version: '2.1.0' } })), true],
    ['removed', planOf(have, emptyLock, { command: 'uninstall' }), true],
    ['missing after a rollback', planOf(have, lockOf({ 'skill/x': {} }), { command: 'rollback' }), true],
    [
      'missing already when something else is removed',
      planOf(lockOf({ 'skill/x': {}, 'skill/y': {} }), lockOf({ 'skill/x': {} })),
      false,
    ],
    [
      'missing where something is only copied',
      planOf(emptyLock, emptyLock, {
        changes: [
          {
            action: 'copy',
            artifact: 'skill/x',
            from: null,
            to: { version: '1', revision: '', integrity: bytesA },
            registry: 'corp',
          },
        ],
      }),
      false,
    ],
  ]
  test.each(rows)('%s', (_says, plan, refused) => {
    if (!refused) expect(approve(plan, baseline, factsFrom(plan.to.lock))).toBe(plan)
    else
      expect(failure(() => approve(plan, baseline, factsFrom(plan.to.lock)))).toMatchObject({
        code: 'E_POLICY_REQUIRED',
        message: expect.stringContaining('skill/baseline: policy requires ^2.0.0'),
      })
  })

  test.each<[says: string, lock: ReturnType<typeof lockOf>, reason: string]>([
    ['missing', emptyLock, 'policy requires ^2.0.0, it is missing'],
    ['of another version', lockOf({ 'skill/baseline': { version: '1.9.0' } }), 'policy requires ^2.0.0, this is 1.9.0'],
  ])('say what is there where they are %s', (_says, lock, reason) => {
    expect(judgeLock(lock, baseline, factsFrom(lock)).map((each) => each.reason)).toEqual([reason])
  })

  test('[U3] say what brings them, where a command does not bring them itself', () => {
    const pinning = { ...planOf(emptyLock, lockOf({ 'skill/x': {} })), command: 'target add' }
    const hintOf = (plan: typeof pinning) => failure(() => approve(plan, baseline, factsFrom(plan.to.lock))).hint
    expect(hintOf(pinning)).toMatch(/^take what policy requires: haal install; /)
    expect(hintOf({ ...pinning, command: 'install' })).not.toContain('haal install')
  })

  test('[U3] are not to be taken out, where something else is refused that is installed', () => {
    const both = policy({ artifacts: { required: { 'skill/baseline': '^2.0.0' }, deny: ['hook/h'] } })
    const there = lockOf({ 'skill/baseline': { version: '1.9.0' }, 'hook/h': {} })
    const plan = planOf(there, there, { command: 'target add' })
    expect(failure(() => approve(plan, both, factsFrom(there))).hint).toBe('haal policy show')
  })

  test('may be named by id', () => {
    const byId = policy({ artifacts: { required: { 'com.acme.guard': '*' } } })
    const lock = lockOf({ 'guardrail/guard': { id: 'com.acme.guard' } })
    expect(judgeLock(lock, byId, factsFrom(lock))).toEqual([])
    expect(requiredBy(byId)).toEqual([{ artifact: 'com.acme.guard', range: '*' }])
  })
})

test('[O31] an update stops at the pin', () => {
  const plan = planOf(
    lockOf({ 'skill/x': { version: '1.2.3' } }),
    lockOf({ 'skill/x': { version: '1.3.0', integrity: bytesB } }),
    { command: 'update' },
  )
  const error = failure(() =>
    approve(plan, policy({ artifacts: { pinned: { 'skill/x': '1.2.3' } } }), factsFrom(plan.to.lock)),
  )
  expect(error).toMatchObject({
    code: 'E_POLICY_PINNED',
    message: expect.stringContaining('policy pins it to 1.2.3, this is 1.3.0'),
  })
})
