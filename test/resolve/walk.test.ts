import { describe, expect, test } from 'vitest'
import { find, findAll } from '../../src/resolve/walk.js'
import { skill } from '../layout/trees.js'
import { failure, shop } from './shop.js'

const has = (...names: string[]) => ({
  files: Object.fromEntries(names.map((name) => [`skills/${name}/SKILL.md`, skill(name)])),
})

describe('finding one artifact', () => {
  test('[O13 S3] the first registry that has the name owns it, and who else has it is told', async () => {
    const { config, shelves } = shop({ one: has('a'), two: has('a', 'b'), three: has('a', 'b') })
    const found = await find({ name: 'a' }, config, shelves)
    expect(found.shelf.registry.name).toBe('one')
    expect(found.shadow).toEqual({ artifact: 'skill/a', winner: 'one', losers: ['two', 'three'] })
    expect((await find({ name: 'b' }, config, shelves)).reason).toBe('no registry before two has it')
  })

  test('[O16] who does not have it has not lost; [P2] who cannot answer for a kind is not asked for it', async () => {
    const { asked, config, shelves } = shop({ one: has('a'), two: has('b'), three: has('a') })
    const routed = { ...config, routes: [{ kind: 'skill', registry: 'two' }] }
    expect(await find({ kind: 'skill', name: 'b' }, routed, shelves)).toMatchObject({ reason: 'routes: skill' })
    expect(asked).toEqual(['two'])
    expect((await find({ name: 'a' }, config, shelves)).shadow?.losers).toEqual(['three'])
  })

  test('[O16 A28] a registry that a route passes over has lost, too, though it comes first', async () => {
    const { config, shelves } = shop({ one: has('a'), two: has('a'), three: has('a') })
    const routed = { ...config, routes: [{ kind: 'skill', registry: 'two' }] }
    const shadow = { artifact: 'skill/a', winner: 'two', losers: ['one', 'three'] }
    expect((await find({ name: 'a' }, routed, shelves)).shadow).toEqual(shadow)
    expect((await findAll({ name: '*' }, routed, shelves)).map((found) => found.shadow)).toEqual([shadow])
  })

  test('[S3] a registry that is down stops the search, whoever comes after it', async () => {
    const { config, shelves } = shop({ one: has('a'), two: { files: null }, three: has('b') })
    const { code, hint } = await failure(find({ name: 'b' }, config, shelves))
    expect(code).toBe('E_REGISTRY_UNAVAILABLE')
    expect(hint).toMatch(/--allow-missing/)
    const without = shop({ one: has('a'), two: { files: null } }, { mayAllowMissing: false })
    expect((await failure(find({ name: 'b' }, without.config, without.shelves))).hint ?? '').not.toMatch(
      /allow-missing/,
    )
  })

  test('[O22] --allow-missing leaves out a secondary, never the primary', async () => {
    const { config, shelves } = shop({ one: has('a'), two: { files: null }, three: has('b') }, { allowMissing: true })
    expect((await find({ name: 'b' }, config, shelves)).shelf.registry.name).toBe('three')
    expect(shelves.notes()).toMatchObject([{ code: 'W_REGISTRY_MISSING' }])
    const headless = shop({ one: { files: null }, two: has('b') }, { allowMissing: true })
    expect((await failure(find({ name: 'b' }, headless.config, headless.shelves))).code).toBe('E_REGISTRY_UNAVAILABLE')
  })

  test('[S4] a registry that is named is the only one that is asked', async () => {
    const { asked, config, shelves } = shop({ one: has('a'), two: has('a') })
    await find({ registry: 'two', name: 'a' }, config, shelves)
    expect(asked).toEqual(['two'])
    expect((await failure(find({ registry: 'four', name: 'a' }, config, shelves))).hint).toMatch(/one, two/)
  })

  const mail = {
    files: {
      'registry.json': JSON.stringify({
        extensions: {
          curated: [{ id: 'c.mail', name: 'Mail', version: '1.0.0', kind: 'messaging-channel', path: 'curated/mail' }],
        },
      }),
      'curated/mail/manifest.json': '{}',
    },
  }
  const answers = (kind: string) => (kind === 'messaging-channel' ? 'two' : 'one')
  test.each([
    ['its own word before "extension"', { defaultRegistries: { extension: 'one', 'messaging-channel': 'two' } }, {}],
    [
      'the route for all extensions before the one for the rest',
      {},
      {
        routes: [
          ['extension', 'two'],
          ['*', 'one'],
        ],
      },
    ],
    ['"extension" before a registry named default', { defaultRegistries: { extension: 'two' } }, { first: 'default' }],
    ['what the resolver says of its own word', { resolver: answers }, {}],
  ])(
    '[A29 A30] an extension of another kind comes from where it is routed, however it is asked for: %s',
    async (_what, routing, more) => {
      const { first = 'one', routes = [] } = more as { first?: string; routes?: string[][] }
      const { config, shelves } = shop({ [first]: mail, two: mail })
      const routed = { ...config, ...routing, routes: routes.map(([kind = '', registry = '']) => ({ kind, registry })) }
      for (const request of [
        { name: 'c.mail' },
        { kind: 'extension', name: 'mail' },
        { kind: 'extension', name: 'c.mail' },
      ] as const) {
        const found = await find(request, routed, shelves)
        expect(found.shelf.registry.name).toBe('two')
        expect(found.reason).not.toMatch(/registry before|primary/)
      }
    },
  )

  test.each(['messaging-channel/mail', 'messaging-channel/c.mail'])(
    '[A20 A26] AgentOS’s own word for a kind leads to the extension: %s',
    async (name) => {
      const { config, shelves } = shop({ two: mail })
      const { hint } = await failure(find({ name }, config, shelves))
      expect(hint).toBe('a messaging-channel is asked for as an extension: extension/mail')
    },
  )

  test('[U5 A20] an id that has another kind now is told with that', async () => {
    const { config, shelves } = shop({ two: mail })
    const { code, hint } = await failure(find({ kind: 'tool', name: 'c.mail' }, config, shelves))
    expect([code, hint]).toEqual(['E_NOT_FOUND', 'did you mean extension/mail?'])
  })

  test('[A28] a kind that is routed to one registry is taken from no other', async () => {
    const { config, shelves } = shop({ one: has('a'), two: has('b') })
    const routed = { ...config, routes: [{ kind: 'skill', registry: 'two' }] }
    expect((await find({ name: 'b' }, routed, shelves)).shelf.registry.name).toBe('two')
    const { code, hint } = await failure(find({ name: 'a' }, routed, shelves))
    expect(code).toBe('E_NOT_FOUND')
    expect(hint).toMatch(/one has skill\/a, but routes: skill names two/)
  })

  test('[A31] a kind that is routed to no registry stands in the way of no other', async () => {
    const both = { files: { 'skills/a/SKILL.md': skill('a'), 'rules/r.md': 'A rule.' } }
    const { config, shelves } = shop({ one: both })
    const routed = { ...config, defaultRegistries: { rule: '' } }
    expect((await findAll({ name: '*' }, routed, shelves)).map(({ artifact }) => artifact.name)).toEqual(['a'])
    expect((await failure(findAll({ kind: 'rule', name: '*' }, routed, shelves))).code).toBe('E_NO_ROUTE')
    expect((await failure(find({ name: 'r' }, routed, shelves))).code).toBe('E_NO_ROUTE')
    expect((await failure(find({ kind: 'skill', name: 'r' }, routed, shelves))).code).toBe('E_NOT_FOUND')
    expect(await findAll({ registry: 'one', kind: 'rule', name: 'r' }, routed, shelves)).toHaveLength(1)
  })

  test('[U5] a registry that was not asked and has the name is told', async () => {
    const { config, shelves } = shop({ one: has('a'), two: has('b') })
    const { hint } = await failure(find({ registry: 'one', name: 'b' }, config, shelves))
    expect(hint).toBe('two has skill/b: haal install two:skill/b')
  })

  test('[U5] a registry that is down has no say in a hint', async () => {
    const { config, shelves } = shop({ one: has('a'), two: { files: null } })
    const { code } = await failure(find({ registry: 'one', name: 'x' }, config, shelves))
    expect(code).toBe('E_NOT_FOUND')
  })

  test('[A20] what fits several names them', async () => {
    const { config, shelves } = shop({
      one: { files: { 'skills/a/SKILL.md': skill('a'), 'agents/a.md': 'An agent.' } },
    })
    const { code, message } = await failure(find({ name: 'a' }, config, shelves))
    expect([code, message]).toEqual(['E_AMBIGUOUS', expect.stringMatching(/fits 2 artifacts: .*skill\/a/)])
  })

  test('[U3] without a registry it is said how to name one', async () => {
    const { config, shelves } = shop({})
    expect(await failure(find({ kind: 'skill', name: 'a b' }, config, shelves))).toMatchObject({
      code: 'E_NO_REGISTRY',
      hint: expect.stringMatching(/: haal install "skill\/a b" --from <source>$/),
    })
    expect((await failure(findAll({ name: '*' }, config, shelves))).hint).not.toContain('--from')
  })
})

