// Runs before haal, and ends it at once where HAAL_TEST_STRIKE says: before it renames something to a place that ends so.
'use strict'

const fs = require('node:fs')

const { renameSync } = fs
const struck = process.env.HAAL_TEST_STRIKE ?? ''

fs.renameSync = (from, to) => {
  if (String(to).replaceAll('\\', '/').endsWith(struck)) process.kill(process.pid, 'SIGKILL')
  renameSync(from, to)
}
