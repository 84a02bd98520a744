import { nodeOf, tested } from './another-node.mjs'
import { ready } from './ready.mjs'

const majors = [20, 22, 24, 26]

/** What shows whether haal runs at all on a Node: every layer, each once. */
const smoke = [
  'e2e/readme.test.ts',
  'e2e/output.test.ts',
  'e2e/compiled.test.ts',
  'e2e/examples.test.ts',
  'e2e/local/install.test.ts',
  'e2e/local/frozen.test.ts',
  'e2e/local/hostile-archives.test.ts',
  'e2e/transports/git.test.ts',
  'e2e/transports/config-code.test.ts',
  'e2e/terminal/offer.test.ts',
]

/** Runs the smoke part of the e2e tests with the bundle as it is built here, on every Node that haal supports. */
async function main() {
  ready()
  const { bundle } = await import('./bundle.mjs')
  await bundle()
  const results = majors.map((major) => tested(binaryOf(major), { files: smoke }))
  console.log(`\n${results.join('\n')}`)
}

/** The Node that runs this, where it is of that major; else one from npm. */
function binaryOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const platform = process.platform === 'win32' ? 'win' : process.platform
  return nodeOf(`node-${platform}-${process.arch}@${major}`, String(major))
}

await main()
