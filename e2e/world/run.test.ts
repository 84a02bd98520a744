import { describe, expect, test } from 'vitest'
import { keys, needs, world } from './index.js'
import { place } from './place.js'
import { type Ground, runOf, words } from './run.js'

/** A stand-in for haal: a line of JavaScript. */
async function standIn(script: string) {
  const { root, project } = await world()
  const ground: Ground = {
    cwd: project.path,
    env: { PATH: process.env.PATH ?? '' },
    program: [process.execPath, '-e', script],
    snapshot: () => root.tree(),
    inspect: () => undefined,
    started: () => undefined,
  }
  return (line = '', options = {}) => runOf(ground, line, options)
}

const failing = (more = '') => `${more};console.error('error E_CONFLICT: no'); process.exitCode = 4`

describe('a run that should fail', () => {
  test('fails with its code and its exit', async () => {
    const run = await standIn(failing())
    expect((await run().fails('E_CONFLICT', 4)).stderr).toBe('error E_CONFLICT: no\n')
    await expect(run().fails('E_CONFLICT', 5)).rejects.toThrow()
    await expect(run().fails('E_OTHER', 4)).rejects.toThrow()
  })

  test('must not have written anything', async () => {
    const run = await standIn(failing(`require('fs').writeFileSync('debris', '')`))
    await expect(run().fails('E_CONFLICT', 4)).rejects.toThrow(/nothing written/)
  })

  test('may write what the test names', async () => {
    const run = await standIn(failing(`require('fs').writeFileSync('log', '')`))
    await expect(run().fails('E_CONFLICT', 4, { writes: ['project/log'] })).resolves.toMatchObject({ exit: 4 })
  })

  test('says its code in the document where --json is asked for', async () => {
    const document = { schemaVersion: 1, command: 'x', ok: false, error: { code: 'E_CONFLICT', exit: 4 } }
    const run = await standIn(`console.log('${JSON.stringify(document)}'); process.exitCode = 4`)
    await expect(run('-- --json').fails('E_CONFLICT', 4)).resolves.toMatchObject({ exit: 4 })
    await expect(run('-- --json').fails('E_BUSY', 4)).rejects.toThrow()
  })
})

test('a run that should change nothing is caught when it does', async () => {
  const run = await standIn(`require('fs').writeFileSync('new', '')`)
  await expect(run().changesNothing()).rejects.toThrow(/should write nothing/)
})

test('a run that does not end is ended', async () => {
  const run = await standIn('setInterval(() => {}, 1000)')
  await expect(run('', { timeout: 300 }).outcome()).rejects.toThrow(/still runs/)
})

test('stdin, environment and folder reach the program', async () => {
  const run = await standIn(`process.stdin.pipe(process.stdout); console.log(process.env.WORD, process.cwd())`)
  const { stdout } = await run('', { stdin: 'typed', env: { WORD: 'word' }, cwd: '..' }).succeeds()
  expect(stdout).toMatch(/^word .*haal-world-\w+\ntyped$/)
})

needs('script')('a terminal is one for the program, and what is typed arrives', async () => {
  const run = await standIn(`process.stdout.write(process.stdout.columns + '? '); process.stdin.once('data', (text) => {
    console.log('got ' + text.toString().trim() + process.stdin.isTTY); process.exit(3) })`)
  const terminal = run('', { tty: { columns: 60 } }).terminal()
  await terminal.until('60? ')
  terminal.type('yes', keys.enter)
  expect(await terminal.until(/got \w+/)).toMatch('got yestrue')
  expect((await terminal.outcome).exit).toBe(3)
})

needs('tmux')('a picture that is as wanted is the one that is answered, whatever comes after it', async () => {
  const at = await world()
  const screen = at.screen('echo there; cat')
  const wanted: string[] = []
  const picture = await screen.until((seen) => seen.includes('there') && wanted.push(seen) === 1)
  expect([picture]).toEqual(wanted)
})

needs('unshare')('without a network not even loopback answers', async () => {
  const { http } = await world()
  const { origin } = await http({ '/': 'here' })
  const run = await standIn(`fetch('${origin}').then(() => console.log('reached'), () => console.log('alone'))`)
  expect((await run().succeeds()).stdout).toBe('reached\n')
  expect((await run('', { network: false }).succeeds()).stdout).toBe('alone\n')
})

test('quotes hold a word together', () => {
  expect(words(`install "two words" 'and more' --x`)).toEqual(['install', 'two words', 'and more', '--x'])
})

test('a stamp notices that the same bytes were written again', async () => {
  const { project } = await world()
  await project.write({ a: '1' })
  const [tree, stamp] = [project.tree(), project.stamp()]
  await project.remove('a')
  await project.write({ a: '1', b: '' })
  await project.remove('b')
  expect(place(project.path).tree()).toEqual(tree)
  expect(project.stamp()).not.toEqual(stamp)
})
