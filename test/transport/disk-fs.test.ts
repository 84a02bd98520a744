import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { diskFs } from '../../src/transport/git/disk-fs.js'
import { folder } from './reach.js'

test('[L14] two that write one file of a store at once both succeed', async () => {
  const disk = nodeDisk()
  const file = path.join(folder(), 'shallow')
  const other = diskFs(disk).promises
  let between: Promise<void> | undefined
  const interrupted = diskFs({
    ...disk,
    write: (at, bytes) => {
      disk.write(at, bytes)
      between ??= other.writeFile(file, 'theirs')
    },
  }).promises
  await interrupted.writeFile(file, 'mine')
  await between
  expect(fs.readFileSync(file, 'utf8')).toBe('mine')
  expect(fs.readdirSync(path.dirname(file))).toEqual(['shallow'])
})
