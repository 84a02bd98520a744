import fs from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'
import { commonJs, nameOf } from './commonjs.mjs'

const root = path.resolve(import.meta.dirname, '..')
const entries = {
  main: 'src/main.ts',
  complete: 'src/cli/complete.ts',
  index: 'src/index.ts',
  agentos: 'src/agentos.ts',
}

/** Where the code comes apart: what is imported plainly, because what it does cannot wait, and yet most commands never use. Each is an entry
    of its own, and `commonJs` brings it in when something of it is first used. */
const joints = { 'jsonc-parser': 'jsonc-parser', semver: 'semver', 'install-anew': 'src/operations/install.ts' }

/** Bundles what there is into dist/. Files whose bytes stay the same are not touched, and each new one appears whole, so that a
    haal running meanwhile never reads half of one. Answers the bundle's files and the packages whose code is in them. */
export async function bundle() {
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  const present = Object.entries(entries).filter(([, file]) => fs.existsSync(path.join(root, file)))
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...Object.fromEntries(present), ...joints },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    // jsonc-parser's CommonJS build requires its own files in a way that cannot be bundled.
    mainFields: ['module', 'main'],
    target: 'node20.17',
    external: ['typescript'],
    plugins: [builtinsNamed, namesKept, atJoints],
    define: { HAAL_VERSION: JSON.stringify(version) },
    legalComments: 'none',
    write: false,
    metafile: true,
    logLevel: 'warning',
  })
  const texts = Object.fromEntries(outputFiles.map(({ path: file, text }) => [nameOf(file), text]))
  const accounts = Object.entries(metafile.outputs).map(([file, output]) => [nameOf(file), output])
  const files = Object.entries(await commonJs(texts, Object.fromEntries(accounts)))
  fs.mkdirSync(path.join(root, 'dist'), { recursive: true })
  for (const [name, text] of files) writeIfNew(path.join(root, 'dist', name), Buffer.from(text))
  removeOthers(files.map(([name]) => name))
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs))
  return { files: files.map(([name]) => path.join(root, 'dist', name)), packages: packagesOf(inputs) }
}

/** Folders of packages, as `node_modules/a` or `node_modules/a/node_modules/@b/c`. */
function packagesOf(inputs) {
  const folders = inputs.map(
    (input) => /(?<=^|[/:])node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(input)?.[0],
  )
  return [...new Set(folders.filter(Boolean))].sort()
}

/** `zlib` is `node:zlib`, whoever imports it. */
const builtinsNamed = {
  name: 'builtins-named',
  setup(build) {
    const bare = new RegExp(`^(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`)
    build.onResolve({ filter: bare }, ({ path: name }) => ({ path: `node:${name}`, external: true }))
  },
}

/** Leaves imports at the joints to `commonJs`. */
const atJoints = {
  name: 'at-joints',
  setup(build) {
    const names = new Map(Object.entries(joints).map(([name, at]) => [at, name]))
    build.onResolve({ filter: /./ }, ({ kind, path: at, resolveDir }) => {
      const relative = path.relative(root, path.join(resolveDir, at)).replaceAll('\\', '/').replace(/\.js$/, '.ts')
      const name = kind === 'import-statement' ? names.get(at.startsWith('.') ? relative : at) : undefined
      return name === undefined ? undefined : { path: `late:${name}`, external: true }
    })
  },
}

/** Bundled, `import()` of a CommonJS package answers its default alone, while Node answers its names too: a module in between has them. */
const namesKept = {
  name: 'names-kept',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ kind, path: name, resolveDir }) => {
      if (kind !== 'dynamic-import' || name.startsWith('node:')) return undefined
      const found = await build.resolve(name, { kind: 'import-statement', resolveDir })
      return !found.external && isCommonJs(found.path) ? { path: found.path, namespace: 'names-kept' } : undefined
    })
    build.onLoad({ filter: /.*/, namespace: 'names-kept' }, ({ path: file }) => {
      const names = Object.keys(createRequire(file)(file)).filter(
        (name) => /^[A-Za-z_]\w*$/.test(name) && name !== 'default',
      )
      const contents = `const whole = require(${JSON.stringify(file)})\nexport default whole\nexport const { ${names.join(', ')} } = whole`
      return { contents, resolveDir: path.dirname(file) }
    })
  },
}

/** By what is written in it, as esbuild sees it: some packages ship ES modules that Node itself would not take for such. */
function isCommonJs(file) {
  return !/^\s*(import|export)\b/m.test(fs.readFileSync(file, 'utf8'))
}

function writeIfNew(file, contents) {
  if (fs.existsSync(file) && fs.readFileSync(file).equals(contents)) return
  const beside = `${file}.${process.pid}.tmp`
  fs.writeFileSync(beside, contents)
  fs.renameSync(beside, file)
}

/** Chunks of an earlier bundle: their names carry a digest, so nothing refers to them any more. */
function removeOthers(kept) {
  for (const name of fs.readdirSync(path.join(root, 'dist'))) {
    if (/\.c?js$/.test(name) && !kept.includes(name)) fs.rmSync(path.join(root, 'dist', name))
  }
}
