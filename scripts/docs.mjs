import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { bundle } from './bundle.mjs'
import { declare, libraryPage } from './library.mjs'

const root = path.resolve(import.meta.dirname, '..')

/** Every committed file that is made from a table, and what prints it. e2e/help.test.ts holds them equal. */
const pages = {
  'docs/commands.md': ['help', '--markdown'],
  'docs/errors.md': ['help', 'errors', '--markdown'],
  'completions/haal.bash': ['completion', 'bash'],
  'completions/_haal': ['completion', 'zsh'],
  'completions/haal.fish': ['completion', 'fish'],
  'completions/haal.ps1': ['completion', 'powershell'],
}

await bundle()
for (const [file, args] of Object.entries(pages)) {
  const text = execFileSync(process.execPath, [path.join(root, 'bin/haal.js'), ...args], {
    env: { PATH: process.env.PATH },
  })
  fs.writeFileSync(path.join(root, file), text)
  console.log(file)
}

const types = path.join(root, 'dist/types')
declare(types)
fs.writeFileSync(path.join(root, 'docs/library.md'), libraryPage(types))
console.log('docs/library.md')
