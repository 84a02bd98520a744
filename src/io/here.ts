import type { Context } from '../model/context.js'
import { nodeDisk } from './disk.js'
import { folderFrom, homeFolder } from './folder.js'
import { thisProcess } from './host.js'

/** This process and its machine: what a command works in where nobody says otherwise. Throws as `folderFrom` does. */
export function here(
  cwd?: string,
): Pick<Context, 'cwd' | 'home' | 'platform' | 'env' | 'disk' | 'now' | 'process' | 'node'> {
  return {
    cwd: folderFrom(cwd),
    home: homeFolder(),
    platform: process.platform,
    env: process.env,
    disk: nodeDisk(),
    now: () => new Date(),
    process: thisProcess(),
    node: process.versions.node,
  }
}
