import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { describe, expect, test } from 'vitest'
import { withRegistryPolicy } from '../../../src/state/policy/policies.js'
import { at, deny, failure, json, machine, read, world, write } from './world.js'

const isRoot = process.getuid?.() === 0

describe('[P1] policies are read in order', () => {
  test('machine, user, HAAL_POLICY, project, primary registry', async () => {
    write('etc/policy.json', { name: 'machine' })
    write('home/policy.json', { name: 'user' })
    const environment = write('env.json', { name: 'environment' })
    const project = write('project/policy.json', { name: 'project' })
    const four = await read({ environment, project })
    const five = await withRegistryPolicy(
      four,
      { from: 'https://git.corp.com/ai/policy.json', bytes: Buffer.from(json({ name: 'registry' })) },
      world(),
    )
    expect(five.layers.map(({ source }) => [source.layer, source.name])).toEqual(
      ['machine', 'user', 'environment', 'project', 'registry'].map((name) => [name, name]),
    )
    expect(five.layers.map(({ source }) => source.from)).toEqual([
      machine(),
      at('home/policy.json'),
      environment,
      project,
      'https://git.corp.com/ai/policy.json',
    ])
  })

  test('machine and user may have none, and so may the registry', async () => {
    const none = await read()
    expect(
      (await withRegistryPolicy(none, { from: 'https://x/policy.json', bytes: undefined }, world())).layers,
    ).toEqual([])
  })

  test('source, version and contact are kept', async () => {
    write('etc/policy.json', { name: 'acme', version: 7, contact: 'sec@acme.com' })
    expect((await read()).layers[0]?.source).toEqual({
      layer: 'machine',
      from: machine(),
      name: 'acme',
      version: 7,
      contact: 'sec@acme.com',
    })
  })

  test('an administrator may use a link', async () => {
    symlinkSync(write('managed.json', deny('hook/*')), machine())
    expect((await read()).layers).toHaveLength(1)
  })

  test('a relative path starts at the policy, wherever haal was started', async () => {
    const project = write('project/policy.json', { registries: { allow: [{ file: 'vendor/*' }] } })
    expect((await read({ project })).layers[0]?.file.registries?.allow).toEqual([{ file: at('project/vendor/*') }])
  })
})

describe('[P4] [P05] a policy that cannot be read stops everything', () => {
  const rows: [says: string, damage: (file: string) => void][] = [
    ['0 bytes', (file) => writeFileSync(file, '')],
    ['invalid JSON', (file) => writeFileSync(file, '{"policyVersion": 1,')],
    ['not UTF-8', (file) => writeFileSync(file, Buffer.from('{"policyVersion":1,"name":"\xff"}', 'latin1'))],
    ['two byte order marks', (file) => writeFileSync(file, `\ufeff\ufeff${json({})}`)],
    [
      'nested too deep',
      (file) => writeFileSync(file, `{"policyVersion":1,"name":${'['.repeat(100)}${']'.repeat(100)}}`),
    ],
    ['too large', (file) => writeFileSync(file, json({ name: 'x'.repeat(1024 * 1024) }))],
    ['a folder', (file) => mkdirSync(file)],
    ['a link that leads nowhere', (file) => symlinkSync('/nowhere/at/all', file)],
    ['a link to itself', (file) => symlinkSync(file, file)],
    ['a link to a folder', (file) => symlinkSync(os.tmpdir(), file)],
  ]
  for (const layer of ['machine', 'user', 'HAAL_POLICY', 'project'] as const)
    test.each(rows)(`${layer}: %s`, async (_says, damage) => {
      const files = {
        machine: machine(),
        user: at('home/policy.json'),
        HAAL_POLICY: at('env.json'),
        project: at('project/p.json'),
      }
      damage(files[layer])
      const named = {
        ...(layer === 'HAAL_POLICY' && { environment: files[layer] }),
        ...(layer === 'project' && { project: files[layer] }),
      }
      expect(await failure(read(named))).toMatchObject({
        code: 'E_POLICY_LOAD',
        exit: 5,
        message: expect.stringContaining(files[layer]),
      })
    })

  test.skipIf(isRoot || process.platform === 'win32')('unreadable', async () => {
    chmodSync(write('etc/policy.json', {}), 0o000)
    expect((await failure(read())).code).toBe('E_POLICY_LOAD')
  })

  test.skipIf(process.platform === 'win32')('a device, which would never end', async () => {
    symlinkSync('/dev/zero', machine())
    expect((await failure(read())).code).toBe('E_POLICY_LOAD')
  })

  test('missing where HAAL_POLICY or the project names it', async () => {
    expect((await failure(read({ environment: at('none.json') }))).message).toContain('HAAL_POLICY names it')
    expect((await failure(read({ project: at('none.json') }))).message).toContain('"policy" of the project names it')
  })

  test('[P5] [P07] an unknown key', async () => {
    write('etc/policy.json', { allowRegistry: [] })
    expect(await failure(read())).toMatchObject({
      code: 'E_POLICY_SCHEMA',
      message: expect.stringContaining('$.allowRegistry'),
    })
  })

  test('a registry’s own policy', async () => {
    const none = await read()
    const broken = withRegistryPolicy(none, { from: 'https://x/policy.json', bytes: Buffer.from('{') }, world())
    expect((await failure(broken)).code).toBe('E_POLICY_LOAD')
  })
})
