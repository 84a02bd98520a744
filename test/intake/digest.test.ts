import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { needs } from '../../e2e/world/needs.js'
import { type ListedFile, listingDigest, sha256Hex } from '../../src/model/digest.js'
import { folder } from '../transport/reach.js'

const pipeline = `find . -type f | sed 's|^\\./||' | LC_ALL=C sort | while IFS= read -r f; do
  if [ -x "$f" ]; then mode=100755; else mode=100644; fi
  printf '%s %s %s\\n' "$(openssl dgst -sha256 -r <"$f" | cut -c1-64)" "$mode" "$f"
done | openssl dgst -sha256 -binary | base64`

const files = fc.uniqueArray(
  fc.record<ListedFile>({
    path: fc.string({ unit: 'grapheme', minLength: 1 }),
    mode: fc.constantFrom(0o644 as const, 0o755 as const),
    size: fc.nat(),
    sha256: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
  }),
  { selector: (file) => file.path },
)

test('[L1] an integrity does not depend on the order of the listing', () => {
  fc.assert(
    fc.property(files, fc.nat(), (all, turn) => {
      const turned = all.map((_, i) => all[(i + turn) % all.length] as ListedFile)
      expect(listingDigest(turned)).toBe(listingDigest(all))
    }),
  )
})

test('[L1] an integrity changes with any byte, mode or name', () => {
  const one: ListedFile = { path: 'a', mode: 0o644, size: 1, sha256: sha256Hex('x') }
  const others: ListedFile[] = [
    { ...one, path: 'b' },
    { ...one, mode: 0o755 },
    { ...one, sha256: sha256Hex('y') },
  ]
  expect(new Set([one, ...others].map((file) => listingDigest([file]))).size).toBe(4)
})

test('[L1] files are sorted by the bytes of their paths, not by UTF-16', () => {
  const listed = (name: string): ListedFile => ({ path: name, mode: 0o644, size: 0, sha256: sha256Hex('') })
  const text = ['\uff5e', '\u{1f600}'].map((name) => `${sha256Hex('')} 100644 ${name}\n`).join('')
  const expected = `sha256-${Buffer.from(sha256Hex(text), 'hex').toString('base64')}`
  expect(listingDigest([listed('\u{1f600}'), listed('\uff5e')])).toBe(expected)
})

needs('sh', 'openssl')('[L1] any shell computes the same integrity', () => {
  const root = folder()
  const bodies: Record<string, string> = {
    'SKILL.md': '# a\n',
    'run me.sh': '#!/bin/sh\n',
    'ä/😀.md': '',
    'ä/～.md': 'x',
    'B.md': 'b',
  }
  for (const [name, body] of Object.entries(bodies)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    fs.writeFileSync(path.join(root, name), body, { mode: name.endsWith('.sh') ? 0o755 : 0o644 })
  }
  const shell = execFileSync('sh', ['-c', pipeline], { cwd: root, encoding: 'utf8' }).trim()
  const listed = Object.entries(bodies).map(
    ([name, body]): ListedFile => ({
      path: name,
      mode: name.endsWith('.sh') ? 0o755 : 0o644,
      size: body.length,
      sha256: sha256Hex(body),
    }),
  )
  expect(listingDigest(listed)).toBe(`sha256-${shell}`)
})
