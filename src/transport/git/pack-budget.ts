import { inflateSync } from 'node:zlib'
import { fail } from '../../model/errors.js'
import { limits, sizeText } from '../../model/limits.js'

/** Bytes that the objects of one pack may unfold to, all together and each: the embedded git holds one in memory several times over, and nobody can
    stop it meanwhile. */
const most = { all: 4 * limits.expanded, one: limits.expanded } as const
/** What is smaller can unfold to no more than one object may: deflate has a ratio of 1032 at most. */
const unsuspicious = Math.floor(limits.expanded / 1032)

/** Looks through the answer of an upload-pack before the embedded git unfolds it. Format: gitprotocol-pack(5), gitformat-pack(5). Throws
    E_LIMIT_SIZE, and E_REGISTRY_UNAVAILABLE for what is no sound pack: another reader might see another in it. */
export function checkPack(answer: Uint8Array, registry: string): void {
  if (answer.length < unsuspicious) return
  const pack = packIn(Buffer.from(answer.buffer, answer.byteOffset, answer.length))
  if (pack.length === 0) return
  let all = 0
  let at = 12
  for (let left = pack.length < at ? 1 : pack.readUInt32BE(8); left > 0; left -= 1) {
    const entry = entryAt(pack, at) ?? damaged(registry)
    all += entry.size
    if (entry.size > most.one) tooLarge(registry, 'an object', most.one)
    if (all > most.all) tooLarge(registry, 'objects', most.all)
    at = entry.end
  }
}

function tooLarge(registry: string, what: string, limit: number): never {
  return fail('E_LIMIT_SIZE', `${registry} sends ${what} of more than ${sizeText(limit)} (budget: expanded)`, {
    hint: 'an installed git fetches single files, and may do; else it is for the owner of the registry to mend',
    details: { budget: 'expanded', limit },
  })
}

function damaged(registry: string): never {
  return fail('E_REGISTRY_UNAVAILABLE', `${registry} does not answer as a git repository: it sends a damaged pack`)
}

/** The pack in an answer: from the lines of the first band, or as it is where the server knows no bands. */
function packIn(answer: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at + 4 <= answer.length; ) {
    if (answer.toString('latin1', at, at + 4) === 'PACK') return answer.subarray(at)
    const length = Number.parseInt(answer.toString('latin1', at, at + 4), 16)
    if (Number.isNaN(length)) break
    if (answer[at + 4] === 1) parts.push(answer.subarray(at + 5, at + length))
    at += Math.max(4, length)
  }
  return Buffer.concat(parts)
}

interface Entry {
  /** Of the object, which may be another than that of the delta that makes it. */
  size: number
  end: number
}

/** undefined where the bytes make no sense. An object unfolds to as much as it says, and no more. */
function entryAt(pack: Buffer, start: number): Entry | undefined {
  const type = ((pack[start] ?? 0) >> 4) & 7
  const head = numberAt(pack, start, 4)
  const behind = type === 7 ? head.end + 20 : type === 6 ? numberAt(pack, head.end, 7).end : head.end
  if (head.value > most.one) return { size: head.value, end: behind }
  const inflated = inflatedAt(pack, behind, head.value)
  if (inflated === undefined) return undefined
  const isDelta = type === 6 || type === 7
  const size = isDelta ? numberAt(inflated.bytes, numberAt(inflated.bytes, 0, 7).end, 7).value : head.value
  return { size: Math.max(size, head.value), end: inflated.end }
}

/** A number of which each byte holds seven bits, the first perhaps fewer, and says whether there is another. */
function numberAt(bytes: Buffer, start: number, first: number): { value: number; end: number } {
  let at = start
  let byte = bytes[at] ?? 0
  let value = byte & (2 ** first - 1)
  for (let shift = first; byte & 0x80; shift += 7) {
    at += 1
    byte = bytes[at] ?? 0
    value += (byte & 0x7f) * 2 ** shift
  }
  return { value, end: at + 1 }
}

function inflatedAt(pack: Buffer, start: number, size: number): { bytes: Buffer; end: number } | undefined {
  try {
    const options = { info: true, maxOutputLength: Math.max(size, 1) }
    const inflated: unknown = inflateSync(pack.subarray(start), options)
    const { buffer, engine } = inflated as Inflated
    return buffer.length === size ? { bytes: buffer, end: start + engine.bytesWritten } : undefined
  } catch (e) {
    if (e instanceof Error) return undefined
    throw e
  }
}

/** What `info` makes of the answer. */
interface Inflated {
  buffer: Buffer
  engine: { bytesWritten: number }
}
