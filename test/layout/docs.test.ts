import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { filedKinds, forms } from '../../src/layout/scan.js'
import { kinds } from '../../src/model/kinds.js'

const page = path.resolve(import.meta.dirname, '../../docs/registries.md')

test('[O6 U7] docs/registries.md says how each kind is recognised', async () => {
  const rows = filedKinds.map((kind) => {
    const { markers, files } = forms[kind]
    const file = files.map((end) => `\`<name>${end}\``).join(', ')
    return `| \`${kind}\` | \`${kinds[kind].folder}/\` | ${markers.map((each) => `\`${each}\``).join(', ')} | ${file || '—'} |`
  })
  const table = ['| kind | in | a folder with one of | or a file |', '|---|---|---|---|', ...rows].join('\n')
  const made = fs
    .readFileSync(page, 'utf8')
    .replace(/<!-- forms -->\n[\s\S]*?<!-- end -->/, () => `<!-- forms -->\n${table}\n<!-- end -->`)
  expect(made).toContain(table)
  await expect(made).toMatchFileSnapshot(page)
})
