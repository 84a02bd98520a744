import { symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { policyPlaces } from '../../../src/state/policy/places.js'
import { withRegistryPolicy } from '../../../src/state/policy/policies.js'
import { at, failure, json, read, world, write } from './world.js'

describe('[P11] where an audit log may lie', () => {
  const audit = (file: string) => ({ audit: { file, required: true } })

  test('a person’s policy names any place', async () => {
    write('etc/policy.json', audit('/var/log/haal.jsonl'))
    expect((await read()).layers[0]?.file.audit?.file).toBe('/var/log/haal.jsonl')
  })

  test('a project’s policy names a place in the project', async () => {
    const project = write('project/p.json', audit('logs/audit.jsonl'))
    expect((await read({ project })).layers[0]?.file.audit?.file).toBe(at('project/logs/audit.jsonl'))
  })

  const outside: [says: string, file: () => string][] = [
    ['an absolute path', () => at('home/.bashrc')],
    ['a path that climbs out', () => '../home/.bashrc'],
    ['the project itself', () => '.'],
    ['git’s folder', () => '.git/hooks/post-checkout'],
    ['haal’s folder', () => '.haal/skills/x/SKILL.md'],
    ['the lockfile', () => 'Haal.lock'],
    ['the configuration', () => 'haal.json'],
    ['a folder behind a link', () => 'out/new/audit.jsonl'],
    ['a link', () => 'link.jsonl'],
    ['a link that leads nowhere yet', () => 'dangling.jsonl'],
  ]
  test.each(outside)('a project’s policy does not name %s', async (_says, file) => {
    writeFileSync(at('home/.bashrc'), 'mine')
    symlinkSync(at('home'), at('project/out'))
    symlinkSync(at('home/.bashrc'), at('project/link.jsonl'))
    symlinkSync(at('home/none'), at('project/dangling.jsonl'))
    const project = write('project/p.json', audit(file()))
    expect(await failure(read({ project }))).toMatchObject({
      code: 'E_POLICY_SCHEMA',
      message: expect.stringContaining('in the project only'),
    })
  })

  test('a registry’s policy names none', async () => {
    const bytes = Buffer.from(json(audit('/home/me/.bashrc')))
    const { layers, warnings } = await withRegistryPolicy(
      await read(),
      { from: 'https://x/policy.json', bytes },
      world(),
    )
    expect(layers[0]?.file.audit).toBe(undefined)
    expect(warnings).toMatchObject([{ code: 'W_POLICY_AUDIT' }])
  })
})

describe('[P1] where policies lie', () => {
  const around = (platform: NodeJS.Platform, env: Record<string, string> = {}) =>
    policyPlaces({ platform, env, home: '/home/me/haal', cwd: '/work/dir' })

  test('on each platform', () => {
    expect(around('linux').machine).toEqual(['/etc/haal/policy.json'])
    expect(around('darwin').machine).toEqual(['/Library/Application Support/haal/policy.json'])
    expect(around('win32', { ProgramData: 'c:\\programdata\\' }).machine).toEqual([
      'C:\\ProgramData\\haal\\policy.json',
    ])
    expect(around('linux').user).toBe(path.join('/home/me/haal', 'policy.json'))
  })

  test('a changed %ProgramData% hides nothing', () => {
    expect(around('win32', { ProgramData: 'D:\\Data' }).machine).toEqual([
      'C:\\ProgramData\\haal\\policy.json',
      'D:\\Data\\haal\\policy.json',
    ])
  })

  test('HAAL_POLICY is a path from the current folder, a file: address or a URL; empty, it is not set', () => {
    const named = (HAAL_POLICY: string) => around('linux', { HAAL_POLICY }).environment
    expect(named('p.json')).toBe(path.resolve('/work/dir', 'p.json'))
    expect(named(' https://x/p.json ')).toBe('https://x/p.json')
    expect(named('')).toBe(undefined)
    if (process.platform !== 'win32') expect(named('file:///srv/p%20q.json')).toBe('/srv/p q.json')
  })
})
