import { expect, test } from 'vitest'
import type { Locator } from '../../src/model/registry.js'
import { transportOf } from '../../src/transport/index.js'

test.each<Locator>([
  { via: 'file', path: '/srv' },
  { via: 'git', url: 'https://git.corp.com/a.git' },
  { via: 'github', host: 'github.com', repo: 'acme/skills' },
  { via: 'url', url: 'https://reg.corp' },
  { via: 'npm', name: 'x' },
])('a registry of each kind has its transport: %o', async (at) => {
  expect((await transportOf(at)).via).toBe(at.via)
})
