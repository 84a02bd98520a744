import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Listener, serve } from '../../e2e/world/listen.js'
import { HaalError } from '../../src/model/errors.js'
import {
  bytesOf,
  engines,
  gitBench,
  opened,
  openedAt,
  passedOn,
  pinned,
  registryFiles,
  served,
  text,
} from './git-ground.js'

const skill = 'skills/review/SKILL.md'

async function answering(listener: Listener) {
  const server = await serve(listener)
  onTestFinished(() => server.stop())
  return { server, url: `${server.origin}/corp.git` }
}

/** What another haal does that finds the stores damaged. */
function renew(repositories: string): void {
  const names = fs.readdirSync(repositories, { recursive: true, encoding: 'utf8' })
  for (const store of names
    .filter((name) => /[\\/](sparse|full)$/.test(name))
    .map((name) => path.join(repositories, name))) {
    fs.renameSync(store, `${store}.old-1`)
    for (const name of ['refs', 'objects/pack']) fs.mkdirSync(path.join(store, name), { recursive: true })
    for (const name of ['config', 'HEAD'])
      fs.writeFileSync(path.join(store, name), fs.readFileSync(path.join(`${store}.old-1`, name)))
    fs.rmSync(`${store}.old-1`, { recursive: true })
  }
}

describe.each(engines)('%s git and private repositories', (engine) => {
  const bound = (url: string, value: string, origin = new URL(url).origin) => ({ credential: { origin, value } })

  test('[A10] user:password goes in a basic header', async () => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { user: 'ada', password: 's3cret' })
    const { reach } = gitBench(url, engine, bound(url, 'ada:s3cret'))
    expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
  })

  test('[A10] a token alone is tried as a password', async () => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { user: 'git', password: 't0ken' })
    const { reach } = gitBench(url, engine, bound(url, 't0ken'))
    expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
  })

  test('[A10] and as a bearer token where the server wants that', async () => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { bearer: 't0ken' })
    const { reach } = gitBench(url, engine, bound(url, 't0ken'))
    expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
  })

  test('[A6] without a token the error names the registry, says "not found or no access" and what to set', async () => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { bearer: 't0ken' })
    const { reach } = gitBench(url, engine)
    await expect(pinned(url, reach)).rejects.toMatchObject({
      code: 'E_ACCESS',
      message: `corp (${url}): not found or no access`,
      hint: expect.stringContaining('CORP_TOKEN'),
    })
  })

  test('[A6] [A8] with a token that does not do, it names the variable, and the token is nowhere in it', async () => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { bearer: 't0ken' })
    const { reach } = gitBench(url, engine, {
      ...bound(url, 'canary-123'),
      registry: { token: { variable: 'CORP_GIT_TOKEN' } },
    })
    const error = await pinned(url, reach).catch((e) => e)
    expect(error).toMatchObject({ code: 'E_ACCESS', hint: expect.stringContaining('CORP_GIT_TOKEN') })
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toMatch(/canary|Z2l0OmNhbmFyeS/)
  })

  test.each([
    ['another port', (url: string) => new URL(url).origin.replace(/:\d+$/, ':1')],
    ['another host', (url: string) => new URL(url).origin.replace('127.0.0.1', 'localhost')],
    ['another scheme', (url: string) => new URL(url).origin.replace('http:', 'https:')],
  ])('[S7] K03 a token that is bound to %s is not sent', async (_what, originOf) => {
    const { server, url } = await served(registryFiles)
    const { reach } = gitBench(url, engine, bound(url, 'ada:s3cret', originOf(url)))
    await text(await opened(url, reach), skill)
    expect(server.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })

  test('[A40] the cache of one credential does not answer another', async () => {
    const { server, url } = await served(registryFiles)
    server.guard('corp', { bearer: 't0ken' })
    const { reach, later } = gitBench(url, engine, bound(url, 't0ken'))
    await text(await opened(url, reach), skill)
    const { credential: _none, ...others } = later(0)
    await expect(pinned(url, others)).rejects.toMatchObject({ code: 'E_ACCESS' })
  })
})

