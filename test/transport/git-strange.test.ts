import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Listener, serve } from '../../e2e/world/listen.js'
import { HaalError } from '../../src/model/errors.js'
import { engines, gitBench, openedAt, pinned } from './git-ground.js'

const commit = '9'.repeat(40)
const listed = 'application/x-git-upload-pack-advertisement'

const answers: Readonly<Record<string, Listener>> = {
  'an empty answer': (_, response) => void response.end(),
  'an empty answer of the right type': (_, response) => void response.writeHead(200, { 'content-type': listed }).end(),
  'a page': (_, response) => void response.end('<!DOCTYPE html><title>Sign in</title>'),
  'an empty object': (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
  'no content': (_, response) => void response.writeHead(204).end(),
  'half an answer': (_, response) => void response.writeHead(206).end('001e# ser'),
  'a list of no refs': (_, response) =>
    void response.writeHead(200, { 'content-type': listed }).end('001e# service=git-upload-pack\n00000000'),
}

describe.each(engines)('%s git', (engine) => {
  test.each(Object.keys(answers))('[S3] %s does not mean that a commit is not there', async (what) => {
    const server = await serve(answers[what] ?? (() => undefined))
    onTestFinished(() => server.stop())
    const url = `${server.origin}/corp.git`
    const { reach } = gitBench(url, engine)
    const error = await openedAt(url, reach, commit).then(
      (tree) => tree.list('').catch((e) => e),
      (e) => e,
    )
    expect(error).toBeInstanceOf(HaalError)
    expect(error).toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })
})

test('[S2 U3] of a git that takes too long it is told which registry it asks, and what to do', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const server = await serve(() => void vi.advanceTimersByTime(300_000))
  onTestFinished(() => server.stop())
  const url = `${server.origin}/corp.git`
  await expect(pinned(url, gitBench(url, 'system').reach)).rejects.toMatchObject({
    code: 'E_TIMEOUT',
    message: 'registry "corp": git took longer than 300 s',
    hint: 'check the network, or try again later',
  })
})
