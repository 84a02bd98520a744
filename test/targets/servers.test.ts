import { describe, expect, test } from 'vitest'
import { serverForms, serversIn } from '../../src/targets/servers.js'
import type { ServerDialect } from '../../src/targets/table.js'
import { lacking, material, shown } from './materials.js'

const local = { command: 'npx', args: ['-y', 'docs'], env: { KEY: '${DOCS_KEY}' } }
const remote = { type: 'http', url: 'https://x.example.com', headers: { Authorization: 'Bearer ${TOKEN}' } }

describe('an MCP server in each tool’s words', () => {
  test.each<[ServerDialect, object, object]>([
    ['claude', local, remote],
    [
      'cursor',
      { ...local, env: { KEY: '${env:DOCS_KEY}' } },
      { url: remote.url, headers: { Authorization: 'Bearer ${env:TOKEN}' } },
    ],
    [
      'vscode',
      { type: 'stdio', ...local, env: { KEY: '${env:DOCS_KEY}' } },
      { ...remote, headers: { Authorization: 'Bearer ${env:TOKEN}' } },
    ],
    [
      'windsurf',
      { ...local, env: { KEY: '${env:DOCS_KEY}' } },
      { serverUrl: remote.url, headers: { Authorization: 'Bearer ${env:TOKEN}' } },
    ],
    ['kiro', local, { url: remote.url, headers: remote.headers }],
    ['gemini', local, { httpUrl: remote.url, headers: remote.headers }],
    ['codex', local, { url: remote.url, bearer_token_env_var: 'TOKEN' }],
    [
      'opencode',
      { type: 'local', command: ['npx', '-y', 'docs'], environment: { KEY: '{env:DOCS_KEY}' }, enabled: true },
      { type: 'remote', url: remote.url, headers: { Authorization: 'Bearer {env:TOKEN}' }, enabled: true },
    ],
  ])('[T1] %s', (dialect, own, far) => {
    expect(serverForms[dialect](local)).toEqual(own)
    expect(serverForms[dialect](remote)).toEqual(far)
  })

  test.each<[ServerDialect, object]>([
    ['claude', { type: 'sse', url: 'u' }],
    ['vscode', { type: 'sse', url: 'u' }],
    ['gemini', { url: 'u' }],
    ['windsurf', { serverUrl: 'u' }],
  ])('[T1] one that speaks in events: %s', (dialect, expected) => {
    expect(serverForms[dialect]({ type: 'sse', url: 'u' })).toEqual(expected)
  })

  test('[T1] codex gets variables by name, and the rest as it is', () => {
    expect(serverForms.codex({ command: 'x', env: { KEY: '${KEY}', MODE: 'dry' } })).toEqual({
      command: 'x',
      env: { MODE: 'dry' },
      env_vars: ['KEY'],
    })
    expect(serverForms.codex({ url: 'u', headers: { 'X-Key': '${KEY}', 'X-Mode': 'dry' } })).toEqual({
      url: 'u',
      env_http_headers: { 'X-Key': 'KEY' },
      http_headers: { 'X-Mode': 'dry' },
    })
  })

  test('[T1] an address is an address, whatever the tool it is written for calls it', () => {
    expect(serverForms.claude({ serverUrl: 'u' })).toEqual({ type: 'http', url: 'u' })
    expect(serverForms.windsurf({ httpUrl: 'u' })).toEqual({ serverUrl: 'u' })
  })
})

test.each<[object, Record<string, object>]>([
  [{ mcpServers: { a: { command: 'x' } } }, { a: { command: 'x' } }],
  [{ servers: { a: { url: 'x' } } }, { a: { url: 'x' } }],
  [{ a: { command: 'x' }, b: 1 }, { a: { command: 'x' } }],
  [{ a: { command: 'x' }, b: { note: 'none' } }, { a: { command: 'x' } }],
  [{ command: 'x' }, { docs: { command: 'x' } }],
  [[], {}],
])('[T1] the servers in %j', (json, servers) => {
  expect(serversIn(json, 'docs')).toEqual(servers)
})

test('[T1 T2] servers go into the file and under the key of each tool', async () => {
  const docs = material('mcp/docs', { 'mcp.json': { mcpServers: { docs: { command: 'x' } } } })
  expect(await shown(docs, { names: ['claude', 'copilot', 'codex', 'opencode'] })).toEqual({
    '.mcp.json': [['mcpServers docs', { command: 'x' }]],
    '.vscode/mcp.json': [['servers docs', { type: 'stdio', command: 'x' }]],
    '.codex/config.toml': [['mcp_servers docs', { command: 'x' }]],
    'opencode.json': [['mcp docs', { type: 'local', command: ['x'], enabled: true }]],
  })
  expect(await lacking(docs, { names: ['windsurf', 'agents'] })).toEqual([
    'windsurf mcp docs global',
    'agents mcp docs no place',
  ])
})

test('[T1] a server that needs files of its own is told where they lie, in each tool’s words', async () => {
  const files = { 'mcp.json': { docs: { command: '${CLAUDE_PLUGIN_ROOT}/run', args: ['./run', './else'] } }, run: '' }
  const own = material('mcp/docs', files)
  const commands = async (names: readonly string[], around = {}) =>
    (JSON.stringify(await shown(own, { names, ...around })).match(/"[^"]*(run|else)"/g) ?? []).map((text) =>
      JSON.parse(text),
    )
  expect(await commands(['claude'])).toEqual([
    '${CLAUDE_PROJECT_DIR:-.}/.haal/mcps/docs/run',
    '${CLAUDE_PROJECT_DIR:-.}/.haal/mcps/docs/run',
    './else',
  ])
  expect((await commands(['cursor']))[0]).toBe('${workspaceFolder}/.haal/mcps/docs/run')
  expect((await commands(['opencode']))[0]).toBe('./.haal/mcps/docs/run')
  expect((await commands(['codex'], { scope: 'global', root: '/home/me' }))[0]).toBe('/home/me/.haal/mcps/docs/run')
})

test('[T2] a variable that codex would take for text is told', async () => {
  const docs = material('mcp/docs', { 'mcp.json': { docs: local, far: remote } })
  expect(await lacking(docs, { names: ['codex', 'claude'] })).toEqual([
    'codex mcp docs nothing reads ${DOCS_KEY} in its server docs',
  ])
})

test('[T2] a variable with a default is told where a tool knows none', async () => {
  const docs = material('mcp/docs', { 'mcp.json': { docs: { command: 'x', args: ['${PORT:-80}', '${PORT:-80}'] } } })
  const told = (await lacking(docs, { names: ['claude', 'gemini', 'cursor', 'codex'] })).map(
    (line) => line.split(' ')[0],
  )
  expect(told).toEqual(['cursor', 'codex'])
})
