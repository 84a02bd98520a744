import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

/** Installs the packages that the lockfile names, where that has not been done yet. Says so, and ends the process if it fails. */
export function ready() {
  if (fs.existsSync(path.join(root, 'node_modules/.package-lock.json'))) return
  console.log('setting up: npm ci')
  const { status } = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (status !== 0) process.exit(status ?? 1)
}

/** npm is a script of its own on Windows. */
export function npm(args, options = {}) {
  return spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32', ...options })
}
