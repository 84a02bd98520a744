import { describe, expect, test } from 'vitest'
import { emptyLock } from '../../src/model/lock.js'
import { approvalsOf, approvedIn, needsApproval } from '../../src/policy/approval.js'
import { approve, judgeLock, unapproved } from '../../src/policy/approve.js'
import { requiredBy } from '../../src/policy/required.js'
import { bytesA, bytesB, codesOf, factsFrom, failure, harmless, lockOf, planOf, policy } from './made.js'

const free = policy({})
const runs = { surface: ['executable run.sh', 'hook PreToolUse'] }

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

describe('[P10] what an update adds to what can run needs approval', () => {
  const before = lockOf({ 'skill/x': {} })
  const update = (approved?: readonly string[]) =>
    planOf(before, lockOf({ 'skill/x': { integrity: bytesB, ...(approved && { approved }) } }), { command: 'update' })
  const facts = (was: readonly string[] | undefined) => ({
    'skill/x': { integrity: bytesB, content: { ...harmless, ...runs, ...(was && { before: was }) } },
  })

  const rows: [
    says: string,
    approved: readonly string[] | undefined,
    was: readonly string[] | undefined,
    needed: string[],
  ][] = [
    ['nothing could run before', undefined, [], runs.surface],
    ['a part could run before', undefined, ['executable run.sh'], ['hook PreToolUse']],
    ['all of it could run before', undefined, runs.surface, []],
    ['nobody knows what could run before', undefined, undefined, runs.surface],
    ['approved for these bytes', approvalsOf(bytesB, runs.surface), [], []],
    ['a part is approved', approvalsOf(bytesB, ['hook PreToolUse']), [], ['executable run.sh']],
    ['approved for the bytes before', approvalsOf(bytesA, runs.surface), [], runs.surface],
    ['approved without saying for which bytes', runs.surface, [], runs.surface],
    [
      'approved with something before the digest',
      approvalsOf(bytesB, runs.surface).map((line) => ` ${line}`),
      [],
      runs.surface,
    ],
    ['approved with a digest alone', [bytesB, `${bytesB} `, `${bytesB} *`], [], runs.surface],
  ]
  test.each(rows)('%s', (_says, approved, was, needed) => {
    const plan = update(approved)
    const known = factsFrom(plan.to.lock, facts(was))
    expect(unapproved('skill/x', { plan, policy: free, facts: known })).toEqual(needed)
    if (needed.length === 0) expect(approve(plan, free, known)).toBe(plan)
    else
      expect(failure(() => approve(plan, free, known))).toMatchObject({
        code: 'E_APPROVAL',
        exit: 5,
        hint: 'look at it with "haal info skill/x", then add --approve skill/x',
        details: { artifact: 'skill/x', surface: needed },
      })
  })

  test('a first install, and bytes that stay, need none', () => {
    const content = { 'skill/x': { content: { ...harmless, ...runs } } }
    const first = planOf(emptyLock, before)
    expect(approve(first, free, factsFrom(before, content))).toBe(first)
    const same = planOf(before, before)
    expect(approve(same, free, factsFrom(before, content))).toBe(same)
  })

  test('an update whose contents nobody looked at is a bug, not a way round', () => {
    const plan = update()
    const known = factsFrom(plan.to.lock)
    const blind = (ref: Parameters<typeof known>[0]) => {
      const { content: _content, ...rest } = known(ref)
      return { ...rest, integrity: bytesB }
    }
    expect(failure(() => approve(plan, free, blind)).code).toBe('E_BUG')
  })
})

describe('[P10] policy may say who needs approval', () => {
  const says = (value: string) => ({ content: { executables: value } })
  const rows: [
    says: string,
    under: ReturnType<typeof policy>,
    from: readonly string[] | null,
    needed: readonly string[],
  ][] = [
    ['"approve" asks on the first install', policy(says('approve')), null, runs.surface],
    ['"approve" asks for every new bytes', policy(says('approve')), runs.surface, runs.surface],
    ['"allow" of the machine grants', policy(says('allow')), [], []],
    ['"allow" of a project does not', policy({}, {}, {}, says('allow')), [], runs.surface],
    ['"allow" of a registry does not', policy({}, {}, {}, {}, says('allow')), [], runs.surface],
    ['"approve" is stricter than "allow"', policy(says('allow'), says('approve')), null, runs.surface],
    ['"approve" of a project holds', policy({}, {}, {}, says('approve')), null, runs.surface],
  ]
  test.each(rows)('%s', (_says, under, from, needed) => {
    expect(needsApproval(from, runs.surface, under, [])).toEqual(needed)
    expect(needsApproval(from, runs.surface, under, runs.surface)).toEqual([])
  })

  test('"approve" refuses a frozen install of a lockfile that carries no approval of its bytes', () => {
    const asks = policy({ contact: 'sec@acme.com', content: { executables: 'approve' } })
    const content = { 'skill/x': { content: { ...harmless, ...runs } } }
    const frozen = (approved: readonly string[]) => {
      const lock = lockOf({ 'skill/x': { approved } })
      return { plan: planOf(lock, lock, { changes: [] }), facts: factsFrom(lock, content) }
    }
    const good = frozen(approvalsOf(bytesA, runs.surface))
    expect(approve(good.plan, asks, good.facts)).toBe(good.plan)
    const forged = frozen(approvalsOf(bytesB, runs.surface))
    expect(failure(() => approve(forged.plan, asks, forged.facts))).toMatchObject({
      code: 'E_APPROVAL',
      details: { rule: 'content.executables', source: '/0/policy.json', contact: 'sec@acme.com' },
    })
  })
})

test('[P10] approvals say their bytes, are sorted and come once', () => {
  const lines = approvalsOf(bytesA, ['hook b', 'executable a', 'hook b'])
  expect(lines).toEqual([`${bytesA} executable a`, `${bytesA} hook b`])
  expect(approvedIn({ integrity: bytesA, approved: [...lines, `${bytesB} hook c`] })).toEqual([
    'executable a',
    'hook b',
  ])
  expect(approvedIn({ integrity: bytesA })).toEqual([])
})
