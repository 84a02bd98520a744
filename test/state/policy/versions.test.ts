import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/model/digest.js'
import { recheckPolicies, rememberPolicies, withRegistryPolicy } from '../../../src/state/policy/policies.js'
import { at, deny, disk, failure, json, machine, read, use, world, write } from './world.js'

describe('[P8] the version of a policy only rises', () => {
  const version = (n: number, more: object = {}) => ({ version: n, ...more })

  test('an older one than last seen is refused', async () => {
    write('etc/policy.json', version(7))
    await use()
    write('etc/policy.json', version(6))
    expect(await failure(read())).toMatchObject({
      code: 'E_POLICY_VERSION',
      exit: 5,
      details: { version: 6, seen: 7 },
      hint: 'publish it with a version above 7',
    })
    write('etc/policy.json', {})
    expect((await failure(read())).message).toContain('has no version; version 7 was in force here')
  })

  test('the same version with other bytes is refused', async () => {
    write('etc/policy.json', version(7, deny('hook/*')))
    await use()
    write('etc/policy.json', version(7))
    expect(await failure(read())).toMatchObject({ code: 'E_POLICY_VERSION', hint: 'raise its version to 8' })
    write('etc/policy.json', version(7, { contact: 'ada@acme.example' }))
    expect((await failure(read())).hint).toBe('raise its version to 8, or ask ada@acme.example')
  })

  test('a newer one is taken and remembered', async () => {
    write('etc/policy.json', version(7))
    await use()
    write('etc/policy.json', version(9))
    await use()
    write('etc/policy.json', version(8))
    expect((await failure(read())).code).toBe('E_POLICY_VERSION')
  })

  test('a policy without a version may change as it likes', async () => {
    write('etc/policy.json', deny('hook/*'))
    await use()
    write('etc/policy.json', {})
    expect((await use()).layers).toHaveLength(1)
    expect(existsSync(at('home/policy-seen.json'))).toBe(false)
  })

  test('one that was in force and is gone is refused, at every layer', async () => {
    const environment = write('env.json', version(1))
    const project = write('project/p.json', version(2))
    write('etc/policy.json', version(3))
    write('home/policy.json', version(4))
    const from = 'https://git.corp.com/policy.json'
    const registry = { from, bytes: Buffer.from(json(version(5))) }
    const reach = world()
    rememberPolicies(await withRegistryPolicy(await read({ environment, project }), registry, reach), reach)
    expect((await failure(withRegistryPolicy(await read(), { from, bytes: undefined }, reach))).code).toBe(
      'E_POLICY_LOAD',
    )
    for (const file of [environment, project, machine(), at('home/policy.json')]) {
      const text = readFileSync(file)
      rmSync(file)
      expect(await failure(read({ environment, project }))).toMatchObject({
        code: 'E_POLICY_LOAD',
        details: { source: file },
      })
      writeFileSync(file, text)
    }
    expect((await read({ environment, project })).layers).toHaveLength(4)
  })

  test('each source is remembered for itself', async () => {
    write('etc/policy.json', version(7))
    write('home/policy.json', version(2))
    await use()
    expect(JSON.parse(readFileSync(at('home/policy-seen.json'), 'utf8'))).toEqual({
      [machine()]: { version: 7, digest: digestOf(json(version(7))) },
      [at('home/policy.json')]: { version: 2, digest: digestOf(json(version(2))) },
    })
    expect(readdirSync(at('home')).sort()).toEqual(['policy-seen.json', 'policy.json'])
  })

  test.each(['', '{', '[]', '{"x":{"version":"7"}}', '{"x":1}'])(
    'a damaged memory stops everything: %s',
    async (text) => {
      write('home/policy-seen.json', text)
      expect(await failure(read())).toMatchObject({
        code: 'E_POLICY_LOAD',
        message: expect.stringContaining('policy-seen.json is damaged'),
      })
    },
  )
})

describe('[P3] a policy that is replaced between judging and writing', () => {
  const rows: [says: string, change: () => void][] = [
    ['changed', () => write('etc/policy.json', {})],
    ['removed', () => rmSync(machine())],
    ['added', () => write('home/policy.json', {})],
    ['made a folder', () => mkdirSync(at('home/policy.json'))],
  ]
  test.each(rows)('%s: is noticed', async (_says, change) => {
    write('etc/policy.json', deny('hook/*'))
    const policies = await read()
    recheckPolicies(policies, disk)
    change()
    const error = await failure((async () => recheckPolicies(policies, disk))())
    expect(error.exit).toBe(5)
  })
})
