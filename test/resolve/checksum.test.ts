import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkChecksum } from '../../src/resolve/checksum.js'
import { demo, memoryTree } from '../layout/trees.js'
import { failure, registry } from './shop.js'

const sri = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`
const hex = (text: string) => createHash('sha256').update(text).digest('hex')

const files = { 'skills/a/SKILL.md': 'a', 'run.sh': { text: 'r', mode: 0o755 } }
const whole = sri(`${hex('r')} 100755 run.sh\n${hex('a')} 100644 skills/a/SKILL.md\n`)

describe('the checksum of a registry', () => {
  test.each(['registry.json', '.claude-plugin/marketplace.json', 'haal_manifest.json'])(
    '[O20] is that of its index, where it has one: %s',
    async (index) => {
      const tree = memoryTree({ ...files, [index]: '{}' })
      await expect(checkChecksum(registry('one', { checksum: sri('{}') }), tree)).resolves.toBeUndefined()
    },
  )

  test('[O20] or that of all its files', async () => {
    await expect(checkChecksum(registry('one', { checksum: whole }), memoryTree(files))).resolves.toBeUndefined()
  })

  test('[O20] which leaves out what is no file', async () => {
    const { list, ...tree } = memoryTree(files)
    const link = { path: 'link', type: 'link', mode: 0, size: 0 } as const
    const linked = { ...tree, list: async (under: string) => [...(await list(under)), link] }
    await expect(checkChecksum(registry('one', { checksum: whole }), linked)).resolves.toBeUndefined()
  })

  test('[O20] or its revision: the digest of an archive', async () => {
    const tree = { ...memoryTree(files), revision: { at: demo, id: sri('archive') } }
    await expect(checkChecksum(registry('one', { checksum: sri('archive') }), tree)).resolves.toBeUndefined()
    expect((await failure(checkChecksum(registry('one', { checksum: sri('x') }), tree))).message).toContain(
      sri('archive'),
    )
  })

  test('[O20] that differs shows what was expected and what is there', async () => {
    const { code, message } = await failure(checkChecksum(registry('one', { checksum: sri('x') }), memoryTree(files)))
    expect(code).toBe('E_CHECKSUM')
    expect(message).toContain(`has the checksum ${whole}, expected was ${sri('x')}`)
  })
})
