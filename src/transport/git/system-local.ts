import { run } from '../../io/process.js'
import { fail } from '../../model/errors.js'
import { catFile } from './cat-file.js'
import type { Engine } from './engine.js'
import { damagedAt, gitDirOf } from './local.js'
import { parseAdvertised } from './refs.js'
import { type LocalSetting, localCall, localLog } from './system.js'
import { gitError, troubleOf } from './trouble.js'

/** A repository on this machine, read where it lies. Its configuration may be anybody's: git is asked for refs, objects and
    commits only, which run nothing that a configuration can name, and may connect nowhere. */
export function localEngine(at: string, setting: LocalSetting): Engine {
  const { program, reach } = setting
  const gitDir = gitDirOf(at, reach)
  const refused = (said: string) => {
    const trouble = troubleOf(said)
    return trouble === 'damaged' ? damagedAt(at, reach) : gitError(trouble, said, reach)
  }
  const reader = catFile(program.path, localCall(gitDir, [], setting))
  return {
    refs: async () => {
      const ran = await run(program.path, localCall(gitDir, ['show-ref', '--head', '--dereference'], setting))
      if (ran.code !== 0 && ran.stderr !== '') throw refused(ran.stderr)
      return parseAdvertised(ran.stdout.toString('utf8'))
    },
    fetchCommit: async (commit) => fail('E_REF', `${reach.registry.name} has no commit ${commit}`),
    fetchBlobs: async ([id]) =>
      fail('E_REGISTRY_UNAVAILABLE', `${reach.registry.name}: ${at} is a partial clone and lacks the file ${id}`),
    local: (ids) => reader.read(ids),
    log: async (commit, under) => {
      const { commits, why } = await localLog(commit, under, gitDir, setting)
      if (commits === undefined) throw refused(why)
      return commits
    },
    drop: () => damagedAt(at, reach),
  }
}
