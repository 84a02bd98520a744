import { describe, expect, test } from 'vitest'
import { rewritingIn } from '../../src/transport/git/attributes.js'
import { memoryTree } from '../layout/trees.js'

describe('.gitattributes by which an archive differs from its commit', () => {
  test.each([
    '*.bat text eol=crlf',
    '*.txt export-ignore',
    'c#/** export-ignore',
    'v.txt export-subst',
    '*.c -text ident',
    '*.png filter=lfs diff=lfs merge=lfs -text',
    '*.ps1 working-tree-encoding=UTF-16LE',
    '* text=auto\n*.cmd\teol=crlf\n',
  ])('[A27] %s', async (text) => {
    expect(await rewritingIn(memoryTree({ 'skills/a/.gitattributes': text }))).toBe('skills/a/.gitattributes')
  })

  test.each([
    '* text=auto eol=lf',
    '*.c -ident',
    '# *.txt export-ignore',
    '  # *.txt export-ignore',
    '*.txt -export-ignore',
    'eol=crlf.txt text',
    '',
  ])('[A27] not %j', async (text) => {
    expect(await rewritingIn(memoryTree({ '.gitattributes': text, 'a.md': '*.txt export-ignore' }))).toBeUndefined()
  })
})
