import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Author } from '../../src/model/registry.js'
import { locate, nameFor, type Source } from '../../src/model/source.js'
import { codeOf } from '../failing.js'

const folder = path.resolve('/srv/project')
const around = (author: Author = 'project') => ({ folder, author, source: 'haal.json' })
const read = (written: string | Source, author?: Author) =>
  locate(typeof written === 'string' ? { location: written } : written, around(author))
const at = (...parts: string[]) => path.resolve(folder, ...parts)

describe('an address without a type', () => {
  test.each([
    ['https://github.com/acme/skills', { via: 'github', host: 'github.com', repo: 'acme/skills' }],
    ['https://github.com/acme/skills.git', { via: 'github', host: 'github.com', repo: 'acme/skills' }],
    ['github:acme/skills', { via: 'github', host: 'github.com', repo: 'acme/skills' }],
    ['github.com/acme/skills', { via: 'github', host: 'github.com', repo: 'acme/skills' }],
    ['https://git.corp.com/ext.git', { via: 'git', url: 'https://git.corp.com/ext.git' }],
    ['git+https://git.corp.com/ext', { via: 'git', url: 'https://git.corp.com/ext' }],
    ['ssh://git@git.corp.com/ext.git', { via: 'git', url: 'ssh://git@git.corp.com/ext.git' }],
    ['git@git.corp.com:team/ext.git', { via: 'git', url: 'git@git.corp.com:team/ext.git' }],
    ['https://registry.corp.com/', { via: 'url', url: 'https://registry.corp.com' }],
    ['https://registry.corp.com/all.tgz', { via: 'url', url: 'https://registry.corp.com/all.tgz' }],
    ['npm:@acme/skills', { via: 'npm', name: '@acme/skills' }],
    ['../registry', { via: 'file', path: at('../registry') }],
    ['acme/skills', { via: 'file', path: at('acme/skills') }],
    ['file:./all.tgz', { via: 'file', path: at('all.tgz') }],
  ])('[A1 A12] %s', (location, locator) => {
    expect(read(location).at).toEqual(locator)
  })
})

describe('an address with a type', () => {
  test('[A2] a GitHub repository is org/repo', () => {
    expect(read({ type: 'github', location: 'your-org/extensions-repo', ref: 'main' })).toEqual({
      at: { via: 'github', host: 'github.com', repo: 'your-org/extensions-repo' },
      ref: 'main',
    })
  })
  test('[A2] GitHub Enterprise is named by its host or by baseUrl', () => {
    const locator = { via: 'github', host: 'ghe.corp.com', repo: 'ai/skills' }
    expect(read({ type: 'github', location: 'https://ghe.corp.com/ai/skills' }).at).toEqual(locator)
    expect(read({ type: 'github', location: 'ai/skills', baseUrl: 'https://ghe.corp.com' }).at).toEqual(locator)
    expect(read({ type: 'github', location: 'ai/skills', baseUrl: 'https://ghe.corp.com/api/v3' }).at).toEqual(locator)
  })
  test.each([
    ['https://api.acme.ghe.com', 'acme.ghe.com'],
    ['https://acme.ghe.com', 'acme.ghe.com'],
    ['https://api.github.com', 'github.com'],
    ['https://api.corp.com', 'api.corp.com'],
  ])('[A2] a GitHub whose API is at %s has its repositories at %s', (baseUrl, host) => {
    expect(read({ type: 'github', location: 'ai/skills', baseUrl }).at).toMatchObject({ host })
  })
  test('[A9] a path of type git is a repository on this machine', () => {
    expect(read({ type: 'git', location: '../ext.git' }).at).toEqual({ via: 'git', url: at('../ext.git') })
  })
  test('[O19] a folder with a ref is a repository on this machine', () => {
    expect(read({ location: '../ext', ref: 'v1' })).toEqual({ at: { via: 'git', url: at('../ext') }, ref: 'v1' })
  })
  test('[A16] what stands behind the last @ of a package is its range, and said twice it must be the same', () => {
    expect(read('npm:@acme/skills@^2')).toEqual({ at: { via: 'npm', name: '@acme/skills' }, ref: '^2' })
    expect(read({ location: 'npm:@acme/skills@^2', ref: '^2' }).ref).toBe('^2')
    expect(() => read({ location: 'npm:@acme/skills@^2', ref: '^3' })).toThrow(/two versions, "\^2" and "\^3"/)
  })
  test('[O19] a ref may stand behind #, and said twice it must be the same', () => {
    expect(read('https://git.corp.com/ext.git#v2').ref).toBe('v2')
    expect(() => read({ location: 'https://git.corp.com/ext.git#v2', ref: 'v3' })).toThrow(/two refs/)
  })
})

