import type { ErrorCode } from '../../src/model/errors.js'
import type { Ref } from '../../src/model/kinds.js'
import type { Locator } from '../../src/model/registry.js'
import type { ArtifactFacts, RegistryFacts } from '../../src/policy/decide.js'
import { at, bytesA, bytesB, harmless, type Rules } from './made.js'

/** One attempt under one policy: `refused` is the code, absent where it passes. */
export interface RegistryAttempt {
  says: string
  rules: readonly Rules[]
  registry: RegistryFacts
  refused?: ErrorCode
}

export interface ArtifactAttempt {
  says: string
  rules: readonly Rules[]
  ref: Ref
  facts?: Partial<ArtifactFacts>
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
  ['[C07] the origin itself', reg, at('https://reg.corp')],
  ['[C07] the origin in capitals with its default port', reg, at('https://REG.corp:443/')],
  ['[C07] any path at an origin without one', reg, at('https://reg.corp/a/b/c')],
  ['[C07] the origin as the beginning of another host', reg, at('https://reg.corp.evil.com'), no],
  ['[C07] the origin as a user name', reg, at('https://reg.corp@evil.com'), no],
  ['[C07] the origin as a user name and password', reg, at('https://reg.corp:443@evil.com'), no],
  ['[C07] the origin with an encoded slash as a user name', reg, at('https://reg.corp%2f@evil.com'), no],
  ['[C07] the origin with an encoded slash as a host', reg, at('https://reg.corp%2f.evil.com'), no],
  ['[C07] backslashes instead of slashes', reg, at('https:\\\\evil.com'), no],
  ['[C07] backslashes that lead to the origin', reg, at('https:\\\\reg.corp')],
  ['[C07] a backslash behind the origin', reg, at('https://evil.com\\@reg.corp'), no],
  ['[C07] another port', reg, at('https://reg.corp:8443'), no],
  ['[C07] another scheme', reg, at('http://reg.corp'), no],
  ['[C07] a subdomain', reg, at('https://sub.reg.corp'), no],
  ['[C07] the end of another host', reg, at('https://evilreg.corp'), no],
  ['[C07] a host with a dot at its end', reg, at('https://reg.corp./'), no],
  ['[C07] a letter that looks alike', reg, at('https://rеg.corp'), no],
  ['[C07] a full-width letter, which WHATWG makes the same', reg, at('https://ｒeg.corp')],
  ['[C07] a tab inside, which WHATWG takes away', reg, at('https://reg\t.corp')],
  ['[C07] no URL at all', reg, at('reg.corp'), no],
  ['[C07] the origin in the query', reg, at('https://evil.com/?https://reg.corp'), no],
  ['[P01] a registry that is not listed', allow({ origin: 'https://git.corp.com' }), at('https://hub.example'), no],
  ['[P01] an empty list as the only one', allow(), at('https://git.corp.com'), no],
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
  ['[P04] an empty list below another', [reg, allow()], at('https://evil.com'), no],
  ['verified where that is required', require({ verified: true }), at('https://reg.corp', { verified: true })],
  ['not verified', require({ verified: true }), at('https://reg.corp'), no],
  [
    'verified by its own word',
    require({ verified: true }),
    at('https://reg.corp', { verified: true, author: 'network' }),
    no,
  ],
  [
    '[P04] not verified, where a later policy does not care',
    [require({ verified: true }), require({ verified: false })],
    at('https://reg.corp'),
    no,
  ],
  ['a checksum where that is required', require({ checksum: true }), at('https://reg.corp', { checksum: true })],
  ['no checksum', require({ checksum: true }), at('https://reg.corp', { verified: true }), no],
  [
    '[S01] unsigned',
    require({ signature: [{ registry: 'r', keys: ['k1'] }] }),
    at('https://reg.corp'),
    'E_SIG_MISSING',
  ],
  [
    '[S01] signed by nobody',
    require({ signature: [{ registry: 'r', keys: ['k1'] }] }),
    at('https://reg.corp', { signature: { keys: [] } }),
    'E_SIG_MISSING',
  ],
  [
    '[S03] signed by a stranger',
    require({ signature: [{ registry: 'r', keys: ['k1'] }] }),
    at('https://reg.corp', { signature: { keys: ['k2'] } }),
    'E_SIG_KEY',
  ],
  [
    'signed',
    require({ signature: [{ registry: 'r', keys: ['k1', 'k2'] }] }),
    at('https://reg.corp', { signature: { keys: ['k2'] } }),
  ],
  [
    'not asked yet',
    require({ signature: [{ registry: 'r', keys: ['k1'] }] }),
    at('https://reg.corp', { signature: 'pending' }),
  ],
  [
    '[S03] one signature of two',
    require({ signature: [{ registry: '*', keys: ['k1', 'k2'], threshold: 2 }] }),
    at('https://reg.corp', { signature: { keys: ['k1', 'k1'] } }),
    'E_SIG_KEY',
  ],
  [
    'two signatures of two',
    require({ signature: [{ registry: '*', keys: ['k1', 'k2'], threshold: 2 }] }),
    at('https://reg.corp', { signature: { keys: ['k1', 'k2'] } }),
  ],
  [
    'unsigned under another name, where the rule names the location',
    require({ signature: [{ registry: 'https://reg.corp', keys: ['k1'] }] }),
    at('https://REG.corp/'),
    'E_SIG_MISSING',
  ],
  [
    'unsigned, where the rule is for another registry',
    require({ signature: [{ registry: 'corp', keys: ['k1'] }] }),
    at('https://reg.corp'),
  ],
]

