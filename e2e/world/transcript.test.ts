import fs from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { leaksIn } from './ground.js'
import { needs, world } from './index.js'

const golden = (name: string) => path.resolve(import.meta.dirname, '../golden', `${name}.txt`)

afterEach(() => vi.unstubAllEnvs())

const steps = [
  '# what a shell line says, on which stream, and how it ends',
  `printf 'one\\ntwo' && echo wrong >&2 && exit 4`,
  'echo $PWD $HOME $HAAL_HOME 127.0.0.1:43210',
  `echo sha256-${'A'.repeat(43)}= ${'0a'.repeat(20)} 0.0.0-20260102030405-0123456789ab 2026-01-02 in 1.25 s`,
  'mkdir -p .haal/.state && touch .haal/.state/mutex b && printf x > a && chmod +x a',
  'tree',
]

needs('sh')('a transcript holds streams, exit codes and files, without what differs from run to run', async () => {
  const { transcript } = await world()
  const elsewhere = vi.fn()
  await transcript('world', [...steps, { remark: 'meanwhile, elsewhere', act: elsewhere }])
  expect(elsewhere).toHaveBeenCalledOnce()
  expect(fs.readFileSync(golden('world'), 'utf8')).toMatch(/two\n2> wrong\nexit 4\n/)
})

needs('sh')('a transcript that has changed is a failure', async () => {
  const { transcript } = await world()
  vi.stubEnv('UPDATE_GOLDEN', undefined)
  await expect(transcript('world', ['echo something else'])).rejects.toThrow()
})

needs('sh')('in CI a missing transcript is a failure, and is not written', async () => {
  const { transcript } = await world()
  vi.stubEnv('CI', 'true')
  await expect(transcript('missing', ['true'])).rejects.toThrow(/missing/)
  expect(fs.existsSync(golden('missing'))).toBe(false)
})

test('a secret is found in any file of a world, in the forms in which headers carry it', async () => {
  const { root, project, store } = await world()
  const value = 'canary-token-0123456789abcdef'
  await project.write({ clean: 'nothing', plain: `token=${value}` })
  await store.write({ 'cache/entry': `Basic ${Buffer.from(`x-access-token:${value}`).toString('base64')}` })
  expect(leaksIn(root.path, [value])).toEqual(['project/plain', 'haal/cache/entry'])
})
