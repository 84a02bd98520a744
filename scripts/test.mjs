import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { ready } from './ready.mjs'

const root = path.resolve(import.meta.dirname, '..')
const bin = (file) => [process.execPath, path.join(root, 'node_modules', file)]
const vitest = (project) => [...bin('vitest/vitest.mjs'), 'run', '--project', project]

/** In this order; the first that is red ends it. Those that count tests say how many, the others count when they fail. Faults take minutes: they
    come last, where HAAL_TEST_FAULTS=1 asks for them. */
const steps = [
  { name: 'types', command: [...bin('typescript/bin/tsc'), '--noEmit'] },
  { name: 'lint', command: [...bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'] },
  { name: 'architecture', command: vitest('architecture'), counts: true },
  { name: 'build', command: [process.execPath, 'scripts/build.mjs'] },
  { name: 'unit', command: vitest('unit'), counts: true },
  { name: 'e2e', command: vitest('e2e'), counts: true, env: { HAAL_TEST_BUILT: '1' } },
  { name: 'requirements', command: [process.execPath, 'scripts/requirements.mjs'] },
  { name: 'faults', command: [process.execPath, 'scripts/faults.mjs'], counts: true, env: { HAAL_TEST_BUILT: '1' } },
].filter(({ name }) => name !== 'faults' || process.env.HAAL_TEST_FAULTS === '1')

function main() {
  ready()
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'haal-test-'))
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const step of steps) {
    console.log(`\n— ${step.name}`)
    const counted = run(step, path.join(folder, `${step.name}.json`))
    for (const key of Object.keys(sum)) sum[key] += counted[key]
    if (counted.failed > 0) break
  }
  fs.rmSync(folder, { recursive: true })
  console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
  process.exitCode = sum.failed > 0 ? 1 : 0
}

/** A step that is red without a red test (a crash, a type error) counts as one failure. */
function run({ command: [program, ...args], counts, env }, report) {
  const reporters = counts ? ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`] : []
  const { status } = spawnSync(program, [...args, ...reporters], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  const counted = counts && fs.existsSync(report) ? countsIn(report) : { passed: 0, failed: 0, skipped: 0 }
  return status === 0 || counted.failed > 0 ? counted : { ...counted, failed: 1 }
}

function countsIn(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(fs.readFileSync(report, 'utf8'))
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
}

main()
