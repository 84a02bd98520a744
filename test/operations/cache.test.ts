import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { here } from '../../src/io/here.js'
import { fail } from '../../src/model/errors.js'
import { cachePrune } from '../../src/operations/cache.js'

test('[L14 L18] a dry run of cache prune writes nothing at all, not even which project it ran in', async () => {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-prune-')))
  fs.mkdirSync(path.join(root, 'project'))
  const around = here(path.join(root, 'project'))
  const closed = () => fail('E_DISK', 'read-only')
  const ctx = {
    ...around,
    disk: { ...around.disk, mkdir: closed, write: closed },
    env: { HAAL_HOME: path.join(root, 'home'), PATH: process.env.PATH },
    signal: new AbortController().signal,
    emit: () => undefined,
  }
  const dry = await cachePrune(ctx, { flags: { dryRun: true } })
  expect(dry).toEqual({ path: path.join(root, 'home', 'store'), entries: 0, bytes: 0 })
  await expect(cachePrune(ctx, { flags: {} })).rejects.toMatchObject({ code: 'E_DISK' })
  fs.rmSync(root, { recursive: true })
})
