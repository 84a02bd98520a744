import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')

test('[F1] the benchmark measures a case beside its peer, and says whether its limit is reached', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['bench/bench.mjs', '--quick', '--only', 'haal --version'],
    { cwd: root },
  )
  expect(stdout).toMatch(/^haal --version +node -e 0 +(reached|missed) +[\d.]+ × \(at most 1\.1\)/m)
  expect(stdout).toMatch(/^\d+ reached, \d+ missed, 0 cannot, 0 failed/m)
})
