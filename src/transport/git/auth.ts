import type { Credential } from '../../model/transport.js'
import type { Remote } from './url.js'

/** The user that goes with a token, where a host wants a certain one. Elsewhere any will do. */
const users: readonly [host: RegExp, user: string][] = [
  [/(^|\.)(github\.com|ghe\.com)$|^github\./, 'x-access-token'],
  [/^gitlab\.|(^|\.)gitlab\.com$/, 'oauth2'],
  [/(^|\.)bitbucket\.org$/, 'x-token-auth'],
]

/** Values of the Authorization header to try in this order; [] where no token is bound to exactly this origin. A token that
    holds `user:password` goes as it is, one that says `Basic …` or `Bearer …` too; any other goes as the password
    that git servers expect, and where that is refused as a bearer token. */
export function authorizations(remote: Remote, credential: Credential | undefined): string[] {
  if (remote.kind !== 'http' || credential?.origin !== remote.origin) return []
  const { value } = credential
  if (/^(basic|bearer) \S+$/i.test(value)) return [value]
  if (value.includes(':')) return [basic(value)]
  const host = new URL(remote.origin).hostname
  const user = users.find(([fits]) => fits.test(host))?.[1] ?? 'git'
  return [basic(`${user}:${value}`), `Bearer ${value}`]
}

/** Takes a token out of a text, in every form in which it was sent. */
export function redacted(text: string, credential: Credential | undefined): string {
  if (credential === undefined) return text
  const remote: Remote = { kind: 'http', url: credential.origin, origin: credential.origin }
  const forms = authorizations(remote, credential).map((value) => value.replace(/^\S+ /, ''))
  return [credential.value, ...forms].reduce((clean, secret) => clean.replaceAll(secret, '…'), text)
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
