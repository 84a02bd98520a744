import { type Call, type Talk, talk } from '../../io/process.js'
import { fail, onError } from '../../model/errors.js'
import { largestObject, type RawObject, type Reader } from './engine.js'

/** One `git cat-file --batch`, started when it is first asked and asked again for as long as it lives. */
export function catFile(program: string, call: Call): Reader {
  let open: Talk | undefined
  let last: Promise<unknown> = Promise.resolve()
  const read = async (ids: readonly string[]) => {
    open ??= talk(program, { ...call, limit: 4096 })
    open.say(`${ids.join('\n')}\n`)
    const objects: (RawObject | undefined)[] = []
    for (const id of ids) objects.push(await nextObject(open, id))
    return objects
  }
  return {
    read: (ids) => {
      const damaged = () => {
        open = undefined
        return fail('E_CACHE', 'the stored copy of a git repository is damaged')
      }
      const next = last.then(() => onError(['E_DISK'], () => read(ids), damaged))
      last = next.catch(() => undefined)
      return next
    },
    end: () => {
      open?.end()
      open = undefined
    },
  }
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
