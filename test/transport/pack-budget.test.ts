import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { serve } from '../../e2e/world/listen.js'
import { checkPack } from '../../src/transport/git/pack-budget.js'
import type { Asker } from '../../src/transport/git/url.js'
import { webOf } from '../../src/transport/git/web.js'
import { gitBench } from './git-ground.js'

const mebibyte = 1024 * 1024

/** Seven bits a byte, after as many as the first byte has room for. */
function number(value: number, first = 7, kind = 0): Buffer {
  const bytes = [kind | (value % 2 ** first)]
  for (let rest = Math.floor(value / 2 ** first); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80
    bytes.push(rest % 128)
  }
  return Buffer.from(bytes)
}

const blob = (bytes: Buffer, size = bytes.length) => Buffer.concat([number(size, 4, 3 << 4), deflateSync(bytes)])

/** A delta that says of how many bytes it makes how many. */
function delta(kind: 6 | 7, makes: number): Buffer {
  const bytes = Buffer.concat([number(300_000), number(makes)])
  const base = kind === 6 ? number(300) : randomBytes(20)
  return Buffer.concat([number(bytes.length, 4, kind << 4), base, deflateSync(bytes)])
}

/** Enough to be looked at. */
const noise = blob(randomBytes(300_000))

function packOf(...objects: Buffer[]): Buffer {
  const head = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1')
  head.writeUInt32BE(objects.length, 8)
  return Buffer.concat([head, ...objects, Buffer.alloc(20)])
}

function inBands(pack: Buffer): Buffer {
  const line = (payload: Buffer) =>
    Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, '0')), payload])
  const parts = [line(Buffer.from('NAK\n')), line(Buffer.from('\u0002counting\n'))]
  for (let at = 0; at < pack.length; at += 60_000)
    parts.push(line(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 60_000)])))
  return Buffer.concat([...parts, Buffer.from('0000')])
}

const bare = (pack: Buffer) => Buffer.concat([Buffer.from('0008NAK\n'), pack])

test.each([
  ['files', packOf(noise, blob(Buffer.alloc(0)), blob(Buffer.from('x')))],
  ['deltas', packOf(noise, delta(6, 300_010), delta(7, 300_010))],
])('[S2] a pack of %s that unfold to little is sound', (_what, pack) => {
  for (const answer of [inBands(pack), bare(pack)]) expect(checkPack(answer, 'corp')).toBeUndefined()
})

test('[S2] an answer without a pack is none', () => {
  expect(checkPack(Buffer.from('0008NAK\n'.repeat(50_000)), 'corp')).toBeUndefined()
})

test.each([
  ['a file', packOf(noise, blob(Buffer.from('x'), 257 * mebibyte))],
  ['what a delta makes', packOf(noise, delta(7, 257 * mebibyte))],
  ['all that deltas make', packOf(noise, ...Array.from({ length: 6 }, () => delta(6, 200 * mebibyte)))],
])('[S2] %s of more than the budget is refused before it is unfolded', (_what, pack) => {
  for (const answer of [inBands(pack), bare(pack)])
    expect(() => checkPack(answer, 'corp')).toThrow(expect.objectContaining({ code: 'E_LIMIT_SIZE' }))
})

test.each([
  ['unfolds to more than it says', packOf(noise, blob(randomBytes(100), 10))],
  ['unfolds to less than it says', packOf(noise, blob(randomBytes(10), 100))],
  ['is no object', packOf(noise, Buffer.from([0x31, 0, 0, 0]))],
  ['is not there', packOf(noise).fill(9, 8, 12)],
])('[S2] a pack with an object that %s is refused: another reader might see another', (_what, pack) => {
  expect(() => checkPack(inBands(pack), 'corp')).toThrow(
    expect.objectContaining({ code: 'E_REGISTRY_UNAVAILABLE', message: expect.stringContaining('damaged pack') }),
  )
})

test('[S2] what a server sends is looked through before the embedded git has it', async () => {
  const bomb = inBands(packOf(noise, blob(Buffer.from('x'), 257 * mebibyte)))
  const server = await serve((_request, response) => {
    response.setHeader('content-type', 'application/x-git-upload-pack-result')
    response.end(bomb)
  })
  onTestFinished(() => server.stop())
  const url = `${server.origin}/corp.git`
  const asker: Asker = { author: 'person', name: 'corp', allows: () => true }
  const web = webOf({
    remote: { kind: 'http', url, origin: server.origin },
    asker,
    reach: gitBench(url, 'embedded').reach,
  })
  const asked = web.request({ url: `${url}/git-upload-pack`, method: 'POST' })
  await expect(asked).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
})
