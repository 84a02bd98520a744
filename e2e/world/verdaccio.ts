import { spawn } from 'node:child_process'
import path from 'node:path'
import type { Base } from './ground.js'
import { sri } from './integrity.js'
import { answering, freePort } from './nginx.js'
import { packed } from './npm.js'
import { type Files, place } from './place.js'
import { end, mortal } from './run.js'

export interface Verdaccio {
  origin: string
  /** Opens what is in the scope @acme; everything else is public. Part of the world's secrets. */
  token: string
  publish(name: string, version: string, files: Files): Promise<{ integrity: string }>
}

const program = path.join(import.meta.dirname, 'verdaccio/node_modules/verdaccio/bin/verdaccio')

/** A real npm registry, without uplinks, with one private scope. The user's .npmrc names it. Needs `verdaccio`. */
export async function verdaccio(at: Base): Promise<Verdaccio> {
  const home = place(at.root.at('servers/verdaccio'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  await home.write({ 'config.json': configuration(home.path) })
  const child = spawn(...mortal(process.execPath, [program, '-c', home.at('config.json'), '-l', `127.0.0.1:${port}`]), {
    cwd: home.path,
    env: { PATH: process.env.PATH, HOME: home.path },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  at.onEnd(() => end(child))
  await answering(port, 800)
  const token = at.keep(await login(origin))
  const lines = [`registry=${origin}/`, `@acme:registry=${origin}/`, `//127.0.0.1:${port}/:_authToken=\${NPM_TOKEN}`]
  await at.root.write({ 'home/.npmrc': `${lines.join('\n')}\n` })
  return { origin, token, publish: (name, version, files) => publish({ origin, token }, { name, version, files }) }
}

function configuration(home: string) {
  const everybody = { access: '$all', publish: '$authenticated' }
  return {
    storage: `${home}/storage`,
    auth: { htpasswd: { file: `${home}/htpasswd` } },
    // Tokens of the older kind are derived anew for every request, which takes a quarter of a second.
    security: { api: { jwt: { sign: { expiresIn: '1d' } } } },
    uplinks: {},
    packages: { '@acme/*': { access: '$authenticated', publish: '$authenticated' }, '**': everybody },
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  }
}

async function login(origin: string): Promise<string> {
  const user = await put(`${origin}/-/user/org.couchdb.user:ada`, { body: { name: 'ada', password: 'throw-away' } })
  return String(user.token)
}

/** As `npm publish` does: one document with the tarball inside. */
async function publish(
  { origin, token }: { origin: string; token: string },
  what: { name: string; version: string; files: Files },
) {
  const { name, version, files } = what
  const bytes = packed(name, version, { files, manifest: {} })
  const file = `${name}-${version}.tgz`
  const integrity = sri(bytes, 'sha512')
  const dist = { integrity, tarball: `${origin}/${name}/-/${path.posix.basename(file)}` }
  const attachment = { content_type: 'application/octet-stream', data: bytes.toString('base64'), length: bytes.length }
  const body = {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { name, version, _id: `${name}@${version}`, dist } },
    _attachments: { [file]: attachment },
  }
  await put(`${origin}/${name.replace('/', '%2f')}`, { body, token })
  return { integrity }
}

async function put(url: string, { body, token }: { body: unknown; token?: string }): Promise<Record<string, unknown>> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}
