import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { homeFolder } from '../../src/io/folder.js'

const variable = process.platform === 'win32' ? 'USERPROFILE' : 'HOME'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test.each(['', 'somewhere', '.'])('[L20] a home of %j is not taken for a folder here', (named) => {
  vi.stubEnv(variable, named)
  expect(homeFolder()).toBe(os.userInfo().homedir)
})

test('[L20] the home is the one that the environment names', () => {
  vi.stubEnv(variable, path.resolve('/elsewhere'))
  expect(homeFolder()).toBe(path.resolve('/elsewhere'))
})

test('[L20] a user whom the system does not know is told to name a home', () => {
  vi.stubEnv(variable, '')
  vi.spyOn(os, 'userInfo').mockImplementation(() => {
    throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' })
  })
  expect(homeFolder).toThrow(expect.objectContaining({ code: 'E_USAGE', hint: expect.stringContaining('HOME=') }))
})
