import fs from 'node:fs'
import path from 'node:path'
import { bundle } from './bundle.mjs'
import { declare } from './library.mjs'

const root = path.resolve(import.meta.dirname, '..')

const { files, packages } = await bundle()
declare(path.join(root, 'dist/types'))
licences(packages)
const bytes = files.reduce((sum, file) => sum + fs.statSync(file).size, 0)
console.log(`dist: ${files.length} files, ${Math.round(bytes / 1024)} KiB`)

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