describe('finding all', () => {
  test('[O15 O17] each name once, from the registry that owns it', async () => {
    const { config, shelves } = shop({ one: has('a'), two: has('a', 'b') })
    const all = await findAll({ name: '*' }, config, shelves)
    expect(all.map(({ artifact, shelf }) => `${shelf.registry.name}:${artifact.name}`)).toEqual(['one:a', 'two:b'])
    expect(await findAll({ kind: 'agent', name: '*' }, config, shelves)).toEqual([])
    expect((await findAll({ name: 'b*' }, config, shelves)).map(({ artifact }) => artifact.name)).toEqual(['b'])
  })
})

describe('secondaries', () => {
  const list = (...names: string[]) => JSON.stringify(names.map((name) => ({ name, url: `/${name}` })))

  test('[O11 O12 O23] only the primary’s list is followed, and the order is last … first, primary', async () => {
    const { asked, shelves } = shop({
      one: { files: { 'registries.json': list('two', 'three', 'one') } },
      two: { files: { 'registries.json': list('four'), 'skills/a/SKILL.md': skill('a') } },
      three: has('b'),
      four: has('c'),
    })
    const open = await shelves.ordered()
    expect(open.map(({ registry }) => registry.name)).toEqual(['one', 'two', 'three', 'four'])
    expect(shelves.order()).toEqual(['four', 'three', 'two', 'one'])
    expect(asked).toHaveLength(4)
  })
})