export const registryAttempts: readonly RegistryAttempt[] = registryRows.map(([says, rules, registry, refused]) => ({
  says,
  rules: Array.isArray(rules) ? (rules as readonly Rules[]) : [rules as Rules],
  registry,
  ...(refused !== undefined && { refused }),
}))

const artifacts = (rules: object): Rules => ({ artifacts: rules })
const only = (...list: readonly unknown[]) => artifacts({ allow: list })
const never = (...list: readonly unknown[]) => artifacts({ deny: list })
const pinned = (pins: object) => artifacts({ pinned: pins })
const content = (rules: object): Rules => ({ content: rules })
const holds = (more: object): Partial<ArtifactFacts> => ({ content: { ...harmless, ...more } })
const bound = (match: string, registry: string): Rules => ({ namespaces: [{ match, registry }] })
const corpSkills = 'https://git.corp.com/ai/skills.git'
const hooks = never({ match: 'hook/*', reason: 'hooks are reviewed by security' })

type ArtifactRow = [
  says: string,
  rules: Rules | readonly Rules[],
  ref: Ref,
  facts?: Partial<ArtifactFacts>,
  refused?: ErrorCode,
]

const deniedCode = 'E_POLICY_ARTIFACT'
const pinCode = 'E_POLICY_PINNED'
const nameCode = 'E_POLICY_NAMESPACE'
const contentCode = 'E_POLICY_CONTENT'
const targetCode = 'E_POLICY_TARGET'

