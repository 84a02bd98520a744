import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isRunning, pause, pidSpace, sameBoot, startOf, thisProcess } from '../../src/io/host.js'

test('this process runs, under its own start', () => {
  const { pid } = thisProcess()
  expect(pid).toBe(process.pid)
  expect(isRunning(pid, startOf(pid))).toBe(true)
  expect(isRunning(pid, undefined)).toBe(true)
})

test.skipIf(process.platform === 'win32')(
  '[L13] X03: another process under the same number is not the one that is meant',
  () => {
    expect(isRunning(process.pid, 'another start')).toBe(false)
  },
)

test('[L13] X03: one that has ended does not run, one that was killed and not yet buried neither', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600000)'])
  const pid = child.pid ?? 0
  const start = startOf(pid)
  expect(isRunning(pid, start)).toBe(true)
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  expect(isRunning(pid, start)).toBe(false)
})

test('facts about the machine stay the same while it runs', () => {
  expect(pidSpace()).toMatch(/^[0-9a-f]{16}$/)
  expect(pidSpace()).toBe(pidSpace())
  expect(thisProcess().boot).not.toBe('')
})

test.each([
  ['3f1c', '3f1c', true],
  ['3f1c', '9d2a', false],
  ['at 1000', 'at 1119', true],
  ['at 1119', 'at 1000', true],
  ['at 1000', 'at 1120', false],
  ['at 1000', '3f1c', false],
  ['3f1c', 'at 1000', false],
  ['not at 1000', 'at 1000', false],
])('[L11] a boot that is named by its time may move a little with the clock: %s and %s: %s', (a, b, isSame) => {
  expect(sameBoot(a, b)).toBe(isSame)
})

test('a pause ends with the signal', async () => {
  const stop = new AbortController()
  const waiting = pause(600_000, stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED', exit: 130 })
})
