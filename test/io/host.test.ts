import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isRunning, pause, pidSpace, startOf, thisProcess } from '../../src/io/host.js'

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

test('a pause ends with the signal', async () => {
  const stop = new AbortController()
  const waiting = pause(600_000, stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED', exit: 130 })
})
