import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { nodeDisk } from '../../src/io/disk.js'
import { HaalError } from '../../src/model/errors.js'
import { hold } from '../../src/state/mutex.js'

/** A process of its own that takes the mutex of `root`, some rounds in a row. What it finds out goes to `log`, a line each. */
const [root = '', log = '', rounds = '1', then = 'go'] = process.argv.slice(2)
const inside = path.join(root, 'inside')
const tell = (line: string) => fs.appendFileSync(log, `${line}\n`)

const site = {
  root,
  disk: nodeDisk(),
  process: { pid: process.pid, host: os.hostname(), boot: 'b' },
  signal: new AbortController().signal,
  now: () => new Date(),
  emit: () => undefined,
}

for (let round = 0; round < Number(rounds); round += 1) {
  try {
    const { release } = await hold(site, { wait: 60, command: `contender ${then}` })
    criticalSection()
    if (then === 'hang') await new Promise((resolve) => setTimeout(resolve, 600_000))
    release()
  } catch (e) {
    tell(e instanceof HaalError ? e.code : `failed ${e}`)
  }
}

/** Whoever finds another one in here says so; whoever finds what a dead one left mends it. The folder appears whole. */
function criticalSection(): void {
  const prepared = `${inside}.${process.pid}`
  fs.mkdirSync(prepared)
  fs.writeFileSync(path.join(prepared, then === 'hang' ? 'dead' : 'alive'), '')
  try {
    fs.renameSync(prepared, inside)
  } catch {
    tell(fs.existsSync(path.join(inside, 'dead')) ? 'mended' : 'met another')
    fs.rmSync(inside, { recursive: true })
    fs.renameSync(prepared, inside)
  }
  tell('in')
  if (then !== 'hang') fs.rmSync(inside, { recursive: true })
}