const artifactRows: readonly ArtifactRow[] = [
  ['no policy at all', {}, 'hook/x'],
  ['from a registry that is not listed', allow({ origin: 'https://other.corp' }), 'skill/x', {}, no],
  ['of an allowed kind', only('skill/*'), 'skill/x'],
  ['of another kind', only('skill/*'), 'hook/x', {}, deniedCode],
  ['of an allowed kind by its folder’s word', only('skills/*'), 'skill/x'],
  ['with a namespace in its name, of an allowed kind', only('skill/*'), 'skill/acme/x'],
  ['allowed by name', only('skill/review-code'), 'skill/review-code'],
  ['allowed by a name in other letters', only('skill/review-code'), 'skill/Review-Code', {}, deniedCode],
  ['allowed by a part of its name', only('skill/acme-*'), 'skill/acme-x'],
  ['allowed by a part of its name that is at another end', only('skill/acme-*'), 'skill/x-acme-', {}, deniedCode],
  ['allowed by its bare name', only('review'), 'agent/review'],
  ['allowed by its id', only('com.acme.*'), 'tool/x', { id: 'com.acme.sub.x' }],
  ['allowed by its bytes', only(bytesA), 'tool/x'],
  ['other bytes than those that are allowed', only(bytesB), 'tool/x', {}, deniedCode],
  ['nothing is allowed', only(), 'skill/x', {}, deniedCode],
  ['everything is allowed', only('*'), 'skill/acme/x'],
  ['in the first list only', [only('skill/*'), only('skill/acme-*')], 'skill/x', {}, deniedCode],
  ['in both lists', [only('skill/*'), only('skill/acme-*')], 'skill/acme-x'],
  ['[P04] an empty list below one that has it', [only('skill/*'), only()], 'skill/x', {}, deniedCode],
  ['[P04] a list that would allow more', [only('skill/*'), only('*')], 'hook/x', {}, deniedCode],
  ['of a denied kind', hooks, 'hook/x', {}, deniedCode],
  ['of a denied kind, with a namespace in its name', hooks, 'hook/acme/x', {}, deniedCode],
  ['of another kind than the denied', hooks, 'skill/x'],
  ['[P04] denied, and allowed by a later policy', [hooks, only('hook/*')], 'hook/x', {}, deniedCode],
  ['denied in other letters', never('skill/evil'), 'skill/EVIL', {}, deniedCode],
  ['denied in another Unicode form', never('skill/caf\u00e9'), 'skill/cafe\u0301', {}, deniedCode],
  ['denied by its id, under another name', never('com.evil.tool'), 'tool/nice', { id: 'com.evil.tool' }, deniedCode],
  ['denied by kind and id', never('tool/com.evil.tool'), 'tool/nice', { id: 'com.evil.tool' }, deniedCode],
  ['denied by its bytes, under another name', never(bytesA), 'skill/nice', {}, deniedCode],
  ['denied by what its registry calls it', never('skill/evil'), 'skill/nice', { also: ['skill/evil'] }, deniedCode],
  ['denied by a name it had', never('skill/evil'), 'skill/nice', { formerly: ['skill/evil'] }, deniedCode],
  ['a plugin with a denied hook inside', hooks, 'plugin/nice', { contains: ['skill/a', 'hook/evil'] }, deniedCode],
  [
    'a bundle with a denied skill',
    never('skill/evil'),
    'bundle/all',
    { contains: ['skill/a', 'skill/evil'] },
    deniedCode,
  ],
  ['a plugin without anything denied', hooks, 'plugin/nice', { contains: ['skill/a', 'agent/b'] }],
  [
    'a plugin with a hook that no list has',
    only('plugin/*', 'skill/*'),
    'plugin/nice',
    { contains: ['hook/x'] },
    deniedCode,
  ],
  ['a plugin with allowed things inside', only('plugin/*', 'skill/*'), 'plugin/nice', { contains: ['skill/x'] }],
  ['a plugin that the list names exactly', only('plugin/nice'), 'plugin/nice', { contains: ['hook/x'] }],
  [
    'a plugin that the list names exactly, with something denied',
    [only('plugin/nice'), hooks],
    'plugin/nice',
    { contains: ['hook/x'] },
    deniedCode,
  ],
  ['renamed to an allowed name', only('skill/acme-*'), 'skill/acme-x', { also: ['skill/evil'] }, deniedCode],
  ['renamed, both names allowed', only('skill/*'), 'skill/mine', { also: ['skill/theirs'] }],
  ['the pinned version', pinned({ 'skill/x': '1.0.0' }), 'skill/x'],
  ['another version than the pinned', pinned({ 'skill/x': '1.2.3' }), 'skill/x', {}, pinCode],
  ['a newer version than the pinned', pinned({ 'skill/x': '1.0.0' }), 'skill/x', { version: '1.0.1' }, pinCode],
  ['the pinned bytes', pinned({ 'skill/x': bytesA }), 'skill/x', { version: '9.9.9' }],
  ['other bytes than the pinned under the same version', pinned({ 'skill/x': bytesB }), 'skill/x', {}, pinCode],
  ['a label that is no version', pinned({ 'skill/x': 'autumn' }), 'skill/x', { version: 'autumn' }],
  ['another label', pinned({ 'skill/x': 'autumn' }), 'skill/x', { version: 'winter' }, pinCode],
  ['pinned under the name it had', pinned({ 'skill/x': '2.0.0' }), 'skill/y', { also: ['skill/x'] }, pinCode],
  ['pinned in other letters', pinned({ 'skill/x': '2.0.0' }), 'skill/X', {}, pinCode],
  [
    'pinned differently by two policies',
    [pinned({ 'skill/x': '1.0.0' }), pinned({ 'skill/x': '2.0.0' })],
    'skill/x',
    {},
    pinCode,
  ],
  ['a pin for something else', pinned({ 'skill/y': '2.0.0' }), 'skill/x'],
  ['a bound name from its registry', bound('acme-*', corpSkills), 'skill/acme-x'],
  ['a bound name from its registry without .git', bound('acme-*', 'https://git.corp.com/ai/skills'), 'skill/acme-x'],
  [
    'a bound name from elsewhere',
    bound('acme-*', corpSkills),
    'skill/acme-x',
    { registry: at('https://hub.example') },
    nameCode,
  ],
  [
    'a bound name from elsewhere in other letters',
    bound('acme-*', corpSkills),
    'skill/ACME-x',
    { registry: at('https://hub.example') },
    nameCode,
  ],
  [
    'a bound name from elsewhere, renamed',
    bound('acme-*', corpSkills),
    'skill/x',
    { also: ['skill/acme-x'], registry: at('https://hub.example') },
    nameCode,
  ],
  [
    'a bound name from beside its registry',
    bound('acme-*', corpSkills),
    'skill/acme-x',
    { registry: at({ via: 'git', url: 'https://git.corp.com/ai/other.git' }) },
    nameCode,
  ],
  [
    'a bound name from a registry that has the same name',
    bound('acme-*', corpSkills),
    'skill/acme-x',
    { registry: at('https://hub.example', { name: 'corp' }) },
    nameCode,
  ],
  [
    'a bound name of any kind',
    bound('acme-*', corpSkills),
    'hook/acme-x',
    { registry: at('https://hub.example') },
    nameCode,
  ],
  [
    'a bound name of another kind',
    bound('skill/acme-*', corpSkills),
    'hook/acme-x',
    { registry: at('https://hub.example') },
  ],
  ['a free name from elsewhere', bound('acme-*', corpSkills), 'skill/x', { registry: at('https://hub.example') }],
  [
    'a bound id from elsewhere',
    bound('com.acme.*', corpSkills),
    'tool/x',
    { id: 'com.acme.x', registry: at('https://hub.example') },
    nameCode,
  ],
  [
    'a name bound to a folder',
    bound('acme-*', '/opt/registries/a'),
    'skill/acme-x',
    { registry: at({ via: 'file', path: '/opt/registries/a' }) },
  ],
  [
    'a name bound to a folder, from another',
    bound('acme-*', '/opt/registries/a'),
    'skill/acme-x',
    { registry: at({ via: 'file', path: '/opt/registries/b' }) },
    nameCode,
  ],
  [
    'a name bound to an npm package',
    bound('acme-*', 'npm:@acme/skills'),
    'skill/acme-x',
    { registry: at({ via: 'npm', name: '@acme/skills' }) },
  ],
  [
    'a name bound to GitHub',
    bound('acme-*', 'acme/skills'),
    'skill/acme-x',
    { registry: at({ via: 'github', host: 'github.com', repo: 'acme/skills' }) },
  ],
  [
    'hidden characters',
    content({ hiddenUnicode: 'deny' }),
    'skill/x',
    holds({ hidden: ['SKILL.md:3 U+202E'] }),
    contentCode,
  ],
  ['no hidden characters', content({ hiddenUnicode: 'deny' }), 'skill/x'],
  [
    '[P04] hidden characters, which a later policy does not mind',
    [content({ hiddenUnicode: 'deny' }), content({ hiddenUnicode: 'allow' })],
    'skill/x',
    holds({ hidden: ['a'] }),
    contentCode,
  ],
  [
    'something that runs',
    content({ executables: 'deny' }),
    'skill/x',
    holds({ surface: ['executable run.sh'] }),
    contentCode,
  ],
  ['nothing that runs', content({ executables: 'deny' }), 'skill/x'],
  [
    'something that runs and may be approved',
    content({ executables: 'approve' }),
    'skill/x',
    holds({ surface: ['executable run.sh'] }),
  ],
  ['an allowed licence', content({ licenses: ['Apache-2.0', 'MIT'] }), 'skill/x'],
  ['another licence', content({ licenses: ['Apache-2.0'] }), 'skill/x', {}, contentCode],
  [
    'no licence',
    content({ licenses: ['MIT'] }),
    'skill/x',
    { content: { surface: [], hidden: [], largest: { path: '', bytes: 0 }, bytes: 0 } },
    contentCode,
  ],
  [
    'a choice of licences, one of them allowed',
    content({ licenses: ['MIT'] }),
    'skill/x',
    holds({ licence: 'GPL-3.0 OR MIT' }),
  ],
  [
    'two licences at once, one of them allowed',
    content({ licenses: ['MIT'] }),
    'skill/x',
    holds({ licence: 'GPL-3.0 AND MIT' }),
    contentCode,
  ],
  ['no licence is allowed', content({ licenses: [] }), 'skill/x', {}, contentCode],
  ['old enough', content({ minimumAgeHours: 72 }), 'skill/x', holds({ ageHours: 72 })],
  ['too young', content({ minimumAgeHours: 72 }), 'skill/x', holds({ ageHours: 71.9 }), contentCode],
  ['from the future', content({ minimumAgeHours: 1 }), 'skill/x', holds({ ageHours: -5 }), contentCode],
  [
    'of unknown age',
    content({ minimumAgeHours: 1 }),
    'skill/x',
    { content: { surface: [], hidden: [], largest: { path: '', bytes: 0 }, bytes: 0 } },
    contentCode,
  ],
  ['as large as a file may be', content({ maxFileBytes: 100 }), 'skill/x'],
  ['with a larger file', content({ maxFileBytes: 99 }), 'skill/x', {}, contentCode],
  [
    '[P04] with a larger file than one of two policies lets in',
    [content({ maxFileBytes: 50 }), content({ maxFileBytes: 500 })],
    'skill/x',
    {},
    contentCode,
  ],
  ['no file may have any byte', content({ maxFileBytes: 0 }), 'skill/x', {}, contentCode],
  ['larger as a whole', content({ maxArtifactBytes: 199 }), 'skill/x', {}, contentCode],
  ['in an allowed tool', { targets: { allow: ['claude'] } }, 'skill/x', { targets: ['claude'] }],
  ['in another tool', { targets: { allow: ['claude'] } }, 'skill/x', { targets: ['claude', 'cursor'] }, targetCode],
  ['in no tool', { targets: { allow: [] } }, 'skill/x', { targets: [] }],
  ['in any tool, where none is allowed', { targets: { allow: [] } }, 'skill/x', { targets: ['claude'] }, targetCode],
]

export const artifactAttempts: readonly ArtifactAttempt[] = artifactRows.map(([says, rules, ref, facts, refused]) => ({
  says,
  rules: Array.isArray(rules) ? (rules as readonly Rules[]) : [rules as Rules],
  ref,
  ...(facts !== undefined && { facts }),
  ...(refused !== undefined && { refused }),
}))
