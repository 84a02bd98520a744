import path from 'node:path'
import { parse } from 'ini'
import { variableIn } from '../model/environment.js'
import { fail } from '../model/errors.js'
import type { Author } from '../model/registry.js'
import { inShell } from '../model/text.js'
import type { Reach } from '../model/transport.js'

/** What npm's configuration says, for the keys that have to do with reading from a registry. Source: docs.npmjs.com, npmrc(5) and config(7). */
export interface Npmrc {
  /** The registry of a package: its scope's, else the one for all. */
  registryFor(name: string): { url: string; author: Author }
  /** The Authorization header for a URL, and the address it is for: the longest `//host/path/` with credentials that the URL lies below.
      Throws E_TOKEN_UNSET, E_TOKEN_UNTRUSTED. */
  authorizationFor(url: string): { below: string; value: string } | undefined
  /** PEM, from `ca` and `cafile`. */
  ca: string | undefined
  /** `https-proxy` and its kin as the environment would have them. */
  proxies: Readonly<Record<string, string>>
}

export const publicRegistry = 'https://registry.npmjs.org/'

/** As npm ranks them: environment, the project's file, the user's, and the global one where the environment names it. */
export function readNpmrc(reach: Given): Npmrc {
  const layers = layersOf(reach)
  const find = (key: string) => {
    const layer = layers.find(({ values }) => values.has(key))
    return layer && { text: layer.values.get(key) ?? '', layer }
  }
  const personal = (key: string) =>
    layers
      .find(({ author, values }) => author === 'person' && values.has(key))
      ?.values.get(key)
      ?.replace(reference, (_whole, name: string) => variableIn(reach.env, name) ?? '')
  return {
    registryFor: (name) => {
      const scope = /^(@[^/]+)\//.exec(name)?.[1]
      const found = (scope && find(`${scope}:registry`)) || find('registry')
      return found
        ? { url: registryAt(found, reach), author: found.layer.author }
        : { url: publicRegistry, author: 'person' }
    },
    authorizationFor: (url) => {
      for (const key of keysFor(new URL(url))) {
        const header = authorizationAt(key, { find, reach, origin: new URL(url).origin })
        if (header !== undefined) return { below: `${new URL(url).protocol}${key.replace(/\/?$/, '/')}`, value: header }
      }
      return undefined
    },
    ca: authorities(personal, reach),
    proxies: proxiesOf(personal),
  }
}

interface Layer {
  /** For messages. */
  source: string
  author: Author
  values: ReadonlyMap<string, string>
}

interface Found {
  text: string
  layer: Layer
}

type Given = Pick<Reach, 'disk' | 'env' | 'home' | 'project' | 'allows' | 'registry'>

function layersOf({ disk, env, home, project }: Given): Layer[] {
  const fromEnv = environment(env)
  const user = fromEnv.get('userconfig') ?? path.join(home, '.npmrc')
  const global = fromEnv.get('globalconfig')
  const own = project === undefined ? undefined : path.join(project, '.npmrc')
  const file = (at: string | undefined, author: Author): Layer[] => {
    const text = at === undefined ? undefined : disk.text(at)
    return at === undefined || text === undefined ? [] : [{ source: at, author, values: valuesIn(text) }]
  }
  return [
    { source: 'the environment', author: 'person', values: fromEnv },
    ...(own === user ? [] : file(own, 'project')),
    ...file(user, 'person'),
    ...file(global, 'person'),
  ]
}

/** `npm_config_registry`, in any case; what names a host keeps its spelling. */
function environment(env: Given['env']): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(env)) {
    const key = /^npm_config_(.+)$/i.exec(name)?.[1]
    if (key === undefined || !value) continue
    values.set(/^(\/\/|@)/.test(key) ? key : key.toLowerCase().replace(/(?!^)_/g, '-'), value)
  }
  return values
}

function valuesIn(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const [key, value] of Object.entries(parse(text))) {
    const lines: unknown[] = Array.isArray(value) ? value : [value]
    const words = lines.filter((line) => ['string', 'number', 'boolean'].includes(typeof line))
    if (words.length > 0) values.set(key, words.join('\n'))
  }
  return values
}

const reference = /(?<!\\)\$\{([^${}?]+)(\?)?\}/g

