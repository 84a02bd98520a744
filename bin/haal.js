#!/usr/bin/env node
// Plain CommonJS that very old Nodes can read: it must be able to say that Node is too old, and `--version` must cost nothing.
'use strict'

const fs = require('node:fs')
const path = require('node:path')

/** When nothing is left to wait for: to take Node's own memory apart piece by piece is a tenth of what the system does for a short command. */
const leaveAtOnce = () => process.once('beforeExit', () => process.exit())

const asked = process.argv[2]
const [major, minor] = process.versions.node.split('.').map(Number)

if (process.argv.length === 3 && (asked === '--version' || asked === '-v' || asked === '-V')) {
  fs.writeSync(1, `${JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8')).version}\n`)
  leaveAtOnce()
} else if (major < 20 || (major === 20 && minor < 17)) {
  fs.writeSync(
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
    fs.writeSync(
      2,
      `error: haal cannot start: ${e.message}\n  hint: install it again; in a clone, run: npm run build\n  code: E_BUG\n`,
    )
    process.exitCode = 1
  }
}
