import { randomUUID } from 'node:crypto'
import path from 'node:path'
import * as v from 'valibot'
import { decode } from '../model/decode.js'
import { HaalError } from '../model/errors.js'
import { parseJson } from '../model/json.js'
import type { Lock } from '../model/lock.js'
import { byCodeUnit } from '../model/names.js'
import { generationNumbers, readGeneration } from '../state/generations.js'
import { readLock } from '../state/lockfile.js'
import type { Session } from './session.js'

const schema = v.array(v.string())

/** Notes that a project uses the store, so that pruning keeps what it needs; before the project is changed, because prune may run at once.
    Answers how to take that back where the change fails. */
export function rememberProject({ ctx, home, root }: Pick<Session, 'ctx' | 'home' | 'root'>): () => void {
  const file = path.join(home.data, 'projects.json')
  const known = readProjects(ctx, file)
  if (known.includes(root)) return () => undefined
  ctx.disk.mkdir(home.data)
  writeProjects(ctx, file, [...known, root])
  return () => {
    const others = readProjects(ctx, file).filter((one) => one !== root)
    if (others.length === 0) ctx.disk.remove(file)
    else writeProjects(ctx, file, others)
  }
}

/** For each known project that is still there, its lock and those of its generations. Throws what a damaged lockfile throws: it is not known
    then what the project needs. */
export function projectsUsing({ ctx, home, site }: Pick<Session, 'ctx' | 'home' | 'site'>): Lock[][] {
  const copies = path.join(home.data, 'copies')
  const roots = [...readProjects(ctx, path.join(home.data, 'projects.json')), copies]
  return roots
    .filter((root) => ctx.disk.stat(root) !== undefined)
    .map((root) => {
      const there = { ...site, root }
      const past = generationNumbers(there).map((number) => readGeneration(there, number).lock)
      const now = readLock(ctx.disk, path.join(root, 'haal.lock'))
      return now === undefined ? past : [...past, now]
    })
}

/** A damaged list is begun anew: it only says where to look. */
function readProjects({ disk }: Session['ctx'], file: string): readonly string[] {
  const text = disk.text(file)
  if (text === undefined) return []
  try {
    return decode(schema, parseJson(text, file), file, 'E_JSON')
  } catch (e) {
    if (e instanceof HaalError) return []
    throw e
  }
}

function writeProjects({ disk }: Session['ctx'], file: string, roots: readonly string[]): void {
  const temporary = `${file}.${randomUUID()}.tmp`
  disk.write(temporary, `${JSON.stringify([...roots].sort(byCodeUnit), null, 2)}\n`)
  disk.rename(temporary, file)
}
