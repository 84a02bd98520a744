import path from 'node:path'
import { pathToFileURL } from 'node:url'

interface Library {
  index: typeof import('../../src/index.js')
  agentos: typeof import('../../src/agentos.js')
}

/** What programs import: the bundle, typed by the sources that it is made of. */
export async function libraryOf<M extends keyof Library>(module: M): Promise<Library[M]> {
  return import(pathToFileURL(path.resolve(import.meta.dirname, `../../dist/${module}.js`)).href)
}
