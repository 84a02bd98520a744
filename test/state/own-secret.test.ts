import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { HaalError } from '../../src/model/errors.js'
import { sealOf } from '../../src/state/own-secret.js'
import { temporaryFolder } from './temporary.js'

const disk = nodeDisk()

test('[A38] a seal is made once, and only its person may read it', () => {
  const file = path.join(temporaryFolder({}), 'home', 'seal')
  const first = sealOf(disk, file)
  expect(first).toMatch(/^[0-9a-f]{64}$/)
  expect(sealOf(disk, file)).toBe(first)
  if (process.platform !== 'win32') expect(fs.statSync(file).mode & 0o777).toBe(0o600)
  expect(sealOf(disk, `${file}-2`)).not.toBe(first)
})

test('[A38] a seal that is damaged is made anew; where it cannot be kept it serves once', () => {
  const file = path.join(temporaryFolder({}), 'seal')
  for (const damage of ['half', `x${'0'.repeat(64)}\n`, `${'0'.repeat(64)}\nx`]) {
    fs.writeFileSync(file, damage)
    const fresh = sealOf(disk, file)
    expect(fresh).toMatch(/^[0-9a-f]{64}$/)
    expect(fresh).not.toBe('0'.repeat(64))
    expect(fs.readFileSync(file, 'utf8')).toBe(`${fresh}\n`)
  }
  const full = {
    ...disk,
    write: () => {
      throw new HaalError('E_DISK', 'full')
    },
  }
  expect(sealOf(full, `${file}-2`)).not.toBe(sealOf(full, `${file}-2`))
  const broken = {
    ...disk,
    write: () => {
      throw new TypeError('a mistake of ours')
    },
  }
  expect(() => sealOf(broken, `${file}-2`)).toThrow(TypeError)
})
