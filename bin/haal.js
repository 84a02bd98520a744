#!/usr/bin/env node
// Plain CommonJS that very old Nodes can read: it must be able to say that Node is too old, and `--version` must cost nothing.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** When nothing is left to wait for: to take Node's own memory apart piece by piece is a tenth of what the system does for a short command. */
const leaveAtOnce = () => process.once('beforeExit', () => process.exit())

/** A reader that has gone is no failure, a full disk behind stdout is: as src/io/terminal.ts has it, which is not loaded yet. */
function say(fd, text) {
  try {
    fs.writeSync(fd, text)
  } catch (e) {
    if (fd === 2 || e.code === 'EPIPE') return
    say(
      2,
      `error: stdout cannot be written: ${e.code}\n  hint: send it where there is room; what the command has changed stays so\n  code: E_DISK\n`,
    )
    process.exitCode = 2
  }
}

const asked = process.argv[2]
const [major, minor] = process.versions.node.split('.').map(Number)

if (process.argv.length === 3 && (asked === '--version' || asked === '-v' || asked === '-V')) {
  say(1, `${JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')).version}\n`)
  leaveAtOnce()
} else if (major < 20 || (major === 20 && minor < 17)) {
  say(
    2,
    `error: haal needs Node 20.17 or newer, and this is ${process.versions.node}\n  hint: https://nodejs.org has newer ones\n  code: E_USAGE\n`,
  )
  process.exitCode = 2
} else {
  try {
    if (asked === '__complete') {
      require('../dist/core.cjs').load('complete').complete(process.argv.slice(3))
      leaveAtOnce()
    } else {
      const { load, spareOptimizing } = require('./compiled.js')
      load('main').main(spareOptimizing).then(leaveAtOnce)
    }
  } catch (e) {
    say(
      2,
      `error: haal cannot start: ${e.message}\n  hint: install it again; in a clone, run: npm run build\n  code: E_BUG\n`,
    )
    process.exitCode = 1
  }
}
