import type { Note } from '../model/artifact.js'
import { variableIn } from '../model/environment.js'
import { fail } from '../model/errors.js'
import { note } from '../model/notes.js'
import { readOrigin } from '../model/origin.js'
import type { Locator, Registry } from '../model/registry.js'
import { inShell, percentDecoded } from '../model/text.js'
import type { Credential } from '../model/transport.js'

type Env = Readonly<Record<string, string | undefined>>

/** Variables that everybody knows, and the origins their tokens are for; those of GitHub are for its API, too. */
const wellKnown: Readonly<Record<string, string>> = {
  GITHUB_TOKEN: 'https://github.com',
  GH_TOKEN: 'https://github.com',
  GITLAB_TOKEN: 'https://gitlab.com',
  NPM_TOKEN: 'https://registry.npmjs.org',
}

/** Whether something outside the project names this origin; with `variable`, whether that variable's token may go there. */
type Allows = (origin: string, variable?: string) => boolean

interface Grounds {
  env: Env
  /** Origins in `registries.allow` of the machine's, the user's and HAAL_POLICY's policies. */
  policyOrigins: readonly string[]
  /** trust.json: origin → variables. */
  trusted: Readonly<Record<string, readonly string[]>>
}

/** What may be sent where, from everything outside the project. Throws E_CONFIG where HAAL_TRUSTED_ORIGINS is none. */
export function allowance({ env, policyOrigins, trusted }: Grounds): Allows {
  const named = new Set([...policyOrigins, ...trustedOrigins(env)])
  return (origin, variable) => {
    if (named.has(origin)) return true
    const bound = Object.hasOwn(trusted, origin) ? trusted[origin] : undefined
    if (variable === undefined) return bound !== undefined
    return bound?.includes(variable) === true || isWellKnown(origin, variable, env)
  }
}

/** HAAL_TRUSTED_ORIGINS, for machines where nobody can be asked: origins, separated by commas. */
export function trustedOrigins({ HAAL_TRUSTED_ORIGINS = '' }: Env): string[] {
  const written = HAAL_TRUSTED_ORIGINS.split(',').map((text) => text.trim())
  return written
    .filter((text) => text !== '')
    .map(
      (text) =>
        readOrigin(text) ??
        fail('E_CONFIG', `HAAL_TRUSTED_ORIGINS has an entry that is no origin (number ${written.indexOf(text) + 1})`, {
          hint: 'write origins, separated by commas: HAAL_TRUSTED_ORIGINS=https://git.corp.com,https://npm.corp.com',
        }),
    )
}

/** The credential a registry is asked with, and what to tell about it. Reads variables, sends nothing. Throws E_TOKEN_UNSET,
    E_TOKEN_UNTRUSTED (`details` has the origin and the variable, so that a person can be asked), E_CONFIG. */
export function credentialOf(registry: Registry, { env, allows }: { env: Env; allows: Allows }): Found {
  const { at, token } = registry
  const origin = originOf(at, env)
  if (token === undefined)
    return { notes: [], ...withCredential(origin, at.via === 'github' ? githubToken(at.host, env) : undefined) }
  if (origin === undefined)
    return {
      notes: [
        note(
          'W_TOKEN_UNUSED',
          `${registry.source}: a token is of no use for ${at.via === 'git' ? 'ssh and paths' : 'a folder'}`,
        ),
      ],
    }
  if ('literal' in token)
    return { notes: literalNotes(registry), ...withCredential(origin, literalToken(token.literal, registry)) }
  const value = variableIn(env, token.variable)?.trim()
  if (!value) return unset(token.variable, registry)
  const isBound = [origin, ...repositoryOrigins(at, env)].some((each) => allows(each, token.variable))
  if (registry.author !== 'person' && !isBound) return untrusted(token.variable, origin, registry)
  return { notes: [], ...withCredential(origin, tokenIn(value, token.variable, registry)) }
}

interface Found {
  credential?: Credential
  notes: readonly Note[]
}

/** Every value that must not be printed, as it is: tokens of registries, well-known ones, passwords of proxies. */
export function secretsOf(registries: readonly Registry[], env: Env): string[] {
  const tokens = registries.flatMap(({ token }) =>
    token === undefined ? [] : 'literal' in token ? [token.literal] : [variableIn(env, token.variable)?.trim() ?? ''],
  )
  const known = Object.keys(wellKnown).map((name) => env[name]?.trim() ?? '')
  const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY']
    .flatMap((name) => [env[name], env[name.toLowerCase()]])
    .map(passwordIn)
  const whole = [...tokens.flatMap(partsOf), ...known, ...proxies]
  return [...new Set(whole.filter((value) => value.length >= shortestSecret))]
}

/** Shorter values are words that would be struck out of every message. */
export const shortestSecret = 6

/** Where the API of a GitHub is; HAAL_GITHUB_API names another than github.com's for tests and gateways, as a person's own setting. Source:
    docs.github.com/rest, "Getting started with the REST API", for Enterprise Server and for Enterprise Cloud with data residency. */
export function githubApi(host: string, env: Env): string {
  if (/\.ghe\.com$/.test(host)) return `https://api.${host}`
  if (host !== 'github.com') return `${githubScheme(host)}//${host}/api/v3`
  const other = env.HAAL_GITHUB_API
  if (!other) return 'https://api.github.com'
  const url = URL.canParse(other) ? new URL(other) : undefined
  const isSound =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && /^(127\.[\d.]+|localhost|\[::1\])$/.test(url.hostname))
  if (!isSound || url.username !== '' || url.password !== '')
    return fail('E_CONFIG', 'HAAL_GITHUB_API is not an https address')
  return url.href.replace(/\/$/, '')
}

