import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { repository } from '../../e2e/world/git-repository.js'
import { table } from '../../src/cli/table.js'
import { type Event, HaalError, type Question } from '../../src/index.js'
import { ground, skill } from './ground.js'

/** Commands that are about a terminal. */
const onlyTyped = ['completion', 'help']

describe('an instance', () => {
  test('[U9] has a method for every command', async () => {
    const haal = await ground().haal()
    const names = table.rows.map(({ name }) => name).filter((name) => !onlyTyped.includes(name))
    const method = (name: string) =>
      name.split(' ').reduce<unknown>((at, word) => (at as Record<string, unknown> | undefined)?.[word], haal)
    expect(names.filter((name) => typeof method(name) !== 'function')).toEqual([])
    expect(haal.plan).toBeTypeOf('function')
  })

  test('[U9] fails with an error that says code, exit, hint and details', async () => {
    const at = ground()
    at.write('registries/acme/skills/review/SKILL.md', skill('review'))
    const haal = await at.haal()
    const error = await haal.install('reviw').catch((e: unknown) => e)
    expect(error).toBeInstanceOf(HaalError)
    expect(error).toMatchObject({
      name: 'HaalError',
      code: 'E_NOT_FOUND',
      exit: 3,
      message: 'no artifact "reviw" in acme',
      hint: 'did you mean skill/review?',
      details: { asked: 'reviw', registries: ['acme'] },
    })
  })

  test('[U9 L18] plan says what install would do, and writes nothing', async () => {
    const at = ground()
    at.write('registries/acme/skills/review/SKILL.md', skill('review'))
    const haal = await at.haal()
    const planned = await haal.plan('review')
    expect(planned.generation).toBe(null)
    expect(fs.readdirSync(`${at.root}/project`)).toEqual([])
    expect({ ...(await haal.install('review')), generation: null }).toEqual(planned)
  })

  test('[U9] hears what happens, and is asked what a person would be', async () => {
    const at = ground()
    at.write('registries/acme/skills/review/SKILL.md', skill('review'))
    const events: Event[] = []
    const questions: Question[] = []
    const ask = async (question: Question) => {
      questions.push(question)
      return false
    }
    const haal = await at.haal({ onEvent: (event) => events.push(event), ask })
    await haal.install('review')
    expect(events).toEqual([
      { type: 'start', what: 'writing', key: 'apply' },
      { type: 'end', key: 'apply' },
    ])
    await expect(haal.uninstall('review')).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect(questions).toMatchObject([{ kind: 'confirm', plan: { changes: [{ action: 'remove' }] } }])
    expect((await haal.list()).artifacts).toHaveLength(1)
  })

  test('[U9 P10] without anybody to ask, what needs an approval is refused, and approve grants it', async () => {
    const at = ground()
    at.write('registries/acme/skills/review/SKILL.md', skill('review'))
    const haal = await at.haal()
    await haal.install('review')
    at.write('registries/acme/skills/review/run.sh', '#!/bin/sh\n')
    fs.chmodSync(`${at.root}/registries/acme/skills/review/run.sh`, 0o755)
    await expect(haal.update('review')).rejects.toMatchObject({ code: 'E_APPROVAL', exit: 5 })
    expect((await haal.update('review', { approve: ['review'] })).changes).toMatchObject([{ action: 'update' }])
  })
})

test.skipIf(process.platform === 'win32')('[U9] a call leaves no program running', async () => {
  const at = ground()
  const { path: url } = await repository(`${at.root}/kit.git`, { '.claude-plugin/plugin.json': '{"name":"kit"}' })
  const plugins = [{ name: 'kit', source: { source: 'url', url } }]
  at.write('registries/acme/.claude-plugin/marketplace.json', { plugins })
  const haal = await at.haal()
  await haal.install('plugin/kit')
  const left = () => spawnSync('ps', ['-o', 'args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).stdout
  await vi.waitFor(() => expect(left()).not.toContain('cat-file'))
})

test('[U9 L20] the home folder is not taken for the project where it is reached through a link', async () => {
  const at = ground()
  at.write('registries/acme/skills/review/SKILL.md', skill('review'))
  at.write('me/work/notes.txt', '')
  fs.symlinkSync(`${at.root}/me`, `${at.root}/linked`, 'junction')
  const around = { cwd: `${at.root}/me/work`, env: { HOME: `${at.root}/linked`, USERPROFILE: `${at.root}/linked` } }
  await (await at.haal({ ...around, global: true })).install('review')
  const haal = await at.haal(around)
  expect((await haal.list()).artifacts).toEqual([])
  await haal.install('review')
  expect(at.exists('me/work/haal.lock')).toBe(true)
})

describe('several instances in one process', () => {
  test('[U9] know nothing of each other', async () => {
    const [one, two] = [ground(), ground()]
    one.write('registries/acme/skills/review/SKILL.md', skill('review', 'one'))
    two.write('registries/acme/skills/review/SKILL.md', skill('review', 'two'))
    const both = await Promise.all([one.haal(), two.haal({ targets: ['claude'] })])
    await Promise.all(both.map((haal) => haal.install('review')))
    expect(one.read('project/.haal/skills/review/SKILL.md')).toContain('one')
    expect(two.read('project/.haal/skills/review/SKILL.md')).toContain('two')
    expect(one.exists('project/.claude')).toBe(false)
  })

  test('[U9 L13] wait for each other on one project', async () => {
    const at = ground()
    const names = ['one', 'two', 'three', 'four']
    for (const name of names) at.write(`registries/acme/skills/${name}/SKILL.md`, skill(name))
    const all = await Promise.all(names.map(() => at.haal()))
    await Promise.all(all.map((haal, i) => haal.install(names[i] ?? '')))
    const [haal] = all
    expect((await haal?.list())?.artifacts.map(({ name }) => name)).toEqual([...names].sort())
    expect((await haal?.history())?.generations.map(({ number }) => number)).toEqual([4, 3, 2, 1])
    expect((await haal?.verify())?.ok).toBe(true)
  })
})

describe('a signal', () => {
  test('[U9] that has come already stops a call before it begins, of the instance or of the call', async () => {
    const at = ground()
    const stopped = await at.haal({ signal: AbortSignal.abort() })
    await expect(stopped.list()).rejects.toMatchObject({ code: 'E_INTERRUPTED', exit: 130 })
    const haal = await at.haal()
    await expect(haal.list({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect((await haal.list()).artifacts).toEqual([])
  })
})
