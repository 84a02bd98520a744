import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { readNpmrc } from '../../src/transport/npmrc.js'
import { folder, registry } from './reach.js'

/** npm's configuration as these files and variables make it. */
function npmrc({ user, project, env = {} }: { user?: string; project?: string; env?: Record<string, string> }) {
  const root = folder()
  const write = (name: string, text: string | undefined) => {
    fs.mkdirSync(path.join(root, name))
    if (text !== undefined) fs.writeFileSync(path.join(root, name, '.npmrc'), text)
    return path.join(root, name)
  }
  const given = { disk: nodeDisk(), env, home: write('home', user), project: write('project', project) }
  return { root, read: () => readNpmrc({ ...given, registry: registry({ via: 'npm', name: 'x' }) }) }
}

const registryOf = (given: Parameters<typeof npmrc>[0], name: string) => npmrc(given).read().registryFor(name).url

describe('[A16] the registry of a package', () => {
  test.each([
    ['without any configuration', {}, 'x', 'https://registry.npmjs.org/'],
    ['for all', { user: 'registry=https://npm.corp' }, '@acme/x', 'https://npm.corp/'],
    ['for a scope', { user: '@acme:registry = https://npm.corp/acme' }, '@acme/x', 'https://npm.corp/acme/'],
    ['for another scope', { user: '@acme:registry=https://npm.corp' }, '@acme-evil/x', 'https://registry.npmjs.org/'],
    ['by a variable', { user: 'registry=https://${HOST}/', env: { HOST: 'npm.corp' } }, 'x', 'https://npm.corp/'],
    [
      'in the environment',
      { user: 'registry=https://a.test', env: { NPM_CONFIG_REGISTRY: 'https://npm.corp' } },
      'x',
      'https://npm.corp/',
    ],
    [
      'that is empty in the environment',
      { user: 'registry=https://a.test', env: { npm_config_registry: '' } },
      'x',
      'https://a.test/',
    ],
    [
      'for a scope in the environment',
      { env: { 'npm_config_@acme:registry': 'https://npm.corp' } },
      '@acme/x',
      'https://npm.corp/',
    ],
    [
      'in the project',
      { user: 'registry=https://a.test', project: 'registry=https://npm.corp' },
      'x',
      'https://npm.corp/',
    ],
  ])('%s', (_how, given, name, expected) => {
    expect(registryOf(given, name)).toBe(expected)
  })

  test('says who named it', () => {
    expect(npmrc({ project: 'registry=https://npm.corp' }).read().registryFor('x').author).toBe('project')
    expect(npmrc({ user: 'registry=https://npm.corp' }).read().registryFor('x').author).toBe('person')
  })

  test.each([
    ['registry=npm.corp', 'E_CONFIG'],
    ['registry=file:///etc', 'E_CONFIG'],
    ['registry=https://me:canary@npm.corp', 'E_URL_CREDENTIALS'],
    ['registry=https://canary@npm.corp', 'E_URL_CREDENTIALS'],
    ['registry=https://:canary@npm.corp', 'E_URL_CREDENTIALS'],
  ])('C03 %s is refused without printing it', (line, code) => {
    expect(() => registryOf({ user: line }, 'x')).toThrow(
      expect.objectContaining({ code, message: expect.not.stringContaining('canary') }),
    )
  })

  test('a global file may be named; the user’s own counts before it', () => {
    const { root } = npmrc({})
    const file = path.join(root, 'global')
    fs.writeFileSync(file, 'registry=https://global.corp\n@acme:registry=https://acme.corp')
    const env = { npm_config_globalconfig: file }
    expect(registryOf({ env }, 'x')).toBe('https://global.corp/')
    expect(npmrc({ env }).read().registryFor('x').author).toBe('person')
    const user = 'registry=https://user.corp'
    expect(registryOf({ env, user }, 'x')).toBe('https://user.corp/')
    expect(registryOf({ env, user }, '@acme/x')).toBe('https://acme.corp/')
  })

  test('[L20] the .npmrc of a home folder that is the project is the person’s own', () => {
    const { root } = npmrc({ user: 'registry=https://npm.corp\n//npm.corp/:_authToken=${T}' })
    const home = path.join(root, 'home')
    const given = {
      disk: nodeDisk(),
      env: { T: 't' },
      home,
      project: home,
      registry: registry({ via: 'npm', name: 'x' }),
    }
    const read = readNpmrc(given)
    expect(read.registryFor('x').author).toBe('person')
    expect(read.authorizationFor('https://npm.corp/')?.value).toBe('Bearer t')
  })

  test('another user file may be named', () => {
    const { root } = npmrc({})
    const file = path.join(root, 'other')
    fs.writeFileSync(file, 'registry=https://npm.corp')
    expect(registryOf({ env: { NPM_CONFIG_USERCONFIG: file } }, 'x')).toBe('https://npm.corp/')
  })
})

