import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { progress } from '../../src/ui/progress.js'

/** Waits until the picture holds this. */
function shows(stream: PassThrough, text: string): Promise<string> {
  return new Promise((done) => {
    let all = ''
    stream.on('data', (bytes: Buffer) => {
      all += stripVTControlCharacters(bytes.toString())
      if (all.includes(text)) done(all)
    })
  })
}

test('[U2] work that takes long is drawn, one line each, with how far it is', async () => {
  const stream = new PassThrough()
  const drawn = shows(stream, 'and 1 more')
  const picture = progress(stream, { width: 60, finish: (line) => line.replace('\u001b', '\\x1b') })
  for (const key of ['a', 'b', 'c', 'd', 'e']) picture.event({ type: 'start', what: `asking \u001b${key}`, key })
  picture.event({ type: 'progress', key: 'a', done: 3, total: 12, unit: 'artifacts' })
  picture.event({ type: 'progress', key: 'b', done: 1_500_000, unit: 'bytes' })
  const text = await drawn
  picture.stop()
  expect(text).toContain('asking \\x1ba (3 of 12 artifacts)')
  expect(text).toContain('asking \\x1bb (1.5 MB)')
})

test('[U2] many questions to one registry are one line', async () => {
  const stream = new PassThrough()
  const drawn = shows(stream, 'asking hub')
  const picture = progress(stream, { width: 60, finish: (line) => line })
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f'])
    picture.event({ type: 'start', what: key === 'f' ? 'asking hub' : 'asking corp', key })
  const text = await drawn
  picture.stop()
  expect(text.match(/asking corp/g)).toHaveLength(1)
})

test('[U2] what is over before anybody would wait for it is not drawn', async () => {
  const stream = new PassThrough()
  const picture = progress(stream, { width: 60, finish: (line) => line })
  picture.event({ type: 'start', what: 'asking', key: 'a' })
  picture.event({ type: 'end', key: 'a' })
  picture.stop()
  picture.interrupt(() => stream.write('warning'))
  expect(String(stream.read())).toBe('warning')
})
