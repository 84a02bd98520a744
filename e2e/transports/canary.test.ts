import fs from 'node:fs'
import { expect } from 'vitest'
import { needs, type World, world } from '../world/index.js'
import { type Five, five } from './five.js'

/** Every command, as a day would bring them. What they answer is looked through for tokens, and so is every file at the end. */
const day = [
  'registry list',
  'registry ping',
  'list --available',
  'search review',
  'install',
  'list',
  'info review',
  'info kit',
  'why skill/review',
  'verify',
  'outdated',
  'update --refresh',
  'diff',
  'diff --upstream',
  'pin review',
  'unpin review',
  'copy review ../tmp/copied',
  'policy show',
  'policy check',
  'history',
  'uninstall kit',
  'rollback',
  'install --frozen',
  'trust corp',
  'trust web',
  'registry add ../folders/local --name again',
  'registry remove again',
  'cache info',
  'cache prune',
  'cache clean',
  'completion bash',
  '__complete available',
]

const run = (at: World, line: string) => at.haal(line).outcome()

async function everything(at: World): Promise<void> {
  for (const line of day) {
    const done = await run(at, `${line} --verbose`)
    expect(done.exit, `haal ${line}\n${done.stdout}${done.stderr}`).toBe(0)
  }
  for (const line of ['registry list', 'list --available', 'install', 'outdated', 'registry ping', 'why skill/review'])
    expect((await run(at, `${line} --json --refresh`)).exit).toBe(0)
}

/** Everything that may go wrong with a token in it. */
async function failures(at: World, { servers, hub, web, tokens }: Five): Promise<void> {
  const fails = async (line: string) => {
    for (const form of [`${line} --verbose`, `${line} --json`]) expect((await run(at, form)).exit).not.toBe(0)
  }
  await at.project.write({ '.haal': null, 'haal.lock': null })
  await at.store.write({ store: null, cache: null })
  const swapped = {
    CORP_GIT_TOKEN: tokens.github,
    GITHUB_TOKEN: tokens.url,
    WEB_TOKEN: tokens.npm,
    NPM_TOKEN: tokens.git,
  }
  const right = {
    CORP_GIT_TOKEN: tokens.git,
    GITHUB_TOKEN: tokens.github,
    WEB_TOKEN: tokens.url,
    NPM_TOKEN: tokens.npm,
  }
  at.setEnv(swapped)
  for (const wanted of ['corp:review', 'tools:com.acme.calc', 'web:kit', 'packages:helper'])
    await fails(`install ${wanted}`)
  at.setEnv(right)
  web.routes['/registry.json'] = ({ headers }) => ({ body: `{"echo": "${headers.authorization}", "extensions": [1` })
  await fails('install web:kit')
  web.routes['/registry.json'] = ({ headers }) => ({ status: 302, headers: { location: `/?${headers.authorization}` } })
  await fails('install web:kit')
  web.routes['/registry.json'] = ({ headers }) => ({
    body: JSON.stringify({
      extensions: {
        curated: [
          { id: headers.authorization, name: headers.authorization, version: 'x', path: headers.authorization },
        ],
      },
    }),
  })
  await run(at, 'list --available --registry web --json')
  hub.refuse({ limitUntil: 1_900_000_000 })
  await run(at, 'install tools:com.acme.calc --verbose')
  for (const server of servers) await server.stop()
  for (const wanted of ['corp:review', 'tools:com.acme.calc', 'web:kit', 'packages:helper'])
    await fails(`install ${wanted} --refresh`)
  at.setEnv({ HAAL_TRUSTED_ORIGINS: undefined })
  await fails('install corp:nothing')
}

needs('git')(
  '[A8] K06 no token is in any output or on any disk after everything, failures included',
  async () => {
    const at = await world()
    const there = await five(at)
    await everything(at)
    await failures(at, there)
  },
  120_000,
)

needs('git', 'strace')('[A8 S7] no token is in the arguments of any process that haal starts', async () => {
  for (const HAAL_GIT of ['system', 'embedded']) {
    const at = await world()
    at.setEnv({ HAAL_GIT })
    const { tokens } = await five(at)
    const trace = at.root.at('trace')
    const strace = ['strace', '-f', '-qq', '-e', 'trace=execve', '-s', '100000', '-o', trace]
    await at.haal('install', { under: strace }).succeeds()
    const started = fs.readFileSync(trace, 'utf8')
    expect(started).toMatch(/execve\(.*haal\.js/)
    if (HAAL_GIT === 'system') expect(started).toMatch(/execve\(.*remote-http/)
    for (const token of Object.values(tokens)) {
      expect(started).not.toContain(token)
      expect(started).not.toContain(Buffer.from(`git:${token}`).toString('base64').slice(0, -4))
    }
  }
})
