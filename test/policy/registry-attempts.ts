import type { ErrorCode } from '../../src/model/errors.js'
import type { Locator } from '../../src/model/registry.js'
import type { RegistryFacts } from '../../src/policy/facts.js'
import { at, keyA, keyB, type Rules, signedBy } from './made.js'

/** One attempt to use a registry under one policy: `refused` is the code, absent where it passes. */
export interface RegistryAttempt {
  says: string
  rules: readonly Rules[]
  registry: RegistryFacts
  refused?: ErrorCode
}

const no = 'E_POLICY_REGISTRY'
const allow = (...places: readonly object[]): Rules => ({ registries: { allow: places } })
const deny = (...places: readonly object[]): Rules => ({ registries: { deny: places } })
const require = (rules: object): Rules => ({ registries: { require: rules } })
const git = (url: string): Locator => ({ via: 'git', url })
const file = (path: string): Locator => ({ via: 'file', path })
const npm = (name: string, registry?: string): Locator => ({
  via: 'npm',
  name,
  ...(registry !== undefined && { registry }),
})
const github = (repo: string, host = 'github.com'): Locator => ({ via: 'github', host, repo })

const reg = allow({ origin: 'https://reg.corp' })
const ai = allow({ origin: 'https://git.corp.com', path: '/ai/*' })
const acme = allow({ origin: 'https://github.com', path: '/acme/*' })
const evil = deny({ origin: 'https://evil.com', path: '/bad/*' })
const opt = allow({ file: '/opt/registries/*' })

type RegistryRow = [says: string, rules: Rules | readonly Rules[], registry: RegistryFacts, refused?: ErrorCode]

