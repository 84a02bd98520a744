// Runs before haal. Before it renames something to a place that ends as HAAL_TEST_STRIKE says, haal ends at once; as HAAL_TEST_HOLD says, it
// makes the file ../held, and waits to be ended.
'use strict'

const fs = require('node:fs')

const { renameSync } = fs
const { HAAL_TEST_STRIKE: struck, HAAL_TEST_HOLD: held } = process.env

fs.renameSync = (from, to) => {
  const ends = (place) => place !== undefined && String(to).replaceAll('\\', '/').endsWith(place)
  if (ends(struck)) process.kill(process.pid, 'SIGKILL')
  if (ends(held)) hold()
  renameSync(from, to)
}

function hold() {
  fs.writeFileSync('../held', '')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
}
