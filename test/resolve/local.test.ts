import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import type { Context } from '../../src/model/context.js'
import { openLocal } from '../../src/resolve/local.js'
import { folder } from '../transport/reach.js'
import { registry } from './shop.js'

test('[A27 U8] what is signed on Windows has the executable bits that are installed there', async () => {
  const root = folder()
  fs.mkdirSync(path.join(root, 'skills/a'), { recursive: true })
  fs.writeFileSync(path.join(root, 'skills/a/SKILL.md'), '# a')
  fs.writeFileSync(path.join(root, 'skills/a/run.sh'), '#!/bin/sh\n', { mode: 0o644 })
  const ctx = { disk: nodeDisk(), env: {}, home: root, platform: 'win32', now: () => new Date(0) } as Context
  const own = { ...registry('acme'), at: { via: 'file', path: root } as const }
  const { tree, catalog } = await openLocal(ctx, { registry: own, cacheFolder: path.join(root, 'cache') })
  expect(catalog.artifacts.map(({ name }) => name)).toEqual(['a'])
  const modes = (await tree.list('skills/a')).map((entry) => [path.posix.basename(entry.path), entry.mode])
  expect(Object.fromEntries(modes)).toEqual({ 'SKILL.md': 0o644, 'run.sh': 0o755 })
})
