import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { world } from './world/index.js'

const root = path.resolve(import.meta.dirname, '..')
const registry = path.join(root, 'examples/registry')

test('the example registry installs whole, strictly and without a warning', async () => {
  const { haal, project, list } = await world()
  list({ name: 'examples', type: 'file', location: registry })
  const result = await haal('install --all --strict --yes').json<{
    changes: { artifact: string }[]
    warnings: unknown[]
  }>()
  expect(result.changes.map(({ artifact }) => artifact).sort()).toEqual([
    'agent/reviewer',
    'bundle/code-quality',
    'command/release-notes',
    'mcp/project-docs',
    'plugin/pull-request',
    'rule/tests',
    'skill/debug-failing-test',
    'skill/review-change',
    'skill/write-changelog',
  ])
  expect(result.warnings).toEqual([])
  expect(project.tree('.haal/skills/write-changelog/scripts')['changes.sh']).toMatch(/^file 755/)
})

test('the demo runs with nothing but PATH and HOME in its environment', async () => {
  const { home } = await world()
  const env = { PATH: process.env.PATH, HOME: home.path }
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'scripts/demo.mjs')], { env })
  expect(stdout).toMatch(/\$ haal install --frozen\n/)
  expect(stdout).toMatch(/"integrity": "sha256-/)
})
