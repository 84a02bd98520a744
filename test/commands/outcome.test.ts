import { describe, expect, test } from 'vitest'
import { outcomeLines, planLines } from '../../src/commands/outcome.js'
import type { Digest } from '../../src/model/digest.js'
import type { Change, Label, Outcome, Plan } from '../../src/model/plan.js'
import { plainPaint } from '../../src/ui/paint.js'

const label = (version: string, revision = '5f3c2a1'.padEnd(40, '0')): Label => ({
  version,
  revision,
  integrity: `sha256-${(version + revision).padEnd(44, 'x').slice(0, 44)}` as Digest,
})

const change = (
  action: Change['action'],
  artifact: Change['artifact'],
  from: Label | null,
  to: Label | null,
): Change => ({
  action,
  artifact,
  from,
  to,
  registry: 'corp',
})

const outcome = (changes: readonly Change[], generation: number | null = 4): Outcome => ({
  generation,
  order: ['corp'],
  changes,
  shadowed: [],
  warnings: [],
})

const lines = (it: Outcome) => outcomeLines(it, plainPaint)

describe('what a change did is read line by line', () => {
  test('[U2] added, updated, removed, pinned, unpinned, copied', () => {
    const changes = [
      change('add', 'skill/review-code', null, label('1.2.3')),
      change('update', 'tool/x', label('1.2.3'), label('1.3.0')),
      change('update', 'agent/same-version', label('1.0.0'), label('1.0.0', '8d2e0aa'.padEnd(40, '1'))),
      change('remove', 'hook/y', label('0.1.0'), null),
      change('pin', 'rule/z', label('2.0.0'), label('2.0.0')),
      change('unpin', 'rule/w', label('2.0.0'), label('2.0.0')),
      { ...change('update', 'tool/v', label('1.0.0'), label('2.0.0')), pinned: true },
      { ...change('update', 'tool/u', label('1.0.0'), label('2.0.0')), pinned: false },
      change('copy', 'skill/c', null, label('1.0.0')),
    ]
    expect(lines(outcome(changes)).join('\n')).toMatchInlineSnapshot(`
      "+ skill/review-code   1.2.3                      (corp)
      ~ tool/x              1.2.3 → 1.3.0              (corp)
      ~ agent/same-version  1.0.0 (5f3c2a1 → 8d2e0aa)  (corp)
      - hook/y              0.1.0                      (corp)
      = rule/z              2.0.0                      pinned (corp)
      = rule/w              2.0.0                      no longer pinned (corp)
      ~ tool/v              1.0.0 → 2.0.0              pinned (corp)
      ~ tool/u              1.0.0 → 2.0.0              no longer pinned (corp)
      > skill/c             1.0.0                      (corp)
      9 changes, generation 4"
    `)
  })

  test('[U2 T1] where only the tools change, a line says for which', () => {
    const [first, second, third, last] = lines(
      outcome([
        { ...change('update', 'skill/a', label('1.0.0'), label('1.0.0')), tools: { added: ['codex'], removed: [] } },
        {
          ...change('update', 'skill/b', label('1.0.0'), label('1.0.0')),
          tools: { added: ['cursor'], removed: ['claude', 'kiro'] },
        },
        { ...change('update', 'skill/c', label('1.0.0'), label('1.0.0')), tools: { added: [], removed: [] } },
      ]),
    )
    expect([first, second, third]).toEqual([
      '~ skill/a  1.0.0  now for codex (corp)',
      '~ skill/b  1.0.0  now for cursor, no longer for claude, kiro (corp)',
      '~ skill/c  1.0.0  placed again for tools (corp)',
    ])
    expect(last).toBe('3 changes, generation 4')
  })

  test('[U2] a folder without a revision of its own is told apart by its digest', () => {
    const folder = (integrity: Digest): Label => ({ version: '1.0.0', revision: integrity, integrity })
    const [first] = lines(outcome([change('update', 'skill/a', folder('sha256-abcdefgh'), folder('sha256-ijklmnop'))]))
    expect(first).toBe('~ skill/a  1.0.0 (abcdefg → ijklmno)  (corp)')
  })

  test('[L18] a dry run says that nothing is written', () => {
    expect(lines(outcome([change('add', 'skill/a', null, label('1.0.0'))], null)).at(-1)).toBe(
      '1 change; a dry run, nothing is written',
    )
  })

  test('[O16] what a change overrides is named with it, and nothing else', () => {
    const shadowed = [
      { artifact: 'skill/a' as const, winner: 'corp', losers: ['hub', 'lab'] },
      { artifact: 'skill/b' as const, winner: 'corp', losers: ['hub'] },
    ]
    const said = lines({ ...outcome([change('add', 'skill/a', null, label('1.0.0'))]), shadowed })
    expect(said.filter((line) => line.includes('hub'))).toEqual(["  skill/a is corp's; hub, lab have one too"])
  })
})

describe('nothing to do is one line', () => {
  const keep = (artifact: Change['artifact']) => change('keep', artifact, label('1.0.0'), label('1.0.0'))
  test.each<[string, Change[], string]>([
    ['several', [keep('skill/a'), keep('tool/b')], 'nothing to do: 2 artifacts are in place'],
    ['one', [keep('skill/a')], 'nothing to do: skill/a is in place'],
    ['none', [], 'nothing to do: nothing is asked for; see what there is: haal list --available'],
  ])('[L7] %s', (_what, changes, line) => expect(lines(outcome(changes, null))).toEqual([line]))
})

test('[U2] a person who is asked sees what goes and what is kept aside', () => {
  const plan = {
    changes: [change('remove', 'skill/a', label('1.0.0'), null)],
    steps: [{ place: '/p/.haal/skills/a', shown: '.haal/skills/a', after: { from: 'nothing' }, saveOld: true }],
  } as Partial<Plan> as Plan
  expect(planLines(plan, plainPaint)).toEqual([
    '- skill/a  1.0.0  (corp)',
    '! .haal/skills/a was edited; it is kept aside',
  ])
})

test('[P10 U2] what can run is on one line where it is little, and below one another where it is much', () => {
  const scripts = (count: number) => Array.from({ length: count }, (_, i) => `script: ${i}.sh`)
  const said = (surface: string[], unapproved: string[]) =>
    lines({
      ...outcome([change('add', 'skill/a', null, label('1.0.0'))], null),
      surfaces: [{ artifact: 'skill/a', surface, unapproved }],
    }).slice(1, -1)
  expect(said(scripts(2), [])).toEqual(['  skill/a can run script: 0.sh, script: 1.sh'])
  expect(said(scripts(4), [])).toEqual(['  skill/a can run', ...scripts(4).map((each) => `    ${each}`)])
  expect(said(scripts(4), scripts(4))).toEqual([
    '! skill/a needs approval (--approve skill/a)',
    ...scripts(4).map((each) => `    ${each}`),
  ])
})
