import { register } from 'node:module'
import { pathToFileURL } from 'node:url'

/** Imports a TypeScript file where Node does not do so by itself (before 22.18) or not all of it (enums): its types are taken out, nothing is
    checked. It must be a file that imports JavaScript only. Throws what the file throws, and SyntaxError. */
export async function importTypescript(file: string, text: string): Promise<Record<string, unknown>> {
  const { transform } = await import('sucrase')
  const url = `${pathToFileURL(file).href}?types=out`
  const { code } = transform(text, { transforms: ['typescript'], disableESTransforms: true })
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { url, code } })
  return (await import(url)) as Record<string, unknown>
}

/** Node asks them, in a thread of their own, how to load a module. */
const hooks = `let given
export const initialize = (data) => { given = data }
export const load = (url, context, next) =>
  url === given.url ? { format: 'module', source: given.code, shortCircuit: true } : next(url, context)`