/** npm puts variables in everywhere, and leaves those that are not set standing; here they stop the command. */
function expanded({ text, layer }: Found, { env, registry }: Given): string {
  return text.replace(reference, (_whole, name: string, optional?: string) => {
    const value = variableIn(env, name)
    if (value !== undefined || optional) return value ?? ''
    return fail(
      'E_TOKEN_UNSET',
      `registry "${registry.name}": ${layer.source} needs the variable ${name}, which is not set`,
      {
        hint: `set ${name}, or take it out of the file`,
        details: { registry: registry.name, variable: name },
      },
    )
  })
}

/** An address can carry a secret away as a header can, so a project's file needs the same permission for it. */
function registryAt(found: Found, reach: Given): string {
  const { text, layer } = found
  const url = registryUrl(expanded(found, reach), layer)
  const isPersonal = layer.author === 'person'
  for (const [, variable = ''] of isPersonal ? [] : text.matchAll(reference))
    if (!reach.allows?.(new URL(url).origin, variable))
      fail('E_TOKEN_UNTRUSTED', `${layer.source} puts ${variable} into the address of a registry`, {
        hint: 'if that is right, put the line into your own ~/.npmrc',
        details: { registry: reach.registry.name, variable },
      })
  return url
}

function registryUrl(text: string, { source }: Layer): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    return fail('E_CONFIG', `${source}: "registry" is not an https address`)
  if (url.username !== '' || url.password !== '')
    fail('E_URL_CREDENTIALS', `${source}: "registry" has a user name or password in its address`, {
      hint: `write //${url.host}/:_authToken=\${NPM_TOKEN} instead`,
    })
  return url.href.replace(/\/*$/, '/')
}

/** `//host/a/b/`, `//host/a/b`, `//host/a/`, … `//host`: npm looks for credentials under each. */
function* keysFor({ host, pathname }: URL): Generator<string> {
  for (let key = `//${host}${pathname}`; key.length > '//'.length; key = key.replace(/([^/]+|\/)$/, '')) yield key
}

interface At {
  find(key: string): Found | undefined
  reach: Given
  origin: string
}

function authorizationAt(key: string, { find, reach, origin }: At): string | undefined {
  const read = (name: string) => {
    const found = find(`${key}:${name}`)
    if (found === undefined) return undefined
    checkTrusted(found, origin, reach)
    return headerText(expanded(found, reach), found)
  }
  const token = read('_authToken')
  if (token) return `Bearer ${token}`
  const pair = read('_auth')
  if (pair) return `Basic ${pair}`
  const [username, password] = [read('username'), read('_password')]
  if (!username || !password) return undefined
  return `Basic ${Buffer.from(`${username}:${Buffer.from(password, 'base64').toString()}`).toString('base64')}`
}

/** npm sends any variable that a project's file names wherever the file says. haal sends it only where something else binds the two. */
function checkTrusted({ text, layer }: Found, origin: string, { allows, registry }: Given): void {
  if (layer.author === 'person') return
  for (const [, variable = ''] of text.matchAll(reference)) {
    if (allows?.(origin, variable)) continue
    fail(
      'E_TOKEN_UNTRUSTED',
      `${layer.source} asks to send ${variable} to ${origin}, and nothing outside the project binds the two`,
      {
        hint: `if that is right, put the line into your own ~/.npmrc, or: haal trust ${inShell(registry.name)}; in CI: HAAL_TRUSTED_ORIGINS=${origin}`,
        details: { registry: registry.name, origin, variable },
      },
    )
  }
}

function headerText(value: string, { layer }: Found): string {
  return /^[\x21-\x7e]*$/.test(value)
    ? value
    : fail('E_CONFIG', `${layer.source} has a token with a character that no token has`)
}

/** Only from the person's own files: a project must not add authorities. */
function authorities(personal: (key: string) => string | undefined, { disk, home }: Given): string | undefined {
  const inline = personal('ca')?.replaceAll('\\n', '\n')
  const file = personal('cafile')?.replace(/^~(?=[/\\])/, home)
  const pem = [
    inline,
    file && (disk.text(path.resolve(home, file)) ?? fail('E_CONFIG', `cafile of .npmrc does not exist: ${file}`)),
  ]
  const given = pem.filter((text) => text !== undefined && text !== '' && text !== 'null')
  return given.length === 0 ? undefined : given.join('\n')
}

function proxiesOf(personal: (key: string) => string | undefined): Record<string, string> {
  const named = {
    https_proxy: personal('https-proxy') ?? personal('proxy'),
    http_proxy: personal('proxy'),
    no_proxy: personal('noproxy'),
  }
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) =>
      value && !/^(null|true|false)$/.test(value) ? [[name, value] as const] : [],
    ),
  )
}