const registryRows: readonly RegistryRow[] = [
  ['no policy at all', {}, at('https://anything.example')],
  ['an empty list of rules', { registries: {} }, at('https://anything.example')],
  ['the origin itself (hostile C07)', reg, at('https://reg.corp')],
  ['the origin in capitals with its default port (hostile C07)', reg, at('https://REG.corp:443/')],
  ['any path at an origin without one (hostile C07)', reg, at('https://reg.corp/a/b/c')],
  ['the origin as the beginning of another host (hostile C07)', reg, at('https://reg.corp.evil.com'), no],
  ['the origin as a user name (hostile C07)', reg, at('https://reg.corp@evil.com'), no],
  ['the origin as a user name and password (hostile C07)', reg, at('https://reg.corp:443@evil.com'), no],
  ['the origin with an encoded slash as a user name (hostile C07)', reg, at('https://reg.corp%2f@evil.com'), no],
  ['the origin with an encoded slash as a host (hostile C07)', reg, at('https://reg.corp%2f.evil.com'), no],
  ['backslashes instead of slashes (hostile C07)', reg, at('https:\\\\evil.com'), no],
  ['backslashes that lead to the origin (hostile C07)', reg, at('https:\\\\reg.corp')],
  ['a backslash behind the origin (hostile C07)', reg, at('https://evil.com\\@reg.corp'), no],
  ['another port (hostile C07)', reg, at('https://reg.corp:8443'), no],
  ['another scheme (hostile C07)', reg, at('http://reg.corp'), no],
  ['a subdomain (hostile C07)', reg, at('https://sub.reg.corp'), no],
  ['the end of another host (hostile C07)', reg, at('https://evilreg.corp'), no],
  ['a host with a dot at its end (hostile C07)', reg, at('https://reg.corp./'), no],
  ['a letter that looks alike (hostile C07)', reg, at('https://rеg.corp'), no],
  ['a full-width letter, which WHATWG makes the same (hostile C07)', reg, at('https://ｒeg.corp')],
  ['a tab inside, which WHATWG takes away (hostile C07)', reg, at('https://reg\t.corp')],
  ['no URL at all (hostile C07)', reg, at('reg.corp'), no],
  ['the origin in the query (hostile C07)', reg, at('https://evil.com/?https://reg.corp'), no],
  [
    'a registry that is not listed (hostile P01)',
    allow({ origin: 'https://git.corp.com' }),
    at('https://hub.example'),
    no,
  ],
  ['an empty list as the only one (hostile P01)', allow(), at('https://git.corp.com'), no],
  ['a path within one segment', ai, at(git('https://git.corp.com/ai/skills.git'))],
  ['a path with a doubled slash', ai, at(git('https://git.corp.com//ai//skills.git'))],
  ['a path one segment deeper', ai, at(git('https://git.corp.com/ai/team/skills.git')), no],
  ['a path one segment shorter', ai, at(git('https://git.corp.com/ai')), no],
  ['a path beside it', ai, at(git('https://git.corp.com/ai-evil/skills.git')), no],
  ['a path that climbs out', ai, at(git('https://git.corp.com/ai/../evil/skills.git')), no],
  ['a path that climbs out, encoded', ai, at(git('https://git.corp.com/ai/%2e%2e/evil/x.git')), no],
  ['a path that climbs out behind an encoded slash', ai, at(git('https://git.corp.com/ai/..%2fevil')), no],
  ['a path with an encoded letter', ai, at(git('https://git.corp.com/%61i/skills.git'))],
  ['git+https is https', ai, at(git('git+https://git.corp.com/ai/skills.git'))],
  ['git over ssh is another origin', ai, at(git('ssh://git@git.corp.com/ai/skills.git')), no],
  [
    'git over ssh by its own origin',
    allow({ origin: 'ssh://git.corp.com', path: '/ai/*' }),
    at(git('git@git.corp.com:ai/skills.git')),
  ],
  [
    'git over ssh with its default port',
    allow({ origin: 'ssh://git@GIT.corp.com:22' }),
    at(git('ssh://git@git.corp.com/x')),
  ],
  [
    'git over ssh from another host',
    allow({ origin: 'ssh://git.corp.com' }),
    at(git('git@git.corp.com.evil.com:ai/x')),
    no,
  ],
  ['a git repository in a folder', opt, at(git('/opt/registries/skills.git'))],
  ['a git repository by file:', opt, at(git('file:///opt/registries/skills.git'))],
  ['a git repository in another folder', opt, at(git('/srv/skills.git')), no],
  ['an organisation on GitHub', acme, at(github('acme/skills'))],
  ['another organisation on GitHub', acme, at(github('acme-evil/skills')), no],
  ['GitHub reached with git', acme, at(git('https://github.com/acme/skills.git'))],
  ['a GitHub of one’s own', acme, at(github('acme/skills', 'ghe.corp.com')), no],
  ['a folder', opt, at(file('/opt/registries/a'))],
  ['a folder with dots in its path', opt, at(file('/opt/registries/../registries/a'))],
  ['a folder that climbs out', opt, at(file('/opt/registries/../../home/me')), no],
  ['a folder below it', opt, at(file('/opt/registries/a/b')), no],
  ['the folder above', opt, at(file('/opt/registries')), no],
  ['a folder on Windows, whatever its case', allow({ file: 'C:\\Registries\\*' }), at(file('c:/registries/a'))],
  ['a share on Windows is no local folder', allow({ file: '/srv/share/*' }), at(file('\\\\srv\\share\\x')), no],
  ['a web address when only folders are listed', opt, at('https://git.corp.com/opt/registries/a'), no],
  ['an npm scope', allow({ npm: '@acme/*' }), at(npm('@acme/skills'))],
  ['an npm scope by its name alone', allow({ npm: '@acme' }), at(npm('@acme/skills'))],
  ['another npm scope', allow({ npm: '@acme/*' }), at(npm('@acme-evil/skills')), no],
  ['an npm package without scope', allow({ npm: '@acme/*' }), at(npm('acme')), no],
  ['any npm package', allow({ npm: '*' }), at(npm('@any/thing'))],
  [
    'an npm scope from the public registry',
    allow({ npm: '@acme/*' }),
    at(npm('@acme/x', 'https://registry.npmjs.org/')),
  ],
  ['an npm scope from an unlisted registry', allow({ npm: '@acme/*' }), at(npm('@acme/x', 'https://npm.evil.com')), no],
  [
    'an npm scope from a listed registry',
    allow({ npm: '@acme/*' }, { origin: 'https://npm.corp.com' }),
    at(npm('@acme/x', 'https://npm.corp.com/')),
  ],
  ['a denied place', evil, at('https://evil.com/bad/x'), no],
  ['below a denied place', evil, at('https://evil.com/bad/x/y/z'), no],
  ['beside a denied place', evil, at('https://evil.com/good/x')],
  ['a denied place in capitals', evil, at('https://EVIL.com/BAD/x'), no],
  ['a denied place with an encoded letter', evil, at('https://evil.com/%62ad/x'), no],
  ['a denied place with an encoded slash', evil, at('https://evil.com/bad%2fx'), no],
  ['a denied place with a doubled slash', evil, at('https://evil.com//bad/x'), no],
  ['a denied place with a dot behind its host', evil, at('https://evil.com./bad/x'), no],
  ['a denied place that is also listed', [reg, deny({ origin: 'https://reg.corp' })], at('https://reg.corp'), no],
  [
    'a denied repository with .git behind it',
    deny({ origin: 'https://github.com', path: '/evil/x' }),
    at(git('https://github.com/evil/x.git')),
    no,
  ],
  ['a denied folder', deny({ file: '/srv/bad' }), at(file('/srv/bad/x')), no],
  ['a link to a denied folder', deny({ file: '/srv/bad' }), at(file('/home/me/nice'), { real: '/srv/bad/x' }), no],
  ['a denied npm package', deny({ npm: '@evil/*' }), at(npm('@evil/x')), no],
  [
    'a denied host that serves npm packages',
    deny({ origin: 'https://npm.evil.com' }),
    at(npm('x', 'https://npm.evil.com')),
    no,
  ],
  ['no URL at all, where something is denied', deny({ origin: 'https://evil.com' }), at('evil'), no],
  ['two lists, in both', [reg, allow({ origin: 'https://reg.corp', path: '/a' })], at('https://reg.corp/a')],
  ['two lists, only in the first', [reg, allow({ origin: 'https://other.corp' })], at('https://reg.corp'), no],
  ['two lists, only in the second', [reg, allow({ origin: 'https://other.corp' })], at('https://other.corp'), no],
  ['an empty list below another (hostile P04)', [reg, allow()], at('https://evil.com'), no],
  ['verified where that is required', require({ verified: true }), at('https://reg.corp', { verified: true })],
  ['not verified', require({ verified: true }), at('https://reg.corp'), no],
  [
    'verified by its own word',
    require({ verified: true }),
    at('https://reg.corp', { verified: true, author: 'network' }),
    no,
  ],
  [
    'not verified, where a later policy does not care (hostile P04)',
    [require({ verified: true }), require({ verified: false })],
    at('https://reg.corp'),
    no,
  ],
  ['a checksum where that is required', require({ checksum: true }), at('https://reg.corp', { checksum: true })],
  ['no checksum', require({ checksum: true }), at('https://reg.corp', { verified: true }), no],
  [
    'unsigned (hostile S01)',
    require({ signature: [{ registry: 'r', keys: [keyA] }] }),
    at('https://reg.corp'),
    'E_SIG_MISSING',
  ],
  [
    'signed by nobody (hostile S01)',
    require({ signature: [{ registry: 'r', keys: [keyA] }] }),
    at('https://reg.corp', { signature: signedBy() }),
    'E_SIG_MISSING',
  ],
  [
    'signed by a stranger (hostile S03)',
    require({ signature: [{ registry: 'r', keys: [keyA] }] }),
    at('https://reg.corp', { signature: signedBy(keyB) }),
    'E_SIG_KEY',
  ],
  [
    'signed',
    require({ signature: [{ registry: 'r', keys: [keyA, keyB] }] }),
    at('https://reg.corp', { signature: signedBy(keyB) }),
  ],
  [
    'not asked yet',
    require({ signature: [{ registry: 'r', keys: [keyA] }] }),
    at('https://reg.corp', { signature: 'pending' }),
  ],
  [
    'one signature of two (hostile S03)',
    require({ signature: [{ registry: '*', keys: [keyA, keyB], threshold: 2 }] }),
    at('https://reg.corp', { signature: signedBy(keyA, keyA) }),
    'E_SIG_KEY',
  ],
  [
    'two signatures of two',
    require({ signature: [{ registry: '*', keys: [keyA, keyB], threshold: 2 }] }),
    at('https://reg.corp', { signature: signedBy(keyA, keyB) }),
  ],
  [
    'unsigned under another name, where the rule names the location',
    require({ signature: [{ registry: 'https://reg.corp', keys: [keyA] }] }),
    at('https://REG.corp/'),
    'E_SIG_MISSING',
  ],
  [
    'unsigned, where the rule is for another registry',
    require({ signature: [{ registry: 'corp', keys: [keyA] }] }),
    at('https://reg.corp'),
  ],
]

export const registryAttempts: readonly RegistryAttempt[] = registryRows.map(([says, rules, registry, refused]) => ({
  says,
  rules: Array.isArray(rules) ? (rules as readonly Rules[]) : [rules as Rules],
  registry,
  ...(refused !== undefined && { refused }),
}))
