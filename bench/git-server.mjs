import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'

/** A bare repository with what lies in a folder, in one commit, and git's own HTTP server for it on loopback, as a team would run it: with
    filters and single commits allowed. The server ends with the process. Answers the repository's URL. */
export async function served(place, folder) {
  const repository = path.join(place, `${path.basename(folder)}.git`)
  if (!fs.existsSync(repository)) commit(repository, folder)
  const server = http.createServer((request, response) => backend(place, request, response))
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  server.unref()
  return `http://127.0.0.1:${server.address().port}/${path.basename(repository)}`
}

function commit(repository, folder) {
  const who = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com', GIT_AUTHOR_DATE: '1735700400 +0000' }
  const by = {
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    GIT_COMMITTER_DATE: '1735700400 +0000',
  }
  const env = { PATH: process.env.PATH, HOME: repository, GIT_CONFIG_NOSYSTEM: '1', ...who, ...by }
  const git = (...args) => execFileSync('git', [`--git-dir=${repository}`, `--work-tree=${folder}`, ...args], { env })
  execFileSync('git', ['init', '-q', '--bare', '--initial-branch=main', repository], { env: { ...env, HOME: folder } })
  for (const key of ['allowFilter', 'allowAnySHA1InWant']) git('config', `uploadpack.${key}`, 'true')
  git('add', '-A')
  git('commit', '-q', '-m', 'all')
  git('gc', '-q')
}

/** A CGI bridge, as git-http-backend(1) describes it. */
function backend(place, request, response) {
  const { pathname, search } = new URL(request.url, 'http://localhost')
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: place,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(cgi.stdin.on('error', () => undefined))
  let head = Buffer.alloc(0)
  const onData = (bytes) => {
    head = Buffer.concat([head, bytes])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    cgi.stdout.off('data', onData)
    const fields = head
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n')
      .map((line) => line.split(/:\s*/, 2))
    const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200'
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(fields.filter(([name]) => name !== 'Status')))
    response.write(head.subarray(end + 4))
    cgi.stdout.pipe(response)
  }
  cgi.stdout.on('data', onData).on('end', () => response.end())
}
