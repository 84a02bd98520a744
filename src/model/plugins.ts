import { twinKey } from './names.js'

/** Where Claude Code looks for a plugin's definition: what has it there is a plugin to it wherever it lies, be it a skill. */
export const definition = '.claude-plugin/plugin.json'

const key = twinKey(definition)

/** The folder that a file makes a plugin, '' or with `/` at its end; undefined where it is no definition. One in another spelling is one on some
    platforms. */
export function pluginHome(path: string): string | undefined {
  const [, home = '', file = ''] = /^(.*\/)?([^/]+\/[^/]+)$/.exec(path) ?? []
  return twinKey(file) === key ? home : undefined
}
