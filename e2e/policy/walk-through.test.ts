import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { needs, type World, world } from '../world/index.js'
import { execute } from '../world/run.js'

const page = fs.readFileSync(path.resolve(import.meta.dirname, '../../docs/policy.md'), 'utf8')
const section = page.slice(page.indexOf('### A walk-through'), page.indexOf('## The audit log'))
const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text)

/** Every line that runs haal, with what it exits with. */
const lines = blocks.flatMap((block) => block.split('\n').filter((line) => line.startsWith('haal ')))
const expected = lines.map((line) => Number(/# exit (\d)$/.exec(line)?.[1] ?? 0))

needs('sh')('[P3 P8 P9 P11 S12] the administrator’s walk-through goes as it is written', async () => {
  const here = await world()
  const { project } = here
  const script = blocks.join('\n').replace(/^(haal [^#\n]*?)( *#.*)?$/gm, '$1\necho "exit $?"')
  const { stdout, stderr } = await execute(['sh', '-c', script], { cwd: project.path, env: shellIn(here) }).outcome
  const said = [...stdout.matchAll(/^exit (\d)$/gm)].map(([, exit]) => Number(exit))
  expect(said, `${stdout}\n${stderr}`).toEqual(expected)
  expect(expected.length).toBeGreaterThan(15)
  expect(stderr).toMatch(/artifacts\.deny in .*acme\.json/)
  expect(stderr).toMatch(/no hooks yet/)
  expect(stderr).toMatch(/ask ada@acme\.example/)
  expect(stderr).toMatch(/E_POLICY_VERSION/)
  expect(stderr).toMatch(/E_SIG_MISSING/)
  expect(stderr).toMatch(/E_INTEGRITY/)
  await project.has({ 'audit.jsonl': /"decision":"refused","about":"hook\/log"/ })
  await project.has({ '.haal/skills/greet/SKILL.md': /goodbye/ })
  await project.lacks('.haal/hooks')
})

needs('openssl', 'sh')('[S12] the commands that sign are as they are written', async () => {
  const here = await world()
  const { project } = here
  const signing = page.slice(page.indexOf('### Signing'), page.indexOf('### What is checked'))
  const [, text = ''] = /```sh\n(.*?)```/s.exec(signing) ?? []
  await project.write({ 'registry/agents/a.md': '# a\n' })
  const { stdout, exit } = await execute(['sh', '-ec', text], { cwd: project.path, env: shellIn(here) }).outcome
  expect(exit, stdout).toBe(0)
  expect(stdout).toMatch(/^ok {2}registry: haal\.index\.json of registry, version 1/m)
})

function shellIn({ root, bin, home, store }: World): Record<string, string> {
  return { PATH: `${bin.path}:${process.env.PATH}`, HOME: home.path, HAAL_HOME: store.path, TMPDIR: root.at('tmp') }
}
