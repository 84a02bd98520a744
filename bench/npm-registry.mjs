import { createHash } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { create } from 'tar'

/** An npm registry on loopback that has each skill of a folder registry as a package of the same files, version 1.0.0. The server ends with
    the process. Answers its URL and the packages' names. */
export async function packagesOf(place, registry) {
  if (!served.has(registry)) served.set(registry, serve(packed(place, registry)))
  return await served.get(registry)
}
const served = new Map()

function packed(place, registry) {
  const work = fs.mkdtempSync(path.join(place, 'packages-'))
  const tarballs = new Map()
  for (const name of fs.readdirSync(path.join(registry, 'skills'))) {
    const folder = path.join(work, name)
    fs.cpSync(path.join(registry, 'skills', name), folder, { recursive: true })
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
    tarballs.set(name, create({ sync: true, gzip: true, portable: true, cwd: folder, prefix: 'package' }, ['.']).read())
  }
  fs.rmSync(work, { recursive: true })
  return tarballs
}

/** The two answers an installer asks for. Source: github.com/npm/registry, docs/responses/package-metadata.md. */
async function serve(tarballs) {
  const server = http.createServer((request, response) => {
    const [name, file] = decodeURIComponent(request.url.slice(1)).split('/-/')
    const bytes = tarballs.get(name)
    if (bytes === undefined) response.writeHead(404).end('{}')
    else if (file !== undefined) response.end(bytes)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(about(name, bytes)))
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  server.unref()
  const url = `http://127.0.0.1:${server.address().port}`
  const about = (name, bytes) => {
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    const dist = { integrity, tarball: `${url}/${name}/-/${name}-1.0.0.tgz` }
    return { name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name, version: '1.0.0', dist } } }
  }
  return { url, names: [...tarballs.keys()] }
}
