import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { homeFolder } from '../../src/io/folder.js'

const variable = process.platform === 'win32' ? 'USERPROFILE' : 'HOME'

afterEach(() => vi.unstubAllEnvs())

test.each(['', 'somewhere', '.'])('[L20] a home of %j is not taken for a folder here', (named) => {
  vi.stubEnv(variable, named)
  expect(homeFolder()).toBe(os.userInfo().homedir)
})

test('[L20] the home is the one that the environment names', () => {
  vi.stubEnv(variable, path.resolve('/elsewhere'))
  expect(homeFolder()).toBe(path.resolve('/elsewhere'))
})
