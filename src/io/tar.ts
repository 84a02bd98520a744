import type { ReadEntry } from 'tar'
import { fail } from '../model/errors.js'
import { sizeText } from '../model/limits.js'
import { pathLimits, pathProblem } from '../model/names.js'
import type { FileWriter, PackWriter } from './pack.js'

/** What a reader must know of the archive; see `Archive`. */
interface TarTerms {
  name: string
  names: 'refuse' | 'leave'
  budget: { readonly entries: number; readonly expanded: number }
}

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

interface TarReader {
  feed(chunk: Uint8Array): void
  end(): void
}

const block = 512

/** The parser of the tar package, made strict: it stops at the end-of-archive mark and demands one, fails at every warning, never
    decompresses by itself, and checks names as the archive has them, before the parser adapts them to the platform. */
export async function tarReader(terms: TarTerms, pack: PackWriter): Promise<TarReader> {
  const { Parser } = await import('tar/parse')
  const { name } = terms
  const headers = extendedHeaders(name)
  const take = entryTaker(terms, pack)
  let ended = false
  let first: Buffer | undefined = Buffer.alloc(0)
  const parser = new Parser({
    strict: false,
    onReadEntry: (entry) => {
      headers.before(entry)
      take(entry)
    },
    onwarn: (_code, message) => badTar(name, String(message), isTar(first ?? Buffer.alloc(block))),
  })
  parser.on('ignoredEntry', take)
  parser.on('meta', headers.read)
  parser.on('eof', () => {
    ended = true
  })
  const parse = (bytes: Buffer) => {
    if (!ended) parser.write(bytes)
  }
  return {
    feed: (chunk) => {
      if (!first) return parse(asBuffer(chunk))
      first = Buffer.concat([first, chunk])
      if (first.length < block) return
      refuseOtherFormats(first, name)
      parse(first)
      first = undefined
    },
    end: () => {
      if (first) refuseOtherFormats(first, name)
      if (first && first.length > 0 && !isTar(first)) fail('E_ARCHIVE', `${name} is no tar archive`)
      if (!ended) fail('E_ARCHIVE_TRUNCATED', `${name} ends before its end-of-archive mark`)
    },
  }
}

const otherFormats: readonly (readonly [what: string, magic: RegExp])[] = [
  ['compressed twice', /^1f8b/],
  ['a zip file', /^504b(0304|0506)/],
  ['compressed with zstd', /^28b52ffd/],
  ['compressed with xz', /^fd377a585a00/],
  ['compressed with bzip2', /^425a683[1-9]314159265359/],
  ['a 7z file', /^377abcaf271c/],
]

/** Says which other format it is; the parser would unpack some of them. */
function refuseOtherFormats(first: Buffer, name: string): void {
  const head = first.toString('hex', 0, 16)
  const format = otherFormats.find(([, magic]) => magic.test(head))
  if (format)
    fail('E_ARCHIVE', `${name} is ${format[0]}; haal reads .tgz and .tar`, {
      hint: 'pack it anew: tar -czf <name>.tgz <folder>',
    })
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function isTar(first: Buffer): boolean {
  return first.toString('latin1', 257, 262) === 'ustar' || first.subarray(0, 8).every((byte) => byte === 0)
}

function badTar(name: string, why: string, wasTar: boolean): never {
  if (!wasTar) fail('E_ARCHIVE', `${name} is no tar archive`)
  if (why.startsWith('checksum')) fail('E_ARCHIVE_TRUNCATED', `${name} is damaged: ${why}`)
  return fail('E_ARCHIVE', `${name} has an entry that makes no sense: ${why}`)
}

/** Refuses extended headers and long names that readers understand in different ways: others must see the same archive in these bytes as haal.
    The parser passes over a record that it cannot read, reads on inside a value of several lines, cuts a path at a zero byte, reads a size as
    the number it begins with, adds up several headers of one entry, and knows no name or size that is given for all that follows. */
function extendedHeaders(name: string): { read(text: string): void; before(entry: ReadEntry): void } {
  let headers = 0
  const unlike = (what: string) => fail('E_ARCHIVE', `${name} has ${what}, which not every reader reads alike`)
  return {
    read: (text) => {
      const isLongName = !/^\s*\d+\s+[^=\n]+=/.test(text)
      if (checkExtended(text, name) || isLongName || headers > 0) headers += 1
    },
    before: ({ type, globalExtended: all }) => {
      if (all?.path !== undefined || all?.linkpath !== undefined || all?.size !== undefined)
        unlike('a header that names or measures all entries at once')
      if (headers > (/Link$/.test(type) ? 2 : 1)) unlike('several headers for one entry')
      headers = 0
    },
  }
}

/** Whether the header names or measures its entry. Throws E_ARCHIVE where readers could understand it in different ways. */
function checkExtended(text: string, name: string): boolean {
  let tells = false
  let isInside = false
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^\s*\d+\s+(path|linkpath|size|GNU\.sparse[^=]*)=(.*)/s.exec(line) ?? []
    const length = `${Buffer.byteLength(line) + 1} `
    if (key !== undefined) {
      tells = true
      if (key.startsWith('GNU.sparse')) fail('E_ARCHIVE', `${name} has a sparse file, which haal does not read`)
      const isWhole = line.startsWith(`${length}${key}=`) && !isInside
      if (!isWhole || value.includes('\0') || (key === 'size' && !/^\d+$/.test(value)))
        fail('E_ARCHIVE', `${name} has an extended header with a ${key} that cannot be read`)
    }
    isInside ||= !line.startsWith(length)
  }
  return tells
}

