import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { createHaal, type Haal, type HaalOptions } from '../../src/index.js'

export interface Ground {
  root: string
  /** Writes text or JSON below the root. */
  write(file: string, content: string | object): void
  read(file: string): string
  exists(file: string): boolean
  /** An instance that works in `project`, knows nothing of this machine, and takes `registries/acme` unless told otherwise. */
  haal(options?: HaalOptions): Promise<Haal>
}

/** A temporary folder with a project in it, gone after the test. */
export function ground(): Ground {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-library-')))
  onTestFinished(() => fs.rmSync(root, { recursive: true }))
  fs.mkdirSync(path.join(root, 'project'))
  return {
    root,
    write: (file, content) => {
      const at = path.join(root, file)
      fs.mkdirSync(path.dirname(at), { recursive: true })
      fs.writeFileSync(at, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`)
    },
    read: (file) => fs.readFileSync(path.join(root, file), 'utf8'),
    exists: (file) => fs.existsSync(path.join(root, file)),
    haal: (options = {}) =>
      createHaal({
        cwd: path.join(root, 'project'),
        home: path.join(root, 'home'),
        env: { PATH: process.env.PATH, HOME: root },
        ...(options.registries || options.registryConfig ? {} : { registries: [acme(root)] }),
        ...options,
      }),
  }
}

export function acme(root: string) {
  return { name: 'acme', type: 'file' as const, location: path.join(root, 'registries/acme') }
}

export function skill(name: string, body = 'v1', version = '1.0.0'): string {
  return `---\nname: ${name}\ndescription: Helps\nversion: ${version}\n---\n\n${body}\n`
}