/** The origin of a GitHub's repositories, beside that of its API: a token that is bound to one is bound to both. An API that HAAL_GITHUB_API names
    does not belong to github.com. */
function repositoryOrigins(at: Locator, env: Env): string[] {
  if (at.via !== 'github' || (at.host === 'github.com' && env.HAAL_GITHUB_API)) return []
  return [`${githubScheme(at.host)}//${at.host}`]
}

/** Only on this machine is there a GitHub without https. */
export function githubScheme(host: string): 'http:' | 'https:' {
  return /^(127(\.\d+){3}|localhost)(:\d+)?$/.test(host) ? 'http:' : 'https:'
}

/** The one origin that a token for this address may go to; undefined where none can be sent: ssh, a path, a folder. */
export function originOf(at: Locator, env: Env): string | undefined {
  switch (at.via) {
    case 'file':
      return undefined
    case 'github':
      return new URL(githubApi(at.host, env)).origin
    case 'npm':
      return new URL(at.registry ?? 'https://registry.npmjs.org').origin
    default:
      return /^https?:/i.test(at.url) && URL.canParse(at.url) ? new URL(at.url).origin : undefined
  }
}

function isWellKnown(origin: string, variable: string, env: Env): boolean {
  if (wellKnown[variable] === origin) return true
  return /^(GITHUB|GH)_TOKEN$/.test(variable) && origin === new URL(githubApi('github.com', env)).origin
}

/** With a token, github.com shows private repositories and has a higher rate limit. */
function githubToken(host: string, env: Env): string | undefined {
  if (host !== 'github.com') return undefined
  const variable = githubVariable(env)
  const value = env[variable]?.trim()
  return value ? headerText(value, `the variable ${variable}`, `set ${variable} again, or unset it`) : undefined
}

/** The variable that a token for github.com is read from, or would be. */
export function githubVariable(env: Env): string {
  return ['GITHUB_TOKEN', 'GH_TOKEN'].find((name) => env[name]?.trim()) ?? 'GITHUB_TOKEN'
}

function withCredential(origin: string | undefined, value: string | undefined): Pick<Found, 'credential'> {
  return origin === undefined || value === undefined ? {} : { credential: { origin, value } }
}

function literalNotes({ author, source }: Registry): Note[] {
  if (author === 'person') return []
  return [
    note(
      'W_TOKEN_LITERAL',
      `${source}: "token" holds the token itself; put it in a variable and write "token": "\${VARIABLE}"`,
    ),
  ]
}

/** A misspelt reference to a variable must not be sent as if it were the token. */
function literalToken(value: string, { source }: Registry): string {
  if (/^process\.env\b|^%\w+%$/.test(value) || isNoToken(value))
    fail('E_CONFIG', `${source}: "token" is neither a token nor a reference to a variable`, {
      hint: 'write "token": "${VARIABLE}"',
    })
  return headerText(value, `${source}: the token`)
}

/** A CI may set a variable to `undefined` or `${NAME}` where its secret is missing. */
function tokenIn(value: string, variable: string, { name, source }: Registry): string {
  const hint = `set ${variable} to a token that may read the registry`
  if (isNoToken(value))
    fail('E_CONFIG', `registry "${name}" needs a token in the variable ${variable}, which holds none (${source})`, {
      hint,
    })
  return headerText(value, `the variable ${variable}, the token of registry "${name}",`, hint)
}

function isNoToken(value: string): boolean {
  return /^\$|\$\{|^(undefined|null)?$/.test(value)
}

function headerText(value: string, what: string, hint?: string): string {
  return /^[\x21-\x7e]+$/.test(value) ? value : fail('E_CONFIG', `${what} has a character that no token has`, { hint })
}

function unset(variable: string, { name, source }: Registry): never {
  return fail('E_TOKEN_UNSET', `registry "${name}" needs the variable ${variable}, which is not set (${source})`, {
    hint: `set ${variable} to a token that may read the registry`,
    details: { registry: name, variable },
  })
}

function untrusted(variable: string, origin: string, { name, source }: Registry): never {
  return fail(
    'E_TOKEN_UNTRUSTED',
    `${source} asks to send ${variable} to ${origin}, and nothing outside the project binds the two`,
    {
      hint: `if that is right: haal trust ${inShell(name)}; in CI: HAAL_TRUSTED_ORIGINS=${origin}`,
      details: { registry: name, origin, variable },
    },
  )
}

function passwordIn(address: string | undefined): string {
  if (!address) return ''
  const spelt = address.includes('://') ? address : `http://${address}`
  return URL.canParse(spelt) ? percentDecoded(new URL(spelt).password) : ''
}

/** Of `user:password` the password is a secret of its own; of `Bearer …` what stands behind the word. */
export function partsOf(secret: string): string[] {
  const bare = secret.replace(/^(basic|bearer) /i, '')
  const decoded = /^basic /i.test(secret) ? Buffer.from(bare, 'base64').toString() : bare
  return [bare, decoded, decoded.slice(decoded.indexOf(':') + 1)]
}
