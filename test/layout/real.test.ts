import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../src/layout/index.js'
import { readArtifact } from '../../src/layout/reading.js'
import { folderTree } from './trees.js'

const registries = path.resolve(import.meta.dirname, '../../../shared/registries')

test('x', async () => {
  for (const name of ['agentos-extensions', 'haal-skills', 'agent-skills', 'claude-plugins']) {
    const tree = folderTree(path.join(registries, name))
    const c = await catalog(tree, name)
    console.log(name, c.layouts, c.artifacts.length, c.notes)
    const by: Record<string, number> = {}
    for (const a of c.artifacts) {
      const k = `${a.layout} ${a.kind}${a.agentosKind ? ':' + a.agentosKind : ''}${a.unavailable ? ' unavailable' : ''}${a.content.elsewhere ? ' ' + a.content.elsewhere.at.via : ''}`
      by[k] = (by[k] ?? 0) + 1
    }
    console.log(by)
    for (const a of c.artifacts.filter((a) => !a.unavailable && !a.content.elsewhere && !a.content.definition)) {
      const files = (await tree.list(a.content.path)).map(({ path, mode }) => ({
        path: a.content.path === '' ? path : path.slice(a.content.path.length + 1),
        mode,
      }))
      try {
        const r = await readArtifact(a, files, (p) =>
          tree.read(`${a.content.path === '' ? '' : a.content.path + '/'}${p}`),
        )
        console.log(a.kind, a.name, JSON.stringify(r).slice(0, 900))
      } catch (e) {
        console.log('FAIL', a.kind, a.name, String(e))
      }
    }
  }
  expect(existsSync(registries)).toBe(true)
})
