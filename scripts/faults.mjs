import { fork } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { temporary } from '../e2e/faults/ground.mjs'
import { compile } from '../e2e/faults/library.mjs'
import { ready } from './ready.mjs'

/* Kills and fails the real binary at the calls with which it changes the disk, and races it against itself.

     npm run test:faults -- [--seed <n>] [--all] [--jobs <n>] [--rounds <n>] [--only <scene>] */

const { values: asked } = parseArgs({
  options: {
    seed: { type: 'string', default: '20260101' },
    all: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(Math.max(2, os.availableParallelism())) },
    rounds: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    reporter: { type: 'string', multiple: true },
    'outputFile.json': { type: 'string' },
  },
})

/** Packages are there only now. */
async function build() {
  const { bundle } = await import('./bundle.mjs')
  await bundle()
}

async function main() {
  ready()
  if (process.env.HAAL_TEST_BUILT !== '1' && process.env.HAAL_TEST_BINARY === undefined) await build()
  const root = temporary()
  process.on('exit', () => fs.rmSync(root, { recursive: true, force: true }))
  const { library, missing } = compile(path.join(root, 'fault.so'))
  if (library === undefined) return report(skipped(missing))
  const began = performance.now()
  console.log(`faults: seed ${asked.seed}, ${asked.jobs} processes`)
  const points = await struck(root, library)
  const races = points.filter(({ point }) => point.startsWith('race')).length
  const broken = points.filter(({ problems }) => problems.length > 0)
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(
    `\n${points.length - races} fault points and ${races} races tried, ${broken.length} broken, in ${seconds} s`,
  )
  report({ passed: points.length - broken.length, failed: broken.length, skipped: 0 })
}

/** Without a C compiler nothing can be tried; in CI, where there is one, that is a failure. */
function skipped(missing) {
  console.log(`faults: skipped: ${missing}`)
  return process.env.CI === 'true' ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 }
}

async function struck(root, library) {
  const of = Number(asked.jobs)
  const task = {
    root,
    library,
    of,
    seed: Number(asked.seed),
    all: asked.all,
    rounds: Number(asked.rounds),
    only: asked.only,
  }
  const shares = Array.from({ length: of }, (_, share) => worked({ ...task, share }))
  return (await Promise.all(shares)).flat()
}

function worked(task) {
  const child = fork(path.resolve(import.meta.dirname, '../e2e/faults/worker.mjs'))
  const points = []
  const came = (point) => {
    points.push(point)
    if (point.problems.length > 0) console.log(`\nbroken: ${point.point}\n  ${point.problems.join('\n  ')}`)
    if (points.length % 100 === 0) console.log(`  ${points.length} by process ${task.share}`)
  }
  return new Promise((done, refused) => {
    child.on('error', refused)
    child.on('message', came)
    child.on('close', (exit, signal) => {
      if (exit !== 0) came({ point: `process ${task.share}`, problems: [`it ended with ${signal ?? exit}`] })
      done(points)
    })
    child.send(task)
  })
}

/** What scripts/test.mjs sums up, where it asks for it; else the closing line. */
function report({ passed, failed, skipped }) {
  process.exitCode = failed > 0 ? 1 : 0
  const file = asked['outputFile.json']
  if (file === undefined) console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  else
    fs.writeFileSync(
      file,
      JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0 }),
    )
}

await main()
