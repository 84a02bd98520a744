import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { needsApproval } from '../../src/policy/approval.js'
import { auditLogs, sizeLimits } from '../../src/policy/grants.js'
import { merge, ruleNames, widenings } from '../../src/policy/merge.js'
import { remarks } from '../../src/policy/remarks.js'
import { layer, policy, type Rules } from './made.js'
import { facts, layers, lets } from './random.js'

describe('[P1] merging only tightens', () => {
  test('the random policies below let about as much pass as they refuse', () => {
    const verdicts = fc
      .sample(fc.tuple(layers, facts), { numRuns: 1000, seed: 7 })
      .map(([list, about]) => lets(merge(list), about))
    const passed = verdicts.filter((each) => each).length
    expect(passed).toBeGreaterThan(150)
    expect(passed).toBeLessThan(850)
  })

  test('what all policies together let pass, each of them lets pass; and the other way round', () => {
    fc.assert(
      fc.property(layers, facts, (list, about) => {
        expect(lets(merge(list), about)).toBe(list.every((each) => lets(merge([each]), about)))
      }),
      { numRuns: 500 },
    )
  })

  test('another layer, wherever it stands, lets nothing more pass', () => {
    fc.assert(
      fc.property(layers, layers, layers, facts, (before, more, after, about) => {
        const [without, withMore] = [merge([...before, ...after]), merge([...before, ...more, ...after])]
        expect(lets(withMore, about) && !lets(without, about)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('merging is associative: however layers are grouped, the rules of all stand in their order', () => {
    fc.assert(
      fc.property(layers, layers, (a, b) => {
        const [first, then, whole] = [merge(a), merge(b), merge([...a, ...b])]
        expect(whole.sources).toEqual([...first.sources, ...then.sources])
        for (const name of ruleNames) expect(whole.rules[name]).toEqual([...first.rules[name], ...then.rules[name]])
      }),
      { numRuns: 200 },
    )
  })

  test('a project or registry never makes fewer approvals necessary', () => {
    fc.assert(
      fc.property(layers, layers, facts, (list, more, { content }) => {
        const personal = list.filter(({ source }) => ['machine', 'user', 'environment'].includes(source.layer))
        const others = more.filter(({ source }) => ['project', 'registry'].includes(source.layer))
        const surface = content?.surface ?? []
        for (const from of [null, [], ['script: run.sh']]) {
          const [few, many] = [merge(personal), merge([...personal, ...others])].map((each) =>
            needsApproval(from, surface, each, []),
          )
          expect(many).toEqual(expect.arrayContaining(few ?? []))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('every rule keeps its source', () => {
    fc.assert(
      fc.property(layers, (list) => {
        const known = new Set(list.map(({ source }) => source))
        const { rules: merged, sources } = merge(list)
        expect(sources).toEqual(list.map(({ source }) => source))
        for (const rule of Object.values(merged).flat()) expect(known).toContain(rule.source)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a later policy that would allow more has no effect, and that is told (hostile P04)', () => {
  const allow = (...list: string[]) => ({ artifacts: { allow: list } })
  const from = (...list: object[]) => ({ registries: { allow: list } })
  const rows: [says: string, earlier: Rules, later: Rules, told: string | undefined][] = [
    [
      'another registry',
      from({ origin: 'https://a.corp' }),
      from({ origin: 'https://b.corp' }),
      'https://b.corp is not allowed',
    ],
    [
      'the whole origin',
      from({ origin: 'https://a.corp', path: '/x/*' }),
      from({ origin: 'https://a.corp' }),
      'https://a.corp is not allowed',
    ],
    [
      'a part of an origin',
      from({ origin: 'https://a.corp' }),
      from({ origin: 'https://a.corp', path: '/x' }),
      undefined,
    ],
    [
      'a wider path',
      from({ origin: 'https://a.corp', path: '/x/a*' }),
      from({ origin: 'https://a.corp', path: '/x/*' }),
      '/x/* is not allowed',
    ],
    [
      'a narrower path',
      from({ origin: 'https://a.corp', path: '/x/*' }),
      from({ origin: 'https://a.corp', path: '/x/a*' }),
      undefined,
    ],
    ['any npm package', from({ npm: '@acme/*' }), from({ npm: '*' }), 'npm:* is not allowed'],
    ['another folder', from({ file: '/opt/*' }), from({ file: '/srv/*' }), '/srv/* is not allowed'],
    ['an empty list', from({ origin: 'https://a.corp' }), from(), undefined],
    ['another kind', allow('skill/*'), allow('skill/a', 'hook/*'), 'hook/* is not allowed'],
    ['every kind', allow('skill/*'), allow('*'), '* is not allowed'],
    ['one of a kind', allow('skill/*'), allow('skill/a'), undefined],
    [
      'not asking for verified',
      { registries: { require: { verified: true } } },
      { registries: { require: { verified: false } } },
      'it is required',
    ],
    [
      'not asking for checksums',
      { registries: { require: { checksum: true } } },
      { registries: { require: { checksum: false } } },
      'it is required',
    ],
    [
      'asking for verified too',
      { registries: { require: { verified: false } } },
      { registries: { require: { verified: true } } },
      undefined,
    ],
    [
      'hidden characters',
      { content: { hiddenUnicode: 'deny' } },
      { content: { hiddenUnicode: 'allow' } },
      '"deny" is stricter than "allow"',
    ],
    [
      'executables',
      { content: { executables: 'deny' } },
      { content: { executables: 'approve' } },
      '"deny" is stricter than "approve"',
    ],
    ['stricter executables', { content: { executables: 'approve' } }, { content: { executables: 'deny' } }, undefined],
    [
      'a licence',
      { content: { licenses: ['MIT'] } },
      { content: { licenses: ['mit', 'GPL-3.0'] } },
      'GPL-3.0 is not allowed',
    ],
    [
      'younger artifacts',
      { content: { minimumAgeHours: 72 } },
      { content: { minimumAgeHours: 1 } },
      '1 is less than 72',
    ],
    ['larger files', { content: { maxFileBytes: 10 } }, { content: { maxFileBytes: 20 } }, '20 is more than 10'],
    ['smaller artifacts', { content: { maxArtifactBytes: 20 } }, { content: { maxArtifactBytes: 10 } }, undefined],
    ['another tool', { targets: { allow: ['claude'] } }, { targets: { allow: ['cursor'] } }, 'cursor is not allowed'],
  ]
  test.each(rows)('%s', (_says, earlier, later, told) => {
    const list = [layer(earlier), layer(later, 'project', '/p/policy.json')]
    const messages = widenings(merge(list)).map(({ message }) => message)
    if (told === undefined) expect(messages).toEqual([])
    else expect(messages).toEqual([expect.stringContaining(`${told} (the machine policy /machine/policy.json)`)])
  })

  test('is not looked for among rules that only forbid, however many', () => {
    const deny = Array.from({ length: 60_000 }, (_, i) => `skill/s${i}`)
    expect(widenings(merge([layer({ artifacts: { deny } })]))).toEqual([])
  })

  test('a project cannot approve what runs', () => {
    const vain = widenings(merge([layer({ content: { executables: 'allow' } }, 'project')]))
    expect(vain).toMatchObject([
      { code: 'W_POLICY_WIDENS', message: expect.stringContaining('cannot approve what runs') },
    ])
    expect(widenings(merge([layer({ content: { executables: 'allow' } }, 'user')]))).toEqual([])
  })
})

describe('[U5] a tool that haal does not know is told, because nothing is ever placed in it', () => {
  const rows: readonly [string, readonly string[], readonly RegExp[]][] = [
    [
      'a slip',
      ['cladue', 'cursor'],
      [/^targets\.allow of the machine policy .* lists "cladue".*did you mean "claude"\?$/],
    ],
    ['nothing like any', ['emacs'], [/"emacs", which is no tool that haal knows$/]],
    ['other letters', ['Claude', 'CURSOR'], []],
    ['none', [], []],
  ]
  test.each(rows)('%s', (_says, allow, told) => {
    expect(remarks(policy({ targets: { allow: [...allow] } }))).toEqual(
      told.map((message) => ({ code: 'W_POLICY_TOOL', message: expect.stringMatching(message) })),
    )
  })
})

test('[P1] the strictest sizes are what intake stops at', () => {
  const limits = sizeLimits(
    policy(
      { content: { maxFileBytes: 20, maxArtifactBytes: 100 } },
      { content: { maxFileBytes: 10, maxArtifactBytes: 99 } },
    ),
  )
  expect(limits).toEqual({ file: 10, artifact: 99 })
  expect(sizeLimits(policy({}))).toEqual({})
})

test('[P11] every audit log that any policy names is kept, and required where any requires it', () => {
  const audit = (file: string, required?: boolean) => ({ audit: { file, ...(required !== undefined && { required }) } })
  const first = { ...audit('/a', true), contact: 'ada@acme.example' }
  expect(auditLogs(policy(first, audit('/b'), audit('/a', false)))).toEqual([
    { file: '/a', required: true, contact: 'ada@acme.example' },
    { file: '/b', required: false },
  ])
})
