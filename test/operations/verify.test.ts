import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { contextFrom } from '../../src/library/context.js'
import type { Context } from '../../src/model/context.js'
import { install } from '../../src/operations/install.js'
import { verify } from '../../src/operations/verify.js'

/** A project with one rule installed. */
async function installed(): Promise<{ ctx: Context; rule: string }> {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-verify-')))
  onTestFinished(() => fs.rmSync(root, { recursive: true }))
  const project = path.join(root, 'project')
  const registry = path.join(root, 'acme')
  for (const folder of [project, path.join(registry, 'rules')]) fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(registry, 'rules/tests.md'), '# Tests\n')
  const config = { registries: [{ name: 'acme', type: 'file', location: registry }], artifacts: { 'rule/tests': '*' } }
  fs.writeFileSync(path.join(project, 'haal.json'), JSON.stringify(config))
  const ctx = contextFrom({ cwd: project, home: path.join(root, 'home'), env: { HOME: root } })
  await install(ctx, { requests: [], flags: {} })
  return { ctx, rule: path.join(project, '.haal/rules/tests.md') }
}

/** A disk on which a file is away for the first so many looks, as while another command exchanges it. */
function awayFor(looks: number, file: string, { disk }: Context): Context['disk'] {
  let left = looks
  return {
    ...disk,
    stat: (at) => {
      if (at !== file || left === 0) return disk.stat(at)
      left -= 1
      return undefined
    },
  }
}

test('[O28 L13] what is missing only while another command exchanges it is not reported', async () => {
  const { ctx, rule } = await installed()
  const found = await verify({ ...ctx, disk: awayFor(1, rule, ctx) }, { requests: [], flags: {} })
  expect(found).toEqual({ ok: true, checked: 1, problems: [] })
})

test('[O28 U8] what a disk that ignores case lists in another spelling is no stranger, and a second one beside it is', async () => {
  const { ctx } = await installed()
  const listing = (...names: string[]) => ({
    ...ctx.disk,
    inside: (at: string) => (path.basename(at) === 'rules' ? names : ctx.disk.inside(at)),
  })
  const found = await verify({ ...ctx, disk: listing('Tests.md') }, { requests: [], flags: {} })
  expect(found).toEqual({ ok: true, checked: 1, problems: [] })
  const { problems } = await verify({ ...ctx, disk: listing('Tests.md', 'tests.md') }, { requests: [], flags: {} })
  expect(problems).toEqual([{ artifact: 'rule/Tests.md', path: '.haal/rules/Tests.md', problem: 'not-locked' }])
})

test('[O28] what stays missing is reported', async () => {
  const { ctx, rule } = await installed()
  fs.rmSync(rule)
  expect(await verify(ctx, { requests: [], flags: {} })).toMatchObject({
    ok: false,
    problems: [{ artifact: 'rule/tests', problem: 'missing' }],
  })
})
