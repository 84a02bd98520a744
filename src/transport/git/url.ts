import path from 'node:path'
import { isLoopback } from '../../io/http/address.js'
import { fail } from '../../model/errors.js'
import { pathOfUrl } from '../../model/file-url.js'
import type { Author } from '../../model/registry.js'

/** Where a repository is, after every check that its address needs. `url` is what git is given, `path` a native absolute path. */
export type Remote = WebRemote | { kind: 'ssh'; url: string } | { kind: 'local'; path: string }

export interface WebRemote {
  kind: 'http'
  url: string
  origin: string
}

export interface Asker {
  author: Author
  /** The registry, for messages. */
  name: string
  /** Whether something outside the project names an origin. Plain http is allowed to these, to loopback, and where a person wrote the address. */
  allows(origin: string): boolean
}

/** Reads a git address: https, plain http on loopback, `ssh://`, `user@host:path`, and paths for those who may name them. Everything
    that git or ssh could take for an option or a program is refused. Throws E_TRANSPORT, E_URL_CREDENTIALS. */
export function remoteOf(address: string, asker: Asker): Remote {
  const text = address.replace(/^git\+/i, '')
  refuseTricks(text, asker)
  const remote = readers.find(({ fits }) => fits.test(text))?.read(text, asker) ?? local(text, asker)
  if (asker.author === 'network' && !(remote.kind === 'http' && remote.origin.startsWith('https:')))
    fail('E_TRANSPORT', `${asker.name} names ${shown(text)} from the network, where only https is allowed`)
  return remote
}

const readers = [
  { fits: /^https?:/i, read: web },
  { fits: /^ssh:/i, read: ssh },
  { fits: /^file:/i, read: file },
  { fits: /^(?!\w:)[a-z][a-z\d+.-]+:\/\//i, read: unknownScheme },
  { fits: /^[^/\\:]+@[^/\\:]+:/, read: scp },
]

/** `ext::` and its like name a program to run; a dash in front of a host, a user or a path is an option to git or ssh. */
function refuseTricks(text: string, { name }: Asker): void {
  const tricky = /^\s|\s$|^-|^[\w+.-]*::|[\u0000-\u001f\u007f]|^[a-z+]+:\/\/([^/@]*@)?-|^[^/:]*@-|^[^/]*:-/i
  if (tricky.test(text))
    fail('E_TRANSPORT', `${name} has an address that git could take for a program or an option: ${shown(text)}`)
}

function web(text: string, { author, name, allows }: Asker): Remote {
  const url = parsed(text, name)
  if (url.username !== '' || url.password !== '' || /[?&#][^=]*(token|key|secret|password|auth)[^=]*=/i.test(text))
    fail('E_URL_CREDENTIALS', `${name} has a user name, password or token in its address`, {
      hint: 'take it out of the address and write "token": "${VARIABLE}" beside it',
    })
  if (url.search !== '' || url.hash !== '')
    fail('E_TRANSPORT', `${name}: the address of a git repository has no query and no fragment`)
  if (url.protocol === 'http:' && author !== 'person' && !isLoopback(url) && !allows(url.origin))
    fail('E_TRANSPORT', `${name} uses plain http, where anybody on the way can change what arrives`, {
      hint: `use https, or allow it: HAAL_TRUSTED_ORIGINS=${url.origin}`,
    })
  return { kind: 'http', url: url.href.replace(/\/+$/, ''), origin: url.origin }
}

function ssh(text: string, { name }: Asker): Remote {
  const url = parsed(text, name)
  if (url.password !== '' || url.search !== '' || url.hash !== '')
    fail('E_URL_CREDENTIALS', `${name} has more in its ssh address than user, host and path`, {
      hint: 'write ssh://git@host/path.git; your own keys and agent are used',
    })
  if (!isHost(url.hostname) || !/^[\w.-]*$/.test(url.username) || url.pathname.length < 2)
    fail('E_TRANSPORT', `${name}: ${shown(text)} is not an ssh address`, { hint: 'write ssh://git@host/path.git' })
  return { kind: 'ssh', url: url.href }
}

function scp(text: string, { name }: Asker): Remote {
  const [, user = '', host = '', at = ''] = /^([^@]+)@([^:]+):(.+)$/.exec(text) ?? []
  if (!/^[\w.-]+$/.test(user) || !isHost(host) || at === '')
    fail('E_TRANSPORT', `${name}: ${shown(text)} is not an ssh address`, { hint: 'write git@host:path.git' })
  return { kind: 'ssh', url: text }
}

function file(text: string, { name }: Asker): Remote {
  const url = parsed(text, name)
  if (url.host !== '') fail('E_TRANSPORT', `${name}: ${shown(text)} names a host; a file address has none`)
  return { kind: 'local', path: path.resolve(pathOfUrl(`file://${url.pathname}`, { source: name })) }
}

function local(text: string, { name }: Asker): Remote {
  if (!path.isAbsolute(text)) fail('E_TRANSPORT', `${name}: ${shown(text)} is not an address of a git repository`)
  return { kind: 'local', path: path.resolve(text) }
}

function unknownScheme(text: string, { name }: Asker): never {
  return fail('E_TRANSPORT', `${name}: haal does not fetch git over ${text.slice(0, text.indexOf(':'))}`, {
    hint: 'use https or ssh',
  })
}

/** A backslash is a slash to some readers of addresses and part of a name to others. */
function parsed(text: string, name: string): URL {
  if (!URL.canParse(text) || text.includes('\\'))
    return fail('E_TRANSPORT', `${name}: ${shown(text)} is not an address`)
  return new URL(text)
}

function isHost(host: string): boolean {
  return /^([a-z\d]([\w.-]*)|\[[\da-f:.]+\])$/i.test(host)
}

/** An address for a message, without what could be a password. */
function shown(text: string): string {
  return JSON.stringify(text.replace(/\/\/[^/]*@/, '//…@').slice(0, 100))
}