/** Checks an entry and writes it to the pack. Its bytes come while the parser is fed, so nothing waits. */
function entryTaker(terms: TarTerms, pack: PackWriter): (entry: ReadEntry) => void {
  const { name, budget } = terms
  const seen = new Map<string, boolean>()
  let count = 0
  return (entry) => {
    const path = (entry.header.path ?? '').replace(/^(\.\/)+/, '').replace(/\/+$/, '')
    count += 1
    if (count > budget.entries)
      fail('E_LIMIT_ENTRIES', `${name} has more than ${budget.entries} entries (budget: entries)`, {
        details: { budget: 'entries', limit: budget.entries },
      })
    if (entry.meta) fail('E_LIMIT_SIZE', `${name} has an extended header larger than 1 MiB`)
    if (entry.size > budget.expanded)
      fail('E_LIMIT_SIZE', `${name}: ${path} is larger than ${sizeText(budget.expanded)} (budget: expanded)`)
    if (entry.type === 'Directory' && (path === '' || path === '.')) return void entry.resume()
    checkPath(path, terms)
    const isFolder = entry.type === 'Directory'
    if (seen.has(path) && !(isFolder && seen.get(path))) fail('E_ARCHIVE_DUPLICATE', `${name} has ${path} twice`)
    seen.set(path, isFolder)
    if (plainFiles.has(entry.type)) fileTaker(entry, pack.begin(path, bits(entry)), `${name}: ${path}`)
    else {
      if (!isFolder) pack.odd({ path, type: /Link$/.test(entry.type) ? 'link' : 'other', mode: bits(entry) })
      entry.resume()
    }
  }
}

const plainFiles = new Set(['File', 'OldFile', 'ContiguousFile'])

function bits(entry: ReadEntry): number {
  return (entry.mode ?? 0o644) & 0o7777
}

function fileTaker(entry: ReadEntry, file: FileWriter, what: string): void {
  entry.on('data', (piece: Buffer) => file.write(piece))
  entry.on('end', () => {
    if (file.end().size !== entry.size) fail('E_ARCHIVE_TRUNCATED', `${what} is not as long as its header says`)
  })
}

const always = new Set(['E_PATH_ESCAPE', 'E_PATH_ABSOLUTE'])

function checkPath(path: string, { name, names }: TarTerms): void {
  const problem = pathProblem(path)
  if (!problem) return
  const harmless = Buffer.byteLength(path) <= 5 * pathLimits.path && !/[\u0000-\u001f\u007f]/.test(path) && path !== ''
  if (names === 'leave' && harmless && !always.has(problem.code)) return
  fail(problem.code, `${name}: ${JSON.stringify(path)} ${problem.why}`, { details: { path } })
}
