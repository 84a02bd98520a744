import { type Call, run, type Talk, talk } from '../../io/process.js'
import { fail, type HaalError, onError } from '../../model/errors.js'
import { largestObject, type RawObject, type Reader } from './engine.js'

/** Bytes of objects that are kept at hand by `ahead`. */
const mostAhead = 64 * 1024 * 1024

/** One `git cat-file --batch`, started when it is first asked and asked again for as long as it lives. `call` has the arguments before it. */
export function catFile(program: string, call: Call): Reader {
  let open: Talk | undefined
  let last: Promise<unknown> = Promise.resolve()
  let ahead: Promise<ReadonlyMap<string, RawObject>> | undefined
  const withArgs = (...args: string[]) => ({ ...call, args: [...call.args, 'cat-file', '--batch', ...args] })
  const read = async (ids: readonly string[]) => {
    open ??= talk(program, { ...withArgs(), limit: 4096 })
    open.say(`${ids.join('\n')}\n`)
    const objects: (RawObject | undefined)[] = []
    for (const id of ids) objects.push(await nextObject(open, id))
    return objects
  }
  const readInTurn = (ids: readonly string[]) => {
    const damaged = (e: HaalError) => {
      open = undefined
      if (isUnstartable(e)) throw e
      return fail('E_CACHE', 'the stored copy of a git repository is damaged')
    }
    const next = last.then(() => onError(['E_DISK'], () => read(ids), damaged))
    last = next.catch(() => undefined)
    return next
  }
  return {
    ahead: () => {
      ahead ??= readAll(program, withArgs('--batch-all-objects', '--unordered', '--buffer'))
    },
    read: async (ids) => {
      const known = await ahead
      const missing = known ? ids.filter((id) => !known.has(id)) : ids
      const more = missing.length > 0 ? (await readInTurn(missing)).values() : [].values()
      return known ? ids.map((id) => known.get(id) ?? more.next().value) : [...more]
    },
    end: () => {
      open?.end()
      open = undefined
      ahead = undefined
    },
  }
}

/** A machine that is short of something says nothing about a store. ENOENT does: its folder is gone. */
function isUnstartable({ cause }: HaalError): boolean {
  return cause !== undefined && (cause as NodeJS.ErrnoException).code !== 'ENOENT'
}

/** `<id> <type> <size>`, a newline, the bytes, a newline; or `<id> missing`. */
async function nextObject(from: Talk, id: string): Promise<RawObject | undefined> {
  const head = await from.line()
  if (head === `${id} missing`) return undefined
  const [, type = '', digits] = /^[0-9a-f]+ ([a-z]+) (\d+)$/.exec(head) ?? fail('E_DISK', `git printed ${head}`)
  const size = Number(digits)
  if (size > largestObject) {
    await from.skip(size + 1)
    return { type, size }
  }
  const bytes = await from.bytes(size + 1)
  return { type, size, bytes: bytes.subarray(0, size) }
}

/** All that a store holds; nothing where that is too much, or not to be had: what is wrong shows when one thing is asked for. */
function readAll(program: string, call: Call): Promise<ReadonlyMap<string, RawObject>> {
  const all = async () => {
    const { code, stdout } = await run(program, { ...call, limit: mostAhead })
    return code === 0 ? parseAll(stdout) : new Map()
  }
  return onError(['E_DISK', 'E_LIMIT_SIZE'], all, () => new Map())
}

/** As `nextObject`, one after another. `type size\0` in front of the bytes is what git digests, and but for the zero it stands there already. */
function parseAll(out: Buffer): Map<string, RawObject> {
  const objects = new Map<string, RawObject>()
  for (let at = 0; at < out.length; ) {
    const start = out.indexOf(10, at) + 1
    const [id = '', type = '', digits = ''] = out.toString('latin1', at, start - 1).split(' ')
    const size = Number(digits)
    if (start === 0 || !/^\d+$/.test(digits)) return objects
    out[start - 1] = 0
    const [bytes, framed] = [out.subarray(start, start + size), out.subarray(at + id.length + 1, start + size)]
    objects.set(id, size > largestObject ? { type, size } : { type, size, bytes, framed })
    at = start + size + 1
  }
  return objects
}
