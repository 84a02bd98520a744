import fs from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HaalError } from '../../src/model/errors.js'
import { registryFrom } from '../../src/model/registries.js'
import { openPolicies, type Policies } from '../../src/operations/session/policies.js'
import { laterCodeOf } from '../failing.js'
import { facts, lets, rules } from './random.js'
import { type Place, place } from './verbs.js'

let at: Place
beforeEach(() => {
  at = place()
})
afterEach(() => at.remove())

const primary = registryFrom(
  'corp',
  { type: 'git', location: 'https://git.corp.example/ai.git' },
  { folder: '/', author: 'project', source: 'haal.json' },
)

const open = (where: Place = at): Promise<Policies> =>
  openPolicies({
    ctx: where.ctx,
    home: { data: where.at('haal'), cache: where.at('haal/cache') },
    root: where.at('project'),
    manifest: { policy: where.at('project/acme.json') },
    primary,
    offline: true,
    strange: () => undefined,
    known: () => undefined,
  })

const written = (more: object) => Buffer.from(JSON.stringify({ policyVersion: 1, ...more }))
const denied = written({ version: 3, artifacts: { deny: ['skill/a'] } })

/** As a command does that opens the registry. */
async function seen(bytes: Uint8Array | undefined): Promise<void> {
  const policies = await open()
  await policies.found(bytes && { bytes })
  policies.remember()
}

const denials = (policies: Policies) => policies.policy.rules['artifacts.deny'].map(({ value }) => value.text)

const demanded = async () => (await open()).demand()

describe('[P1] the policy of the primary registry holds where the registry is not asked', () => {
  beforeEach(() => at.write({ 'project/acme.json': { policyVersion: 1 } }))

  test('as it was when it was opened last', async () => {
    expect(denials(await open())).toEqual([])
    await seen(denied)
    const policies = await open()
    expect(denials(policies)).toEqual(['skill/a'])
    expect(policies.policy.sources.at(-1)).toEqual({
      layer: 'registry',
      from: 'https://git.corp.example/ai.git/policy.json',
      version: 3,
    })
  })

  test('until it has another one, or none', async () => {
    await seen(written({ artifacts: { deny: ['skill/a'] } }))
    await seen(written({ artifacts: { deny: ['skill/b'] } }))
    expect(denials(await open())).toEqual(['skill/b'])
    await seen(undefined)
    expect(denials(await open())).toEqual([])
  })

  test('[P8] it goes forward only, and a versioned one that is gone stops everything', async () => {
    await seen(denied)
    expect(await laterCodeOf(() => seen(written({ version: 2 })))).toBe('E_POLICY_VERSION')
    expect(await laterCodeOf(() => seen(written({ version: 3 })))).toBe('E_POLICY_VERSION')
    expect(await laterCodeOf(() => seen(undefined))).toBe('E_POLICY_LOAD')
    await seen(written({ version: 4 }))
    expect(denials(await open())).toEqual([])
  })

  test('[P4] a copy that is lost or damaged stops what would need it, until the registry is asked', async () => {
    const damages: [string, () => void][] = [
      ['the copy is gone', () => fs.rmSync(at.at('haal/policies'), { recursive: true })],
      ['the copy is another file', () => rewritten(() => written({}))],
      ['nobody knows of it but its version', () => fs.rmSync(at.at('haal/registry-policies.json'))],
    ]
    for (const [says, damage] of damages) {
      await seen(denied)
      damage()
      expect(await laterCodeOf(demanded), says).toBe('E_POLICY_LOAD')
      await seen(denied)
      expect(await laterCodeOf(demanded), says).toBe('passes')
    }
    at.write({ 'haal/registry-policies.json': '{' })
    expect(await laterCodeOf(open)).toBe('E_POLICY_LOAD')
  })

  test('[P8] what is refused is not remembered, and nothing is where there is nothing to say', async () => {
    const policies = await open()
    await policies.found(undefined)
    policies.remember()
    expect(fs.readdirSync(at.at('haal'))).toEqual([])
  })
})

function rewritten(bytes: () => Buffer): void {
  for (const name of fs.readdirSync(at.at('haal/policies'))) fs.writeFileSync(at.at('haal/policies', name), bytes())
}

describe('[P1] [P4] [P8] whatever happens to any policy, the kept one of the registry too, nothing more passes', () => {
  const sources = ['etc/policy.json', 'haal/policy.json', 'org.json', 'project/acme.json', 'kept', 'listed'] as const
  const harm = fc.record({ which: fc.constantFrom(...sources), where: fc.nat(2000) })
  const five = fc.array(rules, { minLength: 5, maxLength: 5 })

  test.each(Object.keys(harms) as (keyof typeof harms)[])('%s', async (how) => {
    let refused = 0
    await fc.assert(
      fc.asyncProperty(five, harm, facts, async (list, { which, where }, about) => {
        const here = place()
        try {
          here.env.HAAL_POLICY = here.at('org.json')
          for (const [i, file] of sources.slice(0, 4).entries())
            here.write({ [file]: written({ version: 5, ...list[i] }) })
          const first = await open(here)
          await first.found({ bytes: written({ version: 5, ...list[4] }) })
          first.remember()
          const kept = fs.readdirSync(here.at('haal/policies'))[0] ?? ''
          const file =
            { kept: `haal/policies/${kept}`, listed: 'haal/registry-policies.json' }[which as string] ?? which
          harmed(here.at(file), how, where)
          const after = await openedAnew(here)
          if (after === undefined) refused += 1
          else expect(lets(after.policy, about) && !lets(first.policy, about)).toBe(false)
        } finally {
          here.remove()
        }
      }),
      { numRuns: 30 },
    )
    expect(refused).toBeGreaterThan(20)
  })
})

/** undefined where that is refused. */
async function openedAnew(where: Place): Promise<Policies | undefined> {
  try {
    const policies = await open(where)
    policies.demand()
    return policies
  } catch (e) {
    expect((e as HaalError).exit).toBe(5)
    return undefined
  }
}

/** What may be done to a file; undefined: it goes. `at` is somewhere in it. */
const harms = {
  'it is gone': () => undefined,
  'it is cut short': (text: Buffer, at: number) => text.subarray(0, at),
  'an older one is there': () => written({ version: 4 }),
  'a byte of it is lost': (text: Buffer, at: number) => Buffer.concat([text.subarray(0, at), text.subarray(at + 1)]),
} as const

function harmed(file: string, how: keyof typeof harms, where: number): void {
  const text = fs.readFileSync(file)
  const after = harms[how](text, where % text.length)
  if (after === undefined) fs.rmSync(file)
  else fs.writeFileSync(file, after)
}