test.each(['https://git.my-org.com/x.git', 'ssh://git@my-org.com/x.git', 'https://my-own.corp.com/registry'])(
  '[A9 A14] a host may have -o in its name: %s',
  (location) => {
    expect(codeOf(() => read(location))).toBe('passes')
  },
)

describe('an address that is refused', () => {
  test.each([
    'ext::sh -c touch% pwned',
    'git+ext::sh -c id',
    'fd::17',
    '-oProxyCommand=id',
    'ssh://-oProxyCommand=id/x',
    'ssh://corp.com -oProxyCommand=id/x',
    'git@-oProxyCommand=id:x',
    'ftp://corp.com/x',
    'git://corp.com/x.git',
  ])('[S8] %s is no address to fetch from', (location) => {
    expect(codeOf(() => read(location))).toBe('E_TRANSPORT')
  })
  test.each([
    'https://user:pw@corp.com/x',
    'https://token@corp.com/x',
    'https://corp.com/x?token=abc',
    'https://corp.com/x?a=b&X-Amz-Signature=abc',
    'https://corp.com/x?sv=2024&sig=abc',
    'https:\\\\u:p@corp.com',
  ])('[A8] %s carries a credential, which is not repeated', (location) => {
    expect(codeOf(() => read(location))).toBe('E_URL_CREDENTIALS')
    expect(() => read(location)).not.toThrow(/pw|abc/)
  })
  test.each(['file:///srv/x', '../x', 'git+file:///srv/x', '/srv/x', 'http://corp.com/x', 'ssh://git@corp.com/x.git'])(
    '[S6] a list that came over the network may not name %s',
    (location) => {
      expect(codeOf(() => read(location, 'network'))).toBe('E_TRANSPORT')
    },
  )
})

test.each(['https://github.com/acme', 'github.com/acme', 'https://ghe.corp.com/acme/'])(
  '[A2 U3] %s names an organisation, and no repository of it',
  (location) => {
    expect(() => read({ type: 'github', location })).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.stringContaining('is not a GitHub repository') }),
    )
  },
)

test('[A2 U3] a folder behind org/repo is not taken for a repository at a host named org', () => {
  const read = (location: string) => () =>
    locate({ type: 'github', location }, { folder: '/p', author: 'person', source: 'the source' })
  expect(read('your-org/your-repo/skills')).toThrow(
    expect.objectContaining({ code: 'E_CONFIG', hint: expect.stringContaining('write org/repo') }),
  )
  expect(read('https://ghe/org/repo')().at).toEqual({ via: 'github', host: 'ghe', repo: 'org/repo' })
  expect(read('ghe.corp.com/org/repo')().at).toEqual({ via: 'github', host: 'ghe.corp.com', repo: 'org/repo' })
})

test.each(['../x', 'x/..', 'acme/.', '../..', './skills', 'https://github.com/../x', 'https://ghe.corp.com/acme/..'])(
  '[P2] %s is no GitHub repository: it would lead elsewhere at that host (hostile G06)',
  (location) => {
    expect(codeOf(() => read({ type: 'github', location }))).toBe('E_CONFIG')
  },
)

test.each([
  ['https://github.com/acme/skills', 'skills'],
  ['git@git.corp.com:team/Ext.git', 'ext'],
  ['../my registry', 'my-registry'],
  ['npm:@acme/skills', 'acme-skills'],
  ['http://127.0.0.1:8080', '127-0-0-1'],
  ['https://skills.acme.example:8443/', 'skills-acme-example'],
])('a registry without a name is called after its address: %s', (location, name) => {
  expect(nameFor(read(location).at)).toBe(name)
})

test.each(['npm:', 'npm:Not A Package'])('[U3] %s is no package, and what one looks like is said', (location) => {
  const read = () => locate({ location }, { folder: '/p', author: 'person', source: 'the source' })
  expect(read).toThrow(
    expect.objectContaining({
      code: 'E_CONFIG',
      message: expect.stringMatching(/^the source: /),
      hint: expect.stringContaining('npm:@acme/skills@^2'),
    }),
  )
})
