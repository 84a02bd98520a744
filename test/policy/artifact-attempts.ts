import type { ErrorCode } from '../../src/model/errors.js'
import type { Ref } from '../../src/model/kinds.js'
import type { ArtifactFacts } from '../../src/policy/facts.js'
import { at, bytesA, bytesB, harmless, type Rules } from './made.js'

/** One attempt to have an artifact under one policy: `refused` is the code, absent where it passes. */
export interface ArtifactAttempt {
  says: string
  rules: readonly Rules[]
  ref: Ref
  facts?: Partial<ArtifactFacts>
  refused?: ErrorCode
}

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
  [
    'from a registry that is not listed',
    { registries: { allow: [{ origin: 'https://other.corp' }] } },
    'skill/x',
    {},
    'E_POLICY_REGISTRY',
  ],
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
  ['an empty list below one that has it (hostile P04)', [only('skill/*'), only()], 'skill/x', {}, deniedCode],
  ['a list that would allow more (hostile P04)', [only('skill/*'), only('*')], 'hook/x', {}, deniedCode],
  ['of a denied kind', hooks, 'hook/x', {}, deniedCode],
  ['of a denied kind, with a namespace in its name', hooks, 'hook/acme/x', {}, deniedCode],
  ['of another kind than the denied', hooks, 'skill/x'],
  ['denied, and allowed by a later policy (hostile P04)', [hooks, only('hook/*')], 'hook/x', {}, deniedCode],
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
  [
    'a skill with a hook in its head, where hooks are denied',
    hooks,
    'skill/x',
    holds({ surface: ['hook: PreToolUse: ./x.sh'] }),
    deniedCode,
  ],
  [
    'a skill with a hook in its head, where only skills are allowed',
    only('skill/*'),
    'skill/x',
    holds({ surface: ['hook: Stop: ./x.sh'] }),
    deniedCode,
  ],
  [
    'a skill with a server in its head, where hooks are denied',
    hooks,
    'skill/x',
    holds({ surface: ['mcp: db: npx db'] }),
  ],
  [
    'a skill with a head that cannot be read, where hooks are denied',
    hooks,
    'skill/x',
    holds({ surface: ['head: SKILL.md (sha256 0)'] }),
    deniedCode,
  ],
  [
    'a plugin with a server in its manifest, where servers are denied',
    never('mcp/*'),
    'plugin/p',
    { ...holds({ surface: ['mcp: db: npx db'] }), contains: [] },
    deniedCode,
  ],
  [
    'a hook that its id allows',
    only('com.acme.*'),
    'hook/x',
    { id: 'com.acme.x', ...holds({ surface: ['hook: Stop: ./x.sh'] }) },
  ],
  ['a plugin that nobody looked into, where something is denied', never('skill/evil'), 'plugin/p', {}, deniedCode],
  ['a plugin that nobody looked into, where only plugins are allowed', only('plugin/*'), 'plugin/p', {}, deniedCode],
  ['a bundle of nothing, where only bundles are allowed', only('bundle/*'), 'bundle/b'],
  [
    'a bundle, which has no content to judge',
    content({ licenses: [], executables: 'deny', minimumAgeHours: 9999 }),
    'bundle/b',
  ],
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
  ['hidden characters, which policy allows', content({ hiddenUnicode: 'allow' }), 'skill/x', holds({ hidden: ['a'] })],
  [
    'hidden characters, which a later policy does not mind (hostile P04)',
    [content({ hiddenUnicode: 'deny' }), content({ hiddenUnicode: 'allow' })],
    'skill/x',
    holds({ hidden: ['a'] }),
    contentCode,
  ],
  [
    'something that runs',
    content({ executables: 'deny' }),
    'skill/x',
    holds({ surface: ['script: run.sh'] }),
    contentCode,
  ],
  ['nothing that runs', content({ executables: 'deny' }), 'skill/x'],
  [
    'something that runs and may be approved',
    content({ executables: 'approve' }),
    'skill/x',
    holds({ surface: ['script: run.sh'] }),
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
    'with a larger file than one of two policies lets in (hostile P04)',
    [content({ maxFileBytes: 50 }), content({ maxFileBytes: 500 })],
    'skill/x',
    {},
    contentCode,
  ],
  ['no file may have any byte', content({ maxFileBytes: 0 }), 'skill/x', {}, contentCode],
  ['as large as a whole may be', content({ maxArtifactBytes: 200 }), 'skill/x'],
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
