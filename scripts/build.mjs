import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { bundle } from './bundle.mjs'

const root = path.resolve(import.meta.dirname, '..')

const files = await bundle()
declarations()
const bytes = files.reduce((sum, file) => sum + fs.statSync(path.join(root, file)).size, 0)
console.log(`dist: ${files.length} files, ${Math.round(bytes / 1024)} KiB`)

/** What `import … from 'haal'` gives is typed by the sources themselves. */
function declarations() {
  fs.rmSync(path.join(root, 'dist/types'), { recursive: true, force: true })
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
