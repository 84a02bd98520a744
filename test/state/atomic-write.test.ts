import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { fail } from '../../src/model/errors.js'
import { writeWhole } from '../../src/state/atomic-write.js'
import { temporaryFolder } from './temporary.js'

const disk = nodeDisk()

test('a file comes whole, with its folders, and takes the place of an older one', () => {
  const file = path.join(temporaryFolder({}), 'home', 'policies', 'a.json')
  for (const text of ['one', 'another']) {
    writeWhole(disk, file, text)
    expect(fs.readFileSync(file, 'utf8')).toBe(text)
  }
  expect(fs.readdirSync(path.dirname(file))).toEqual(['a.json'])
})

test.each(['write', 'flush', 'rename'] as const)('[L12] where %s fails, the old one stays and nothing else', (call) => {
  const root = temporaryFolder({ 'a.json': 'old' })
  const full = { ...disk, [call]: () => fail('E_DISK', 'no space left') }
  expect(() => writeWhole(full, path.join(root, 'a.json'), 'new')).toThrow('no space left')
  expect(fs.readdirSync(root)).toEqual(['a.json'])
  expect(fs.readFileSync(path.join(root, 'a.json'), 'utf8')).toBe('old')
})
