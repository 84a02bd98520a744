import { type Call, run, type Talk, talk } from '../../io/process.js'
import { fail, type HaalError, onError } from '../../model/errors.js'
import { largestObject, type RawObject, type Reader } from './engine.js'

/** Bytes of objects that are kept at hand by `ahead`. */
const mostAhead = 64 * 1024 * 1024
const longestHead = 4096

/** One `git cat-file --batch`, started when it is first asked and asked again for as long as it lives. `call` has the arguments before it. */
export function catFile(program: string, call: Call): Reader {
  let open: Talk | undefined
  let last: Promise<unknown> = Promise.resolve()
  let ahead: Promise<Answers> | undefined
  const withArgs = (...args: string[]) => ({ ...call, args: [...call.args, 'cat-file', '--batch', ...args] })
  const ask = async (ids: readonly string[]) => {
    open ??= talk(program, withArgs())
    open.say(`${ids.join('\n')}\n`)
    return answers(open, ids.length)
  }
  const readInTurn = (ids: readonly string[]) => {
    const damaged = (e: HaalError) => {
      open = undefined
      if (isUnstartable(e)) throw e
      return fail('E_CACHE', 'the stored copy of a git repository is damaged')
    }
    const next = last.then(() => onError(['E_DISK'], () => ask(ids), damaged))
    last = next.catch(() => undefined)
    return next
  }
  return {
    ahead: () => {
      ahead ??= readAll(program, withArgs('--batch-all-objects', '--unordered', '--buffer'))
    },
    read: async (ids) => {
      const known = await ahead
      const unread = known ? ids.filter((id) => !known.has(id)) : ids
      const more = unread.length > 0 ? await readInTurn(unread) : undefined
      return ids.map((id) => known?.get(id) ?? more?.get(id))
    },
    end: () => {
      open?.end()
      open = undefined
      ahead = undefined
    },
  }
}

/** What was asked for by id, and what there is of it. */
type Answers = ReadonlyMap<string, RawObject | undefined>

/** Whether git could not be started for want of memory or processes. ENOENT means that the store's folder is gone. */
function isUnstartable({ cause }: HaalError): boolean {
  return cause !== undefined && (cause as NodeJS.ErrnoException).code !== 'ENOENT'
}

/** Reads `count` answers, as many at a time as have arrived: most objects are small. */
async function answers(from: Talk, count: number): Promise<Answers> {
  const objects = new Map<string, RawObject | undefined>()
  for (let [left, least] = [count, 1]; left > 0; ) {
    const held = await from.held(least)
    const place = read(held, (id, object) => {
      objects.set(id, object)
      left -= 1
      return left > 0
    })
    await pass(from, place.end)
    least = place.least
  }
  return objects
}

/** Takes off what has been read, and the bytes of a large object as they arrive. */
async function pass(from: Talk, count: number): Promise<void> {
  for (let left = count; left > 0; ) {
    const some = Math.min((await from.held(1)).length, left)
    from.take(some)
    left -= some
  }
}

/** All objects of a store; none where that is too much, or an error: an error shows again when one object is read. */
function readAll(program: string, call: Call): Promise<Answers> {
  const all = async () => {
    const { code, stdout } = await run(program, { ...call, limit: mostAhead })
    const objects = new Map<string, RawObject | undefined>()
    if (code === 0) read(stdout, (id, object) => objects.set(id, object) === objects)
    return objects
  }
  return onError(['E_DISK', 'E_LIMIT_SIZE'], all, () => new Map())
}

interface Place {
  /** Where the next answer begins; past the bytes that have come, where the last object is too large to be kept. */
  end: number
  /** How many bytes that needs, as far as it is known. */
  least: number
}

/** Gives `take` each object that has arrived in full, until it answers false. */
function read(held: Buffer, take: (id: string, object: RawObject | undefined) => boolean): Place {
  for (let end = 0; ; ) {
    const head = headAt(held, end)
    if (head === undefined) return { end, least: held.length - end + 1 }
    if (head.end > held.length && head.size <= largestObject) return { end, least: head.end - end }
    const isEnough = !take(head.id, objectAt(held, end, head))
    end = head.end
    if (isEnough || end >= held.length) return { end, least: 1 }
  }
}

interface Head {
  id: string
  type: string
  /** Bytes; -1 of what is not there. */
  size: number
  start: number
  end: number
}

/** `<id> <type> <size>`, a newline, the bytes, a newline; or `<id> missing`. */
function headAt(held: Buffer, at: number): Head | undefined {
  const newline = held.indexOf(10, at)
  if (newline < 0 && held.length - at < longestHead) return undefined
  const line = held.toString('latin1', at, newline < 0 ? at + longestHead : newline)
  const [id = '', type = '', digits = ''] = line.split(' ')
  const start = newline + 1
  if (type === 'missing' && digits === '') return { id, type, size: -1, start, end: start }
  if (newline < 0 || !/^\d+$/.test(digits)) return fail('E_DISK', `git printed ${line}`)
  const size = Number(digits)
  return { id, type, size, start, end: start + size + 1 }
}

/** `type size\0` in front of the bytes is what git digests, and but for the zero it stands there already. */
function objectAt(held: Buffer, at: number, { id, type, size, start }: Head): RawObject | undefined {
  if (size < 0) return undefined
  if (size > largestObject) return { type, size }
  held[start - 1] = 0
  const end = start + size
  return { type, size, bytes: held.subarray(start, end), framed: held.subarray(at + id.length + 1, end) }
}
