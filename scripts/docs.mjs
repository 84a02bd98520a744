import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')

/** Writes every committed page and script that is made from a table: docs/errors.md, docs/commands.md, completions/. */
async function main() {
  const outfile = path.join(root, 'node_modules/.cache/haal/pages.mjs')
  await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/pages.ts'],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.17',
    logLevel: 'warning',
  })
  const { pages } = await import(pathToFileURL(outfile))
  for (const [file, text] of Object.entries(await pages())) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    fs.writeFileSync(path.join(root, file), text)
    console.log(file)
  }
}

await main()
