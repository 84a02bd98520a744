import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { here } from '../../src/io/here.js'
import { agentos } from '../../src/operations/agentos.js'
import { ground } from './ground.js'

/** An extension of a kind that is AgentOS's own, installed. */
async function installed() {
  const at = ground()
  const entry = { id: 'com.acme.plan', name: 'Plan', version: '1.0.0', path: 'curated/plan', kind: 'planning-strategy' }
  at.write('registries/acme/registry.json', { extensions: { curated: [entry] } })
  at.write('registries/acme/registry/curated/plan/index.mjs', 'export const createExtensionPack = () => ({})\n')
  const haal = await at.haal()
  await haal.install('plan')
  const context = (platform: NodeJS.Platform) => ({
    ...here(),
    platform,
    cwd: `${at.root}/project`,
    env: { HAAL_HOME: `${at.root}/home` },
    signal: new AbortController().signal,
    emit: () => undefined,
  })
  return { module: `${at.root}/project/.haal/extensions/plan/index.mjs`, context }
}

test('[A26 A45] an extension of a kind that only AgentOS knows is a pack like the others', async () => {
  const { module, context } = await installed()
  const { extensionManifest, loads } = await agentos(context('linux'), { flags: {} })
  expect(loads).toEqual([{ artifact: 'extension/plan', as: 'pack' }])
  expect(extensionManifest.packs).toEqual([{ module, identifier: 'com.acme.plan', priority: 10, options: {} }])
})

test('[A45] on Windows a module is a file: URL, which AgentOS imports as it is', async () => {
  const { module, context } = await installed()
  const { extensionManifest } = await agentos(context('win32'), { flags: {} })
  expect(extensionManifest.packs).toMatchObject([{ module: pathToFileURL(module).href }])
})