describe.each(engines)('%s git and redirects', (engine) => {
  const secret = (origin: string) => ({ credential: { origin, value: 'ada:s3cret' } })

  async function redirecting(to: (path: string) => string) {
    return answering((request, response) => {
      response.writeHead(301, { location: to(request.url ?? '') }).end()
    })
  }

  test('[S7] K01 H01 one to another origin is followed where that is allowed, and no token goes there', async () => {
    const { server: other, url } = await served(registryFiles)
    const { server, url: from } = await redirecting((path) => `${other.origin}${path}`)
    const admitted: string[] = []
    const { reach } = gitBench(from, engine, {
      ...secret(server.origin),
      allows: (origin) => origin === other.origin,
      admit: (at) => void admitted.push('url' in at ? at.url : ''),
    })
    expect(await text(await opened(from, reach), skill)).toBe('# review v1\n')
    expect(admitted.some((one) => one.startsWith(url))).toBe(true)
    expect(server.requests.every(({ headers }) => headers.authorization !== undefined)).toBe(true)
    expect(other.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })

  test('[A10] [S7] one to where the same server has a private repository now is followed with the token', async () => {
    const { server: real } = await served(registryFiles)
    const { server, url } = await answering(async (request, response) => {
      const body = await bytesOf(request)
      const { url: asked = '' } = request
      if (request.headers.authorization === undefined) return void response.writeHead(401).end()
      if (!asked.startsWith('/moved/')) return void response.writeHead(301, { location: `/moved${asked}` }).end()
      request.url = asked.slice('/moved'.length)
      return passedOn(real.origin, { request, response, body })
    })
    const { reach } = gitBench(url, engine, secret(server.origin))
    expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
  })

  test('[O29] [S7] one to another origin is not followed where policy says no', async () => {
    const { server: other } = await served(registryFiles)
    const { url: from } = await redirecting((path) => `${other.origin}${path}`)
    const { reach } = gitBench(from, engine, {
      allows: () => true,
      admit: () => {
        throw new HaalError('E_POLICY_REGISTRY', 'not this one')
      },
    })
    await expect(pinned(from, reach)).rejects.toMatchObject({ code: 'E_POLICY_REGISTRY' })
    expect(other.paths()).toEqual([])
  })

  test('[S6] one to an address of this machine or a private network is not followed unless it is named', async () => {
    const { server: other } = await served(registryFiles)
    const { url: from } = await redirecting((path) => `${other.origin}${path}`)
    await expect(pinned(from, gitBench(from, engine).reach)).rejects.toMatchObject({ code: 'E_REDIRECT' })
    expect(other.paths()).toEqual([])
  })

  test('[S2] a server that answers the first question and sends every other one on ends, too', async () => {
    const { repo, server: real } = await served(registryFiles)
    const { server, url } = await answering(async (request, response) => {
      const body = await bytesOf(request)
      if (request.method === 'GET') return passedOn(real.origin, { request, response, body })
      response.writeHead(302, { location: request.url ?? '' }).end()
    })
    await expect(openedAt(url, gitBench(url, engine).reach, repo.sha())).rejects.toMatchObject({ code: 'E_REDIRECT' })
    expect(server.requests.length).toBeLessThan(40)
  })

  test('[S2] a circle of redirects ends', async () => {
    const { url } = await redirecting((path) => path)
    await expect(pinned(url, gitBench(url, engine).reach)).rejects.toMatchObject({ code: 'E_REDIRECT' })
  })
})

describe.each(engines)('%s git and servers that answer something else', (engine) => {
  const advertisement = { 'content-type': 'application/x-git-upload-pack-advertisement' }

  test.each<[string, Listener, string]>([
    [
      'a page of HTML',
      (_q, r) => void r.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in'),
      'E_REGISTRY_UNAVAILABLE',
    ],
    ['an empty body', (_q, r) => void r.writeHead(200, advertisement).end(), 'E_REGISTRY_UNAVAILABLE'],
    ['garbage', (_q, r) => void r.writeHead(200, advertisement).end('zzzz\0\0\xff'), 'E_REGISTRY_UNAVAILABLE'],
    ['401', (_q, r) => void r.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(), 'E_ACCESS'],
    ['403', (_q, r) => void r.writeHead(403).end(), 'E_ACCESS'],
    ['404', (_q, r) => void r.writeHead(404).end(), 'E_ACCESS'],
    ['418', (_q, r) => void r.writeHead(418).end(), 'E_REGISTRY_UNAVAILABLE'],
  ])('[S3] [O22] %s is an error of its own', async (_what, listener, code) => {
    const { url } = await answering(listener)
    await expect(pinned(url, gitBench(url, engine).reach)).rejects.toMatchObject({ code, exit: 7 })
  })

  test('[S3] [O22] nobody at the address is an error, at once', async () => {
    const { url, server } = await answering(() => undefined)
    await server.stop()
    await expect(pinned(url, gitBench(url, engine).reach)).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })

  test('[S3] H04 an answer that is cut short is an error, after another try', async () => {
    const { url, server } = await answering((_request, response) => {
      response.writeHead(200, { ...advertisement, 'content-length': '1000' }).write('001e# service=git-upload-pack')
      response.destroy()
    })
    await expect(pinned(url, gitBench(url, engine).reach)).rejects.toMatchObject({ exit: 7 })
    expect(server.requests.length).toBeGreaterThan(1)
  })

  test('[A9] a server that is busy for a moment is asked again, whatever it was asked', async () => {
    const { server } = await served(registryFiles)
    const busy = new Set<string>()
    const { url } = await answering(async (request, response) => {
      const what = `${request.method} ${request.url}`
      const body = await bytesOf(request)
      if (busy.has(what)) return passedOn(server.origin, { request, response, body })
      response.writeHead(503).end(void busy.add(what))
    })
    expect(await text(await opened(url, gitBench(url, engine).reach), skill)).toBe('# review v1\n')
    expect([...busy].some((what) => what.startsWith('POST'))).toBe(true)
  })

  test.each([
    ['emptied', (folder: string) => fs.rmSync(folder, { recursive: true })],
    ['renewed', renew],
  ])('[A40] [L14] a cache that is %s while a server answers is filled again', async (_how, change) => {
    const { server } = await served(registryFiles)
    const kept: string[] = []
    let changed = 0
    const { url } = await answering(async (request, response) => {
      const body = await bytesOf(request)
      const isFetch = /want [0-9a-f]{40}/.test(body.toString('latin1'))
      for (const folder of isFetch ? kept.splice(0) : []) {
        changed += 1
        change(folder)
      }
      await passedOn(server.origin, { request, response, body })
    })
    const { reach } = gitBench(url, engine)
    kept.push(path.dirname(reach.cache.folder('any')))
    expect(await text(await opened(url, reach), skill)).toBe('# review v1\n')
    expect(changed).toBe(1)
  })

  test('[A9] what a repository holds is not taken for what its server says', async () => {
    const { repo, url } = await served({ ...registryFiles, 'formats.md': '0041 object-format=sha256\n' })
    repo.git('config', 'core.compression', '0')
    repo.git('repack', '-a', '-d', '-F')
    expect(await text(await opened(url, gitBench(url, engine).reach), 'formats.md')).toBe('0041 object-format=sha256\n')
  })

  test('a repository with nothing in it is an error', async () => {
    const { repo, url } = await served({})
    repo.git('update-ref', '-d', 'refs/heads/main')
    await expect(pinned(url, gitBench(url, engine).reach)).rejects.toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' })
  })

  test('a command that is stopped stops at once', async () => {
    let isAsked = () => {}
    const asked = new Promise<void>((done) => {
      isAsked = done
    })
    const { url } = await answering(() => isAsked())
    const stop = new AbortController()
    const answer = pinned(url, gitBench(url, engine, { signal: stop.signal }).reach)
    const checked = expect(answer).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    await asked
    stop.abort()
    await checked
  })
})
