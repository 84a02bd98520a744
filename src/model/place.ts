import path from 'node:path'

/** `path.resolve` for a place as lockfiles and plans write it, with `/`, without taking apart what is whole, which is most of what it does. */
export function placeIn(root: string, at: string): string {
  if (path.sep !== '/' || /(^|\/)\.{0,2}(\/|$)/.test(at)) return path.resolve(root, at)
  return `${root}/${at}`
}
