import { describe, expect, test } from 'vitest'
import type { Ref } from '../../src/model/kinds.js'
import { emptyLock } from '../../src/model/lock.js'
import { approvalsOf, approvedIn, needsApproval } from '../../src/policy/approval.js'
import { approve, unapproved } from '../../src/policy/approve.js'
import { failure } from '../failing.js'
import { bytesA, bytesB, factsFrom, harmless, lockOf, planOf, policy } from './made.js'

const free = policy({})
const runs = { surface: ['script: run.sh', 'hook: PreToolUse: ./x.sh'] }

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
    ['a part could run before', undefined, ['script: run.sh'], ['hook: PreToolUse: ./x.sh']],
    ['all of it could run before', undefined, runs.surface, []],
    ['nobody knows what could run before', undefined, undefined, runs.surface],
    ['approved for these bytes', approvalsOf(bytesB, runs.surface), [], []],
    ['a part is approved', approvalsOf(bytesB, ['hook: PreToolUse: ./x.sh']), [], ['script: run.sh']],
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
        hint: 'look at it with "haal diff skill/x --upstream", then add --approve skill/x',
        details: { artifact: 'skill/x', surface: needed },
      })
  })

  test('[U3] one beyond the ranges, or by another command, is looked at by its version', () => {
    const { from, to } = update()
    const known = factsFrom(to.lock, facts([]))
    const version = to.lock.artifacts['skill/x']?.version
    const latest = { ...to, wishes: { ...to.wishes, artifacts: { 'skill/x': '^9' } } }
    for (const plan of [planOf(from.lock, to.lock), { ...update(), to: latest }])
      expect(failure(() => approve(plan, free, known)).hint).toMatch(`look at it with "haal info skill/x@${version}", `)
  })

  test('a first install, and bytes that stay, need none', () => {
    const content = { 'skill/x': { content: { ...harmless, ...runs } } }
    const first = planOf(emptyLock, before)
    expect(approve(first, free, factsFrom(before, content))).toBe(first)
    const same = planOf(before, before)
    expect(approve(same, free, factsFrom(before, content))).toBe(same)
  })

  test('an update whose contents nobody looked at is a bug, not a way round; a first install needs no look', () => {
    const plan = update()
    const known = factsFrom(plan.to.lock)
    const blind = (ref: Ref) => {
      const { content: _content, ...rest } = known(ref)
      return { ...rest, integrity: bytesB }
    }
    expect(failure(() => approve(plan, free, blind)).code).toBe('E_BUG')
    const first = planOf(emptyLock, plan.to.lock)
    expect(approve(first, free, blind)).toBe(first)
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

test('[P10] [U3] where several artifacts wait for approval, all are named and one command approves them', () => {
  const content = { ...harmless, surface: ['script: run.sh'] }
  const lock = lockOf({ 'skill/a': {}, 'skill/b': {}, 'skill/calm': {} })
  const facts = factsFrom(lock, { 'skill/a': { content }, 'skill/b': { content } })
  const asks = policy({ content: { executables: 'approve' } })
  const error = failure(() => approve(planOf(emptyLock, lock), asks, facts))
  expect(error.message).toBe(
    'skill/a brings something that runs and nobody has approved: script: run.sh (content.executables in /0/policy.json); and so do skill/b',
  )
  expect(error.hint).toBe('look at it with "haal info skill/a", then add --approve skill/a --approve skill/b')
  expect(error.details.others).toEqual([{ artifact: 'skill/b', surface: ['script: run.sh'] }])
  const one = failure(() => approve(planOf(emptyLock, lockOf({ 'skill/a': {} })), asks, facts))
  expect(one.details).not.toHaveProperty('others')
})

test('[P10 U3] what is more than a few stands one below the other', () => {
  const surface = ['a', 'b', 'c', 'd'].map((name) => `script: ${name}.sh`)
  const lock = lockOf({ 'skill/a': {} })
  const facts = factsFrom(lock, { 'skill/a': { content: { ...harmless, surface } } })
  const asks = policy({ content: { executables: 'approve' } })
  expect(failure(() => approve(planOf(emptyLock, lock), asks, facts))).toMatchObject({
    message: expect.stringContaining('nobody has approved (4 things) ('),
    details: { surface, lines: surface },
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
