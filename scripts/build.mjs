import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { bundle } from './bundle.mjs'

const root = path.resolve(import.meta.dirname, '..')

const { files, packages } = await bundle()
declarations()
licences(packages)
const bytes = files.reduce((sum, file) => sum + fs.statSync(file).size, 0)
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

/** The bundle holds code of others, whose licences ask to go with it. */
function licences(packages) {
  const texts = packages.map((folder) => {
    const { name, version, license } = JSON.parse(fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'))
    const file = fs.readdirSync(path.join(root, folder)).find((each) => /^licen[sc]e/i.test(each))
    const text = file === undefined ? '' : `\n${fs.readFileSync(path.join(root, folder, file), 'utf8').trim()}\n`
    return `${name} ${version} (${license})\n${text}`
  })
  fs.writeFileSync(path.join(root, 'dist/LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`))
}