describe('credentials', () => {
  test.each([
    ['//npm.corp/:_authToken=t', 'https://npm.corp/x', { below: 'https://npm.corp/', value: 'Bearer t' }],
    ['//npm.corp:_authToken=t', 'https://npm.corp/x', { below: 'https://npm.corp/', value: 'Bearer t' }],
    ['//npm.corp/a/:_authToken=t', 'https://npm.corp/a/x', { below: 'https://npm.corp/a/', value: 'Bearer t' }],
    ['//npm.corp/a/:_authToken=t', 'https://npm.corp/ab/x', undefined],
    ['//npm.corp/a/:_authToken=t', 'https://npm.corp/', undefined],
    ['//npm.corp/:_authToken=t', 'https://npm.corp:8443/x', undefined],
    ['//npm.corp/:_authToken=t', 'https://npm.corp.evil.test/', undefined],
    [
      '//npm.corp/:_authToken=t\n//npm.corp/a/:_authToken=u',
      'https://npm.corp/a/x',
      { below: 'https://npm.corp/a/', value: 'Bearer u' },
    ],
    ['//npm.corp/:_auth=dTpw', 'https://npm.corp/x', { below: 'https://npm.corp/', value: 'Basic dTpw' }],
    [
      '//npm.corp/:username=u\n//npm.corp/:_password=cA==',
      'https://npm.corp/x',
      { below: 'https://npm.corp/', value: `Basic ${btoa('u:p')}` },
    ],
    ['//npm.corp/:username=u', 'https://npm.corp/x', undefined],
    ['//npm.corp/:_password=cA==', 'https://npm.corp/x', undefined],
    ['_authToken=t', 'https://registry.npmjs.org/x', undefined],
    ['//npm.corp/:_authToken=${T?}', 'https://npm.corp/x', undefined],
  ])('[S7] K03 %s for %s', (user, url, expected) => {
    expect(npmrc({ user }).read().authorizationFor(url)).toEqual(expected)
  })

  test('[S7] one in the environment is named with its host', () => {
    const env = { 'npm_config_//npm.corp/:_authToken': 't' }
    expect(npmrc({ env }).read().authorizationFor('https://npm.corp/x')?.value).toBe('Bearer t')
  })

  test.each(['T', 'constructor', 'toString'])('[A7] ${%s}, which is not set, is no token (hostile R10)', (name) => {
    const unset = expect.objectContaining({ code: 'E_TOKEN_UNSET', details: { registry: 'corp', variable: name } })
    const { read } = npmrc({ user: `//npm.corp/:_authToken=\${${name}}` })
    expect(() => read().authorizationFor('https://npm.corp/')).toThrow(unset)
  })

  test('a token with a line break is refused without printing it', () => {
    const given = { user: '//npm.corp/:_authToken=${T}', env: { T: 'canary\nx: y' } }
    expect(() => npmrc(given).read().authorizationFor('https://npm.corp/')).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: expect.not.stringContaining('canary') }),
    )
  })
})

describe('the way there', () => {
  test('authorities and proxies are the person’s to name, not the project’s', () => {
    const lines = 'ca[]="one"\nca[]="two"\nhttps-proxy=http://proxy.corp:8080\nnoproxy=localhost\n'
    expect(npmrc({ user: lines }).read()).toMatchObject({
      ca: 'one\ntwo',
      proxies: { https_proxy: 'http://proxy.corp:8080', no_proxy: 'localhost' },
    })
    expect(npmrc({ project: lines }).read()).toMatchObject({ ca: undefined, proxies: {} })
  })

  test.each([
    [{ user: 'ca="-----BEGIN\\nx"' }, '-----BEGIN\nx'],
    [{ env: { npm_config_ca: 'null' } }, undefined],
    [{ user: 'ca=' }, undefined],
  ])('the authority that npm is given as %o', (given, ca) => {
    expect(npmrc(given).read().ca).toBe(ca)
  })

  test.each([
    ['proxy=http://a.corp:1', {}, { https_proxy: 'http://a.corp:1', http_proxy: 'http://a.corp:1' }],
    ['https-proxy=http://a.corp:1', {}, { https_proxy: 'http://a.corp:1' }],
    ['', { npm_config_https_proxy: 'http://a.corp:1' }, { https_proxy: 'http://a.corp:1' }],
    [
      'proxy=http://null.corp\nhttps-proxy=http://true.corp',
      {},
      { http_proxy: 'http://null.corp', https_proxy: 'http://true.corp' },
    ],
    [
      'proxy=http://${WHO}:${SECRET}@a.corp:1',
      { WHO: 'me' },
      { https_proxy: 'http://me:@a.corp:1', http_proxy: 'http://me:@a.corp:1' },
    ],
    ['proxy=null', {}, {}],
    ['proxy=false\nnoproxy=', {}, {}],
    ['proxy=true', {}, {}],
  ])('the proxies that npm is given as %j with %o', (user, env, proxies) => {
    expect(npmrc({ user, env }).read().proxies).toEqual(proxies)
  })

  test('cafile is read; one that is missing is an error', () => {
    const { root } = npmrc({})
    fs.writeFileSync(path.join(root, 'ca.pem'), 'PEM')
    expect(npmrc({ user: `cafile=${path.join(root, 'ca.pem')}` }).read().ca).toBe('PEM')
    const { root: home, read } = npmrc({ user: 'cafile=~/own.pem' })
    fs.writeFileSync(path.join(home, 'home', 'own.pem'), 'OWN')
    expect(read().ca).toBe('OWN')
    expect(() => npmrc({ user: 'cafile=/none.pem' }).read()).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
  })
})
