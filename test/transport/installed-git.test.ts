import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installedGit } from '../../src/transport/git.js'

test.skipIf(process.platform === 'win32')(
  '[U9] a call that is stopped while git is looked for leaves nothing that stops the next',
  async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-git-'))
    onTestFinished(() => fs.rmSync(folder, { recursive: true }))
    fs.writeFileSync(path.join(folder, 'git'), '#!/bin/sh\necho git version 2.40.0\n', { mode: 0o755 })
    const env = { PATH: folder }
    const stopped = installedGit({ env, signal: AbortSignal.abort() })
    const next = installedGit({ env, signal: new AbortController().signal })
    await expect(stopped).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect(await next).toEqual({ path: path.join(folder, 'git'), version: [2, 40] })
  },
)
