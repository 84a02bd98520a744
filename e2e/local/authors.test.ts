import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { needs, world } from '../world/index.js'
import { execute } from '../world/run.js'

const page = fs.readFileSync(path.resolve(import.meta.dirname, '../../docs/registries.md'), 'utf8')
const section = page.slice(page.indexOf('## Making a registry'), page.indexOf('## Which registry answers'))
const made = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text).join('\n')
const [, last = ''] = /: `(cp [^`]+)`/.exec(section) ?? []

needs('sh')('[O8 U7] docs/registries.md: a registry of each layout is made as it is written', async () => {
  const { project, root, bin, home, store } = await world()
  const env = {
    PATH: `${bin.path}:${process.env.PATH}`,
    HOME: home.path,
    HAAL_HOME: store.path,
    TMPDIR: root.at('tmp'),
  }
  const run = (script: string) => execute(['sh', '-ec', script], { cwd: project.path, env }).outcome
  const { stdout, stderr, exit } = await run(`${made}\n${last}`)
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  expect(stdout).toMatch(/ok {2}team {2}4 artifacts \(folders\)/)
  expect(stdout).toMatch(/^4 changes; a dry run/m)
  const others = await run(`cd try
    for each in olaf market agentos one; do haal registry add ../$each --quiet; done
    haal registry ping`)
  expect(others.stdout).toBe(`ok  team     6 artifacts (haal-manifest, folders)
ok  olaf     1 artifact (olaf)
ok  market   1 artifact (marketplace, folders)
ok  agentos  1 artifact (agentos)
ok  one      1 artifact (single)
`)
})
