import path from 'node:path'
import type { Disk } from '../../model/disk.js'
import { pathOfUrl } from '../../model/file-url.js'

/** Where policies lie, before the primary registry's own. Machine and user files may be absent; what somebody names must be there. */
export interface PolicyPlaces {
  machine: readonly string[]
  user: string
  /** HAAL_POLICY: an absolute path or a URL. */
  environment?: string
  /** What the running program gave: an absolute path or a URL. Counts as the environment's. */
  program?: string
  /** haal.json's `policy`: an absolute path or a URL. */
  project?: string
  /** The same of the project's own haal.json, where --config names another file: it holds all the same. */
  own?: string
}

/** `project` is haal.json's `policy`, `program` the running program's, absolute already. */
interface Around {
  platform: NodeJS.Platform
  env: Readonly<Record<string, string | undefined>>
  home: string
  cwd: string
  program?: string | undefined
  project?: string | undefined
  own?: string | undefined
}

export function policyPlaces(around: Around): PolicyPlaces {
  const { platform, env, home, cwd, program, project, own } = around
  const named = env.HAAL_POLICY?.trim()
  return {
    machine: machineFiles(platform, env.ProgramData),
    user: path.join(home, 'policy.json'),
    ...(named && { environment: isUrl(named) ? named : path.resolve(cwd, unfiled(named)) }),
    ...(program !== undefined && { program }),
    ...(project !== undefined && { project }),
    ...(own !== undefined && own !== project && { own }),
  }
}

/** Whether there is a policy at any of these places, in the primary registry's `folder`, or was one when a command looked last: false only where it
    is sure that nothing of policy has to be read. */
export function mayHavePolicy(around: Around & { disk: Disk; folder: string | undefined }): boolean {
  const { machine, user, ...named } = policyPlaces(around)
  if (Object.keys(named).length > 0) return true
  const remembered = ['policy-seen.json', 'registry-policies.json'].map((name) => path.join(around.home, name))
  const own = around.folder === undefined ? [] : [path.join(around.folder, 'policy.json')]
  return [...machine, user, ...remembered, ...own].some((file) => around.disk.stat(file) !== undefined)
}

/** On Windows a changed %ProgramData% must not hide the file in the usual place. */
function machineFiles(platform: NodeJS.Platform, programData: string | undefined): string[] {
  if (platform === 'darwin') return ['/Library/Application Support/haal/policy.json']
  if (platform !== 'win32') return ['/etc/haal/policy.json']
  const folders = ['C:\\ProgramData', programData ?? 'C:\\ProgramData'].map((folder) => folder.replace(/[\\/]+$/, ''))
  const distinct = folders.filter(
    (folder, i) => folders.findIndex((each) => each.toLowerCase() === folder.toLowerCase()) === i,
  )
  return distinct.map((folder) => `${folder}\\haal\\policy.json`)
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

function unfiled(text: string): string {
  return /^file:\/\//i.test(text) ? pathOfUrl(text, { source: 'HAAL_POLICY' }) : text
}
