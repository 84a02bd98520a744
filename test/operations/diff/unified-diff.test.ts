import { applyPatch } from 'diff'
import { expect, test } from 'vitest'
import { patchOf } from '../../../src/operations/diff/unified-diff.js'

const names = ['a/x.md', 'b/x.md'] as const
const lines = (count: number, word: string) => Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('')

test('a patch of a few lines shows those', async () => {
  expect(await patchOf(names, ['one\ntwo\n', 'one\nthree\n'])).toBe(
    '--- a/x.md\n+++ b/x.md\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n',
  )
})

test('a patch of very many lines takes the old text away as a whole, and still applies', async () => {
  const [old, now] = [`kept\n${lines(60_000, 'old')}`, `kept\n${lines(60_000, 'new')}end`]
  const patch = await patchOf(names, [old, now])
  expect(patch).toMatch(/^--- a\/x.md\n\+\+\+ b\/x.md\n@@ -1,60001 \+1,60002 @@\n-kept\n-old 0\n/)
  expect(patch.endsWith('+end\n\\ No newline at end of file\n')).toBe(true)
  expect(applyPatch(old, patch)).toBe(now)
})

test('a text that comes or goes as a whole is shown as such, however long', async () => {
  expect(await patchOf(['/dev/null', 'b/x.md'], ['', lines(5000, 'new')])).toContain('@@ -0,0 +1,5000 @@\n+new 0\n')
})
