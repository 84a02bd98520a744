import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { fail, HaalError } from '../../model/errors.js'
import type { Budget } from './budget.js'
import { shown, truncated } from './failure.js'

/** A body may expand this many times; bodies smaller than `unsuspicious` bytes may always. */
const most = { ratio: 100, unsuspicious: 1024 * 1024 } as const

const decoders = { gzip: createGunzip, 'x-gzip': createGunzip, br: createBrotliDecompress } as const

interface Limits {
  who: string
  url: URL
  /** Decoded bytes. */
  limit: number
  /** The bytes as they come over the wire. */
  raw: boolean
}

/** A body while it arrives. `broken` is why it did not arrive whole, once that is known. */
export interface Body {
  chunks: AsyncIterable<Uint8Array>
  broken(): HaalError | undefined
  /** The connection failed beside the body: the server sent other than it had announced. */
  breaks(error: unknown): void
}

/** Reads a body within its limits. Throws E_LIMIT_SIZE, E_LIMIT_RATIO, E_HTTP_TRUNCATED, and E_TIMEOUT through the budget. */
export function bodyOf(answer: IncomingMessage, limits: Limits, budget: Budget): Body {
  const { who, url, limit } = limits
  let broken: HaalError | undefined
  const breaks = (error: unknown) => {
    broken ??= truncated(who, url, reasonOf(error))
  }
  return { chunks: checked(), broken: () => broken, breaks }

  async function* checked(): AsyncGenerator<Uint8Array> {
    if (limits.raw && Number(answer.headers['content-length'] ?? 0) > limit) tooLarge(limits)
    const meter = { encoded: 0, decoded: 0 }
    const source = decoded(answer, limits, (size) => {
      meter.encoded += size
      budget.touch()
    })
    try {
      for await (const chunk of source as AsyncIterable<Uint8Array>) {
        meter.decoded += chunk.length
        if (meter.decoded > limit) tooLarge(limits)
        if (meter.decoded > most.unsuspicious && meter.decoded > meter.encoded * most.ratio) tooDense(limits)
        yield chunk
      }
    } catch (error) {
      const stopped = budget.stopped()
      if (stopped) throw stopped
      if (error instanceof HaalError) throw error
      breaks(error)
    }
    if (broken) throw broken
  }
}

function decoded(
  answer: IncomingMessage,
  { raw, who, url }: Limits,
  count: (size: number) => void,
): NodeJS.ReadableStream {
  const encoding = answer.headers['content-encoding'] ?? 'identity'
  answer.on('data', (chunk: Buffer) => count(chunk.length))
  answer.pause()
  if (raw || encoding === 'identity') return answer
  const make = Object.hasOwn(decoders, encoding) ? decoders[encoding as keyof typeof decoders] : undefined
  if (make === undefined)
    fail('E_REGISTRY_UNAVAILABLE', `${who} answers in the encoding "${encoding.slice(0, 40)}": ${shown(url)}`, {
      hint: 'haal asks for gzip, br or none: the server or a proxy on the way is at fault',
    })
  // What goes wrong destroys the decoder, and reading it throws: nothing is left for the callback.
  return pipeline(answer, make(), () => undefined)
}

function tooLarge({ who, url, limit }: Limits): never {
  return fail('E_LIMIT_SIZE', `${who} sends more than ${limit} bytes: ${shown(url)}`)
}

function tooDense({ who, url }: Limits): never {
  return fail('E_LIMIT_RATIO', `${who} sends a body that expands more than ${most.ratio} times: ${shown(url)}`)
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('HPE_')) return 'it is not what its headers announce'
  if (code.startsWith('Z_') || code.startsWith('ERR_')) return 'its encoding is damaged'
  return 'the connection was closed early'
}
