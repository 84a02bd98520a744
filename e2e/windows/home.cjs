// Runs before haal. Wine gives every process the one home folder of its drive C; a test has one of its own.
'use strict'

const path = require('node:path')

const home = process.env.HAAL_TEST_HOME
if (home !== undefined) {
  process.env.USERPROFILE = path.resolve(home)
  process.env.APPDATA = path.resolve(home, 'AppData', 'Roaming')
  process.env.LOCALAPPDATA = path.resolve(home, 'AppData', 'Local')
}
